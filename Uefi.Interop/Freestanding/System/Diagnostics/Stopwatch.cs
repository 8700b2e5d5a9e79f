namespace System.Diagnostics;

/// <summary>Measures by the processor's counter, in microseconds.</summary>
public class Stopwatch
{
    public static readonly long Frequency = 1_000_000;

    public static readonly bool IsHighResolution = true;

    private long _start;
    private long _before;

    public bool IsRunning { get; private set; }

    public long ElapsedTicks => _before + (IsRunning ? GetTimestamp() - _start : 0);

    public long ElapsedMilliseconds => ElapsedTicks / 1000;

    public TimeSpan Elapsed => new(ElapsedTicks * TimeSpan.TicksPerMicrosecond);

    public static long GetTimestamp() => (long)Uptime.Microseconds;

    public static TimeSpan GetElapsedTime(long startingTimestamp) => GetElapsedTime(startingTimestamp, GetTimestamp());

    public static TimeSpan GetElapsedTime(long startingTimestamp, long endingTimestamp) =>
        new((endingTimestamp - startingTimestamp) * TimeSpan.TicksPerMicrosecond);

    public static Stopwatch StartNew()
    {
        Stopwatch watch = new();
        watch.Start();
        return watch;
    }

    public void Start()
    {
        if (!IsRunning)
        {
            _start = GetTimestamp();
            IsRunning = true;
        }
    }

    public void Stop()
    {
        _before = ElapsedTicks;
        IsRunning = false;
    }

    public void Reset()
    {
        _before = 0;
        IsRunning = false;
    }

    public void Restart()
    {
        Reset();
        Start();
    }
}
