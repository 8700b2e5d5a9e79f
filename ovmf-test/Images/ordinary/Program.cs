using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;

namespace NetBoot.OvmfTest.Images.ordinary;

/// <summary>Does what its first argument says, by .NET's names alone; what Main returns is the status that the shell shows.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        Console.WriteLine($"ordinary: {args.Length} arguments: {string.Join('|', args)}");
        switch (args.Length == 0 ? "" : args[0])
        {
            case "cases":
                return PrintCases();
            case "talk":
                Talk();
                return 0;
            case "files":
                ReadFiles();
                return 0;
            case "missing":
                return File.ReadAllBytes("nothing.txt").Length;
            case "clock":
                ReadClocks();
                return 0;
            case "exit":
                ExitFromWithin(new List<string>(), int.Parse(args[1]));
                return 1;
            default:
                return -1;
        }
    }

    private static int PrintCases()
    {
        int number = 0;
        foreach (string line in Cases.Run().Lines)
        {
            Console.WriteLine($"case {number++} {line}");
        }

        Console.WriteLine("ordinary: {0} cases", number);
        return 3;
    }

    private static void Talk()
    {
        Console.Write("name? ");
        string name = Console.ReadLine();
        Console.WriteLine($"hello, {name} ({name.Length})");
        Console.Write("key? ");
        ConsoleKeyInfo key = Console.ReadKey(true);
        Console.WriteLine($"'{key.KeyChar}' {(int)key.Key} {(int)key.Modifiers} {Console.KeyAvailable}");
        Console.Write("arrow? ");
        key = Console.ReadKey(true);
        Console.WriteLine($"{(int)key.KeyChar} {key.Key == ConsoleKey.UpArrow}");
        ConsoleColor before = Console.ForegroundColor;
        Console.ForegroundColor = ConsoleColor.Red;
        Console.BackgroundColor = ConsoleColor.Blue;
        Console.WriteLine("red on blue");
        bool isRed = Console.ForegroundColor == ConsoleColor.Red && Console.BackgroundColor == ConsoleColor.DarkBlue;
        Console.ResetColor();
        Console.WriteLine($"colours: {isRed} {Console.ForegroundColor == before}");
        Console.Clear();
        bool isHome = Console.GetCursorPosition() == (0, 0);
        Console.SetCursorPosition(10, 3);
        Console.Write("ab");
        isHome &= Console.CursorLeft == 12 && Console.CursorTop == 3;
        Console.CursorLeft = 0;
        Console.WriteLine($"\r\nscreen: {isHome} {Console.WindowWidth >= 80 && Console.WindowHeight >= 25} {Console.CursorLeft == 0}");
    }

    private static void ReadFiles()
    {
        Console.WriteLine($"exist: {File.Exists("hello.txt")} {File.Exists("/folder/lines.txt")} {File.Exists("nothing.txt")} {File.Exists("folder")} {File.Exists(null)}");
        Console.WriteLine($"{File.ReadAllBytes("\\hello.txt").Length} bytes: {File.ReadAllText("hello.txt")}|");
        foreach (string line in File.ReadAllLines("folder/lines.txt"))
        {
            Console.WriteLine($"line: {line}");
        }
    }

    private static void ReadClocks()
    {
        long ticks = Environment.TickCount64;
        Stopwatch watch = Stopwatch.StartNew();
        Thread.Sleep(50);
        watch.Stop();
        Console.WriteLine($"slept: {watch.ElapsedMilliseconds >= 49 && watch.Elapsed > TimeSpan.FromMilliseconds(49L)} {Environment.TickCount64 - ticks >= 49}");
        Console.WriteLine($"now: {DateTime.UtcNow:yyyy-MM-dd HH:mm:ss} UTC");
    }

    private static void ExitFromWithin(List<string> garbage, int depth)
    {
        garbage.Add($"at {depth}");
        if (garbage.Count > depth)
        {
            Environment.Exit(depth);
        }

        ExitFromWithin(garbage, depth);
        Console.WriteLine("ordinary: it goes on");
    }
}
