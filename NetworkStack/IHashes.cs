using System;

namespace NetBoot.NetworkStack;

/// <summary>Message digests, of which the stack has none of its own; who uses it lends them.</summary>
public interface IHashes
{
    /// <summary>The digest of some data.</summary>
    byte[] Hash(HashAlgorithm algorithm, ReadOnlySpan<byte> data);
}
