using System;
using System.Collections.Generic;
using static NetBoot.OvmfTest.Images.probe.Image;

namespace NetBoot.OvmfTest.Images.probe;

internal static class CollectionChecks
{
    private static readonly Comparison<int> s_ascending = (a, b) => a - b;

    internal static void Run()
    {
        List<string> list = new();
        for (int i = 0; i < 20; i++)
        {
            list.Add(i.ToString());
        }

        list.RemoveAt(0);
        list.Insert(3, "x");
        Check(list.Count == 20 && list[3] == "x" && list[19] == "19" && list.IndexOf("19") == 19 && list.Remove("5") && !list.Remove("5"), "list");
        string joined = "";
        foreach (string item in list)
        {
            joined += item.Length;
        }

        CheckEqual(joined, "1111111112222222222", "foreach over a list");
        List<int> numbers = [5, 2, 9, 2];
        numbers.Sort(s_ascending);
        Check(numbers[0] == 2 && numbers[3] == 9, "sorting");
        numbers.Clear();
        Check(numbers.Count == 0, "clearing");
        int[] resized = [1, 2];
        Array.Resize(ref resized, 4);
        Check(resized is [1, 2, 0, 0], "resizing an array");
        int sum = 0;
        foreach (int odd in Odd(9))
        {
            sum += odd;
        }

        CheckEqual(sum, 25, "iterator");
        int[][] jagged = [[1], [2, 3]];
        CheckEqual(jagged[1][1], 3, "arrays of arrays");
        Span<(int Key, string Value)> pairs = [(1, "a"), (2, "b")];
        Check(pairs[1].Value == "b", "span of tuples");
    }

    private static IEnumerable<int> Odd(int most)
    {
        for (int i = 1; i <= most; i += 2)
        {
            yield return i;
        }
    }
}
