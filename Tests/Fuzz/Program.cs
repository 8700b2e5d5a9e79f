using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using NetBoot.Tests.Fuzz.Engine;
using SharpFuzz;
using Trace = SharpFuzz.Common.Trace;

namespace NetBoot.Tests.Fuzz;

/// <summary>
/// What <c>./netboot fuzz</c> starts, each time in a process of its own. It answers in lines of fields that tabulators separate; the first is
/// what the line is.
/// </summary>
internal static class Program
{
    /// <summary>Deep recursion is a finding here as it is in firmware, whose stack may have 128 KiB (UEFI 2.10, 2.3.4).</summary>
    private const int StackSize = 512 << 10;

    /// <summary>Of each target, in bytes: what a reader of a change can take in.</summary>
    private const int CorpusSize = 8 << 10;

    public static int Main(string[] arguments)
    {
        _ = new Coverage(); // Instrumented code counts from its first line on,
        Trace.OnBranch = (_, _) => { }; // and may name what it counts.
        int result = 0;
        Thread thread = new(() => result = Run(arguments), StackSize);
        thread.Start();
        thread.Join();
        return result;
    }

    private static int Run(string[] arguments)
    {
        switch (arguments)
        {
            case ["list"]:
                FuzzTargets.All.ToList().ForEach(each => Console.WriteLine($"{each.Name}\t{each.Subject}"));
                return 0;
            case ["instrument", string folder]:
                Instrument(folder);
                return 0;
            case ["instrument", string folder, "branches"]:
                Environment.SetEnvironmentVariable("SHARPFUZZ_ENABLE_ON_BRANCH_CALLBACK", "1"); // Read when the options are first asked for.
                Instrument(folder);
                return 0;
            case ["coverage", string name, .. string[] folders]:
                Measure(Find(name), folders);
                return 0;
            case ["fuzz", string name, string corpus, string folder, string findings, string seconds]:
                Fuzz(Find(name), corpus, folder, findings, double.Parse(seconds, CultureInfo.InvariantCulture));
                return 0;
            case ["afl", string name]:
                ServeAfl(Find(name));
                return 0;
            case ["minimize", string name, string corpus, .. string[] others]:
                Minimize(Find(name), corpus, others);
                return 0;
            case ["replay", string name, .. string[] files]:
                foreach (string file in files)
                {
                    Find(name).Run(File.ReadAllBytes(file));
                }

                return 0;
            default:
                return 2;
        }
    }

    private static FuzzTarget Find(string name) => FuzzTargets.All.Single(each => each.Name == name);

    /// <summary>Puts SharpFuzz's counting into the product's assemblies; models and tests stay as they are.</summary>
    private static void Instrument(string folder)
    {
        foreach (string file in ProductIn(folder))
        {
            Fuzzer.Instrument(file, _ => true, Options.Value);
        }
    }

    private static IEnumerable<string> ProductIn(string folder) =>
        Directory.GetFiles(folder, "NetBoot.*.dll").Order(StringComparer.Ordinal)
            .Where(file => Path.GetFileName(file).Split('.')[1] is "Uefi" or "BusDrivers" or "NicDrivers" or "NetworkStack" or "Boot");

    /// <summary>Runs all that is in the folders: a line for each class that it reaches, with how many of how many branches it takes.</summary>
    private static void Measure(FuzzTarget target, string[] folders)
    {
        BranchCoverage coverage = new();
        FuzzLoop loop = new(target, new Random(1)) { Running = _ => { }, Keeping = _ => { }, Found = (_, _) => { } };
        loop.Load(folders.SelectMany(Inputs));
        foreach (BranchCoverage.Count each in coverage.Measure(ProductIn(AppContext.BaseDirectory)))
        {
            Console.WriteLine($"class\t{each.Class}\t{each.Taken}\t{each.All}");
        }
    }

    /// <summary>The loop of our own: its lines are the status each second, and findings.</summary>
    private static void Fuzz(FuzzTarget target, string corpus, string folder, string findings, double seconds)
    {
        string queue = Directory.CreateDirectory(Path.Combine(folder, "queue")).FullName;
        using CurrentInput current = new(Path.Combine(folder, "current"), target.MaximumSize);
        FuzzLoop loop = new(target, new Random())
        {
            Running = current.Set,
            Keeping = input => Save(queue, input),
            Found = (input, exception) =>
            {
                string file = Save(findings, input);
                File.WriteAllText(file + ".txt", exception.ToString());
                Console.WriteLine($"finding\t{file}\t{exception.GetType().Name}: {exception.Message.Split('\n')[0]}");
            },
        };
        Stopwatch clock = Stopwatch.StartNew();
        long reported = 0;
        loop.Load([.. Inputs(corpus), .. Inputs(queue), .. target.Seeds]);
        loop.Run(() =>
        {
            long second = clock.ElapsedMilliseconds / 1000;
            if (second != reported)
            {
                reported = second;
                Report(loop);
            }

            return clock.Elapsed.TotalSeconds < seconds;
        });
        Report(loop);
    }

    /// <summary>As AFL's fork server, which asks for one run after the other.</summary>
    private static void ServeAfl(FuzzTarget target)
    {
        byte[] buffer = new byte[1 << 20];
        Fuzzer.Run(stream =>
        {
            int size = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            target.Run(buffer.AsSpan(0, Math.Min(size, target.MaximumSize)));
        });
    }

    private static void Report(FuzzLoop loop) => Console.WriteLine($"status\t{loop.Executions}\t{loop.Pairs}\t{loop.Queue.Count}");

    /// <summary>The corpus becomes a few inputs that bring what it, the others and the seeds bring together, or most of it.</summary>
    private static void Minimize(FuzzTarget target, string corpus, string[] others)
    {
        FuzzLoop loop = new(target, new Random(1)) { Running = _ => { }, Keeping = _ => { }, Found = (_, _) => { } };
        loop.Load([.. others.Prepend(corpus).SelectMany(Inputs).Where(each => each.Length <= target.MaximumSize), .. target.Seeds]);
        if (Directory.Exists(corpus))
        {
            Directory.Delete(corpus, recursive: true);
        }

        Directory.CreateDirectory(corpus);
        loop.Cover(CorpusSize).ToList().ForEach(each => Save(corpus, each));
    }

    private static IEnumerable<byte[]> Inputs(string folder) =>
        Directory.Exists(folder) ? Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];

    private static string Save(string folder, byte[] input)
    {
        string file = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..12]);
        File.WriteAllBytes(file, input);
        return file;
    }
}
