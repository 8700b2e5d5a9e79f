using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;

namespace NetBoot.Tests.Fuzz.Engine;

/// <summary>
/// Coverage-guided fuzzing of one target in this process: an input that brings a branch, or a count of one, that no other has brought is kept,
/// made as short as it can be, and changed further.
/// </summary>
/// <param name="target">What is fuzzed.</param>
/// <param name="random">For everything that is left to chance.</param>
internal sealed class FuzzLoop(FuzzTarget target, Random random)
{
    private const int Rounds = 200;
    private const int MostTrims = 300;

    /// <summary>What takes long is left as it is.</summary>
    private static readonly TimeSpan s_longestTrim = TimeSpan.FromSeconds(1);

    private readonly Coverage _coverage = new();
    private readonly Mutator _mutator = new(random, target.MaximumSize, target.Words);
    private readonly List<byte[]> _queue = [];
    private readonly Dictionary<int, byte[]> _shortest = [];
    private readonly HashSet<string> _findings = [];
    private readonly Dictionary<byte[], long> _ticks = [];
    private byte[][] _favoured = [];
    private long _lastTicks;

    /// <summary>Runs so far.</summary>
    public long Executions { get; private set; }

    /// <summary>Pairs of branches that were seen.</summary>
    public int Pairs => _coverage.Pairs;

    /// <summary>Inputs that are changed further.</summary>
    public IReadOnlyList<byte[]> Queue => _queue;

    /// <summary>Told of each input before it runs, so that one that ends the process is known.</summary>
    public required Action<ReadOnlySpan<byte>> Running { get; init; }

    /// <summary>Told of each input that is kept.</summary>
    public required Action<byte[]> Keeping { get; init; }

    /// <summary>Told of each input that shows something new that must not be.</summary>
    public required Action<byte[], Exception> Found { get; init; }

    /// <summary>Takes inputs of before, shortest first; those that bring nothing are passed over.</summary>
    public void Load(IEnumerable<byte[]> inputs)
    {
        byte[][] sorted = [.. inputs.OrderBy(each => each.Length)];
        foreach (byte[] input in sorted)
        {
            TryRun(input); // What runs for the first time takes branches of its own: static constructors.
        }

        foreach (byte[] input in sorted)
        {
            if (TryRun(input) && (_coverage.Add() || _queue.Count == 0))
            {
                Enqueue(input);
            }
        }
    }

    /// <summary>Goes on until it is told to stop.</summary>
    public void Run(Func<bool> goesOn)
    {
        while (goesOn())
        {
            byte[] input = Choose();
            for (int i = 0; i < Rounds && goesOn(); i++)
            {
                ReadOnlySpan<byte> changed = _mutator.Mutate(input, _queue[random.Next(_queue.Count)]);
                if (TryRun(changed) && _coverage.Add())
                {
                    byte[] kept = Trim(changed.ToArray());
                    Enqueue(kept);
                    Keeping(kept);
                }
            }
        }
    }

    /// <summary>Mostly one of the shortest, and of two the quicker.</summary>
    private byte[] Choose()
    {
        IReadOnlyList<byte[]> from = random.Next(4) != 0 ? _favoured : _queue;
        byte[] one = from[random.Next(from.Count)];
        byte[] other = from[random.Next(from.Count)];
        return _ticks[one] <= _ticks[other] ? one : other;
    }

    /// <summary>
    /// Inputs that together take as many of the branches that all which are kept take as there is room for: again and again the one that takes the
    /// most that are new for its length.
    /// </summary>
    /// <param name="room">In bytes.</param>
    public IEnumerable<byte[]> Cover(int room)
    {
        Dictionary<byte[], HashSet<int>> left = [];
        foreach (byte[] input in _queue)
        {
            TryRun(input);
            left[input] = [.. _coverage.Places().Select(each => each >> 8)]; // Without how often.
        }

        while (left.Where(each => each.Key.Length <= room && each.Value.Count != 0)
            .OrderByDescending(each => each.Value.Count / (each.Key.Length + 16.0)).FirstOrDefault().Key is { } best)
        {
            room -= best.Length;
            left.Remove(best, out HashSet<int>? covered);
            left.Values.ToList().ForEach(each => each.ExceptWith(covered!));
            yield return best;
        }
    }

    /// <summary>Runs an input. False when it is a finding.</summary>
    private bool TryRun(ReadOnlySpan<byte> input)
    {
        Running(input);
        Executions++;
        _coverage.Begin();
        long began = Stopwatch.GetTimestamp();
        try
        {
            target.Run(input);
            _lastTicks = Stopwatch.GetTimestamp() - began;
            return true;
        }
        catch (Exception exception)
        {
            if (_findings.Add(KindOf(exception)))
            {
                Found(input.ToArray(), exception);
            }

            return false;
        }
    }

    /// <summary>Takes away what changes nothing of the way through the product.</summary>
    private byte[] Trim(byte[] input)
    {
        ulong hash = _coverage.Hash();
        long began = Stopwatch.GetTimestamp();
        int tries = 0;
        bool GoesOn() => tries < MostTrims && Stopwatch.GetElapsedTime(began) < s_longestTrim;
        for (int size = Math.Max(input.Length / 2, 1); size >= 1 && GoesOn(); size /= 2)
        {
            for (int at = 0; at + size <= input.Length && GoesOn(); tries++)
            {
                byte[] shorter = [.. input.AsSpan(0, at), .. input.AsSpan(at + size)];
                if (TryRun(shorter) && _coverage.Hash() == hash)
                {
                    input = shorter;
                }
                else
                {
                    at += size;
                }
            }
        }

        TryRun(input);
        return input;
    }

    /// <summary>The trace is this input's.</summary>
    private void Enqueue(byte[] input)
    {
        _queue.Add(input);
        _ticks[input] = _lastTicks;
        bool isShortest = false;
        foreach (int place in _coverage.Places())
        {
            if (!_shortest.TryGetValue(place, out byte[]? shortest) || input.Length < shortest.Length)
            {
                _shortest[place] = input;
                isShortest = true;
            }
        }

        if (isShortest)
        {
            _favoured = [.. _shortest.Values.Distinct()];
        }
    }

    /// <summary>What went wrong and where: the product's line, or the oracle's.</summary>
    private static string KindOf(Exception exception)
    {
        string[] lines = exception.StackTrace?.Split('\n') ?? [];
        string? place = lines.FirstOrDefault(line => exception is FuzzFinding
            ? line.Contains(".Fuzz.Parsers.") || line.Contains(".Fuzz.Drivers.")
            : line.Contains("NetBoot.") && !line.Contains("NetBoot.Tests."));
        return $"{exception.GetType().Name} {place}";
    }
}
