using System;

namespace NetBoot.NetworkStack;

/// <summary>Where a tool writes bytes or text to: a file, a console, a test's memory.</summary>
public interface IByteSink
{
    /// <summary>Takes all of the bytes; they are valid during the call only.</summary>
    void Write(ReadOnlySpan<byte> bytes);
}
