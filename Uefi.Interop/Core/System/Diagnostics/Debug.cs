namespace System.Diagnostics;

public static class Debug
{
    /// <summary>A fault when the condition does not hold, in debug builds.</summary>
    [Conditional("DEBUG")]
    public static void Assert(bool condition)
    {
        if (!condition)
        {
            throw new InvalidOperationException("assertion failed");
        }
    }

    [Conditional("DEBUG")]
    public static void Assert(bool condition, string? message)
    {
        if (!condition)
        {
            throw new InvalidOperationException(message);
        }
    }
}

public class UnreachableException() : Exception("unreachable code was reached");
