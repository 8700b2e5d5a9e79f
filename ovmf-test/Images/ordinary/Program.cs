using System;

namespace NetBoot.OvmfTest.Images.ordinary;

/// <summary>Prints what the cases come to, and ends with a status that its arguments say.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        Console.WriteLine($"ordinary: {args.Length} arguments: {string.Join('|', args)}");
        int number = 0;
        foreach (string line in Cases.Run().Lines)
        {
            Console.WriteLine($"case {number++} {line}");
        }

        Console.WriteLine($"ordinary: {number} cases");
        return 3;
    }
}
