using System;
using System.Linq;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.Boot.App.Digests;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>Digests are those of .NET, whatever a message's length and the pieces in which it comes.</summary>
public sealed class DigestTests
{
    [Fact]
    public void Digest_OfAnyLength_IsDotNets()
    {
        byte[] message = new byte[300];
        new Random(1).NextBytes(message);
        for (int length = 0; length <= message.Length; length++)
        {
            AssertSame(message.AsSpan(0, length).ToArray(), [length]);
        }
    }

    [Fact]
    public void Digest_InAnyPieces_IsDotNets() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<(byte[] Message, byte[] Pieces)>(),
            input =>
            {
                byte[] message = [.. Enumerable.Repeat(input.Message, 20).SelectMany(each => each)];
                AssertSame(message, [.. input.Pieces.Select(each => (int)each)]);
            }).QuickCheckThrowOnFailure();

    private static void AssertSame(byte[] message, int[] pieces)
    {
        Assert.Equal(MD5.HashData(message), Digest(new Md5(), message, pieces));
        Assert.Equal(SHA1.HashData(message), Digest(new Sha1(), message, pieces));
        Assert.Equal(SHA256.HashData(message), Digest(new Sha256(), message, pieces));
        Assert.Equal(SHA512.HashData(message), Digest(new Sha512(), message, pieces));
    }

    private static byte[] Digest(MessageDigest digest, ReadOnlySpan<byte> message, int[] pieces)
    {
        foreach (int piece in pieces)
        {
            ReadOnlySpan<byte> next = message[..Math.Min(piece, message.Length)];
            digest.Update(next);
            message = message[next.Length..];
        }

        digest.Update(message);
        byte[] result = new byte[digest.Size];
        digest.Finish(result);
        return result;
    }
}
