using System;
using NetBoot.NetworkStack;

namespace NetBoot.Boot.App.Digests;

/// <summary>The digests that the network needs.</summary>
public sealed class Hashes : IHashes
{
    /// <inheritdoc/>
    public byte[] Hash(HashAlgorithm algorithm, ReadOnlySpan<byte> data)
    {
        MessageDigest digest = algorithm switch
        {
            HashAlgorithm.Md5 => new Md5(),
            HashAlgorithm.Sha1 => new Sha1(),
            _ => new Sha256(),
        };
        byte[] result = new byte[digest.Size];
        digest.Update(data);
        digest.Finish(result);
        return result;
    }
}
