using System;

namespace NetBoot.Boot.App.Compression;

/// <summary>A running check over pieces of any length.</summary>
public abstract class Checksum
{
    /// <summary>The value for all that was taken so far.</summary>
    public abstract uint Value { get; }

    /// <summary>Takes the next piece.</summary>
    public abstract void Update(ReadOnlySpan<byte> data);
}
