using System;
using System.Collections.Generic;
using System.Text;

namespace NetBoot.OvmfTest.Images.ordinary;

internal static class CollectionCases
{
    private static readonly Predicate<int> s_isEven = number => number % 2 == 0;

    internal static void Run(Cases cases)
    {
        Dictionaries(cases);
        SetsQueuesStacks(cases);
        Builders(cases);
        List<int> list = [5, 2, 9, 4];
        list.AddRange(new List<int> { 7, 8 });
        cases.Add($"{list.Find(s_isEven)} {list.FindIndex(s_isEven)} {list.Exists(s_isEven)} {list.RemoveAll(s_isEven)} {string.Join(',', list)}");
        list.Reverse();
        cases.Add(string.Join(',', list));
        list.Sort();
        string[] words = ["pear", "Apple", "fig", "", "apple"];
        Array.Sort(words);
        cases.Add($"{string.Join(',', list)} {string.Join(',', words)} {Array.IndexOf(words, "fig")} {Array.IndexOf(words, "plum")}");
        DayOfWeek[] days = [DayOfWeek.Friday, DayOfWeek.Monday];
        Array.Sort(days);
        Array.Reverse(words);
        Step[] steps = [Step.Forward, Step.Back, Step.Stay];
        Array.Sort(steps);
        cases.Add($"{(int)steps[0]} {(int)steps[1]} {(int)steps[2]}");
        cases.Add($"{(int)days[0]} {words[0]} {Comparer<int?>.Default.Compare(null, 1)} {Comparer<string>.Default.Compare("b", "a") > 0}");
        Point[] points = [new(1, 2), new(1, 2), new(2, 1)];
        cases.Add($"{points[0] == points[1]} {points[0].Equals(points[2])} {points[0].GetHashCode() == points[1].GetHashCode()} {(1, "a") == (1, "a")} {(1, "a").Equals((1, "b"))} {(3, 'x', "y")}");
        cases.Add($"{points[2]} {points[2] with { X = 9 }}");
    }

    private static void Dictionaries(Cases cases)
    {
        Dictionary<string, int> ages = new() { ["ann"] = 30, ["bob"] = 41 };
        ages.Add("cid", 52);
        ages["ann"]++;
        cases.Add($"{ages.Count} {ages["ann"]} {ages.ContainsKey("bob")} {ages.ContainsKey("Bob")} {ages.TryGetValue("dan", out int none)} {none} {ages.TryAdd("bob", 1)} {ages.ContainsValue(52)}");
        cases.Add($"{ages.Remove("bob")} {ages.Remove("bob")} {ages.Count}");
        ages["eve"] = 7;
        foreach ((string name, int age) in ages)
        {
            cases.Add($"{name} is {age}");
        }

        cases.Add(string.Join(' ', ages.Keys) + " " + string.Join(' ', ages.Values) + " " + string.Join(' ', ages));

        // Longer than any first table, with every third removed and some again.
        Dictionary<long, string> numbers = new();
        for (int i = 0; i < 1000; i++)
        {
            numbers[i * 0x1_0000_0001L] = i.ToString();
        }

        for (int i = 0; i < 1000; i += 3)
        {
            numbers.Remove(i * 0x1_0000_0001L);
        }

        for (int i = 0; i < 50; i++)
        {
            numbers.Add(-1 - i, "again " + i);
        }

        int sum = 0;
        int rank = 0;
        foreach (KeyValuePair<long, string> each in numbers)
        {
            sum += ++rank * each.Value.Length % 7;
        }

        cases.Add($"{numbers.Count} {sum} {numbers[998 * 0x1_0000_0001L]} {numbers[-50]} {numbers.ContainsKey(0)}");
        Dictionary<DayOfWeek, char> days = new() { [DayOfWeek.Friday] = 'f', [DayOfWeek.Sunday] = 's' };
        Dictionary<(int, string), bool> pairs = new() { [(1, "x")] = true };
        Dictionary<Point, int> places = new() { [new(1, 2)] = 12 };
        cases.Add($"{days[DayOfWeek.Friday]} {days.ContainsKey(DayOfWeek.Monday)} {pairs.ContainsKey((1, "x"))} {pairs.ContainsKey((2, "x"))} {places[new(1, 2)]} {places.ContainsKey(new(2, 1))}");
        Dictionary<int, int> folded = new(new Modulo()) { [13] = 1 };
        cases.Add($"{folded[3]} {folded.ContainsKey(4)} {folded.Count}");
        numbers.Clear();
        cases.Add($"{numbers.Count} {string.Join(',', numbers)}|");
    }

    private static void SetsQueuesStacks(Cases cases)
    {
        HashSet<string?> set = ["a", "b", "a"];
        cases.Add($"{set.Count} {set.Add("b")} {set.Add("c")} {set.Add(null)} {set.Contains("c")} {set.Contains(null)} {set.Remove("a")} {string.Join(',', set)}");
        HashSet<int> numbers = new(new List<int> { 3, 1, 2 });
        numbers.UnionWith(new List<int> { 2, 9 });
        numbers.ExceptWith(new List<int> { 1 });
        cases.Add(string.Join(',', numbers));
        Queue<int> queue = new();
        string taken = "";
        for (int i = 0; i < 40; i++)
        {
            queue.Enqueue(i);
            taken += i % 3 == 0 ? queue.Dequeue() + " " : "";
        }

        cases.Add($"{taken}{queue.Count} {queue.Peek()} {string.Join(',', queue)} {queue.ToArray()[1]}");
        queue.Clear();
        cases.Add($"{queue.TryDequeue(out int none)} {none}");
        Stack<string> stack = new();
        stack.Push("x");
        stack.Push("y");
        cases.Add($"{stack.Count} {stack.Peek()} {string.Join(',', stack)} {stack.Pop()} {stack.Pop()} {stack.TryPop(out string? last)} {last}|");
    }

    private static void Builders(Cases cases)
    {
        StringBuilder text = new();
        text.Append("ab").Append('c', 3).Append(12).Append(-3L).Append(true).Append((object?)null).Append($"[{7,3}]").AppendFormat("{0:X2}{1}", 10, 'z').AppendJoin(", ", "p", "q");
        cases.Add(text.ToString());
        text.Insert(0, "<<").Insert(text.Length, ">").Replace("cc", "C").Replace('a', 'A').Remove(2, 2);
        cases.Add($"{text} {text.Length} {text[2]} {text.ToString(1, 3)}");
        text[0] = '!';
        text.Length = 4;
        cases.Add(text.ToString());
        text.Clear();
        for (int i = 0; i < 100; i++)
        {
            text.Append(i % 10);
        }

        cases.Add($"{text.Length} {text.ToString(90, 10)} {new StringBuilder("xyz").Append(text)}");
    }

    private sealed class Modulo : IEqualityComparer<int>
    {
        public bool Equals(int x, int y) => x % 10 == y % 10;

        public int GetHashCode(int obj) => obj % 10;
    }

    private enum Step : short
    {
        Back = -1,
        Stay = 0,
        Forward = 1,
    }

    private readonly record struct Point(int X, int Y);
}
