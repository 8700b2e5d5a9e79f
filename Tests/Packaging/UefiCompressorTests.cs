using System;
using System.IO;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.Boot.Packaging.Compression;
using Xunit;

namespace NetBoot.Tests.Packaging;

/// <summary>What is compressed comes back, by an independent reading of the specification.</summary>
public sealed class UefiCompressorTests
{
    [Fact]
    public void Compress_OfAnyBytes_ComesBack() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), data => Decompressed(data).SequenceEqual(data)).QuickCheckThrowOnFailure();

    [Fact]
    public void Compress_OfBytesThatRepeatThemselves_ComesBack() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<(byte Modulus, ushort Length, int Seed)>(),
            input =>
            {
                Random random = new(input.Seed);
                byte[] data = [.. Enumerable.Range(0, input.Length % 5000).Select(i => (byte)(random.Next(1 + (input.Modulus % 5)) * (i / 700)))];
                return Decompressed(data).SequenceEqual(data);
            }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(256)]
    [InlineData(70000)]
    public void Compress_OfOneByteOverAndOver_ComesBack(int length) => Assert.Equal(new byte[length], Decompressed(new byte[length]));

    [Fact]
    public void Compress_OfIncompressibleBytes_ComesBack_HardlyLarger()
    {
        byte[] data = new byte[1 << 17];
        new Random(1).NextBytes(data);
        byte[] compressed = UefiCompressor.Compress(data);
        Assert.Equal(data, UefiDecompressor.Decompress(compressed));
        Assert.InRange(compressed.Length, 0, data.Length + (data.Length / 100));
    }

    [Fact]
    public void Compress_OfAProgram_IsAboutAsSmallAsDeflate()
    {
        byte[] data = File.ReadAllBytes(typeof(UefiCompressor).Assembly.Location);
        using MemoryStream deflated = new();
        using (System.IO.Compression.DeflateStream deflate = new(deflated, System.IO.Compression.CompressionLevel.SmallestSize, leaveOpen: true))
        {
            deflate.Write(data);
        }

        byte[] compressed = UefiCompressor.Compress(data);
        Assert.Equal(data, UefiDecompressor.Decompress(compressed));
        Assert.InRange(compressed.Length, 0, (int)(deflated.Length * 1.02));
    }

    [Fact]
    public void Compress_OfAMatchAsFarBackAsTheWindow_ComesBack()
    {
        byte[] data = new byte[20000];
        new Random(2).NextBytes(data);
        foreach (int distance in new[] { 8190, 8191, 8192, 8193 })
        {
            data.AsSpan(100, 300).CopyTo(data.AsSpan(100 + distance));
            Assert.Equal(data, Decompressed(data));
        }
    }

    private static byte[] Decompressed(byte[] data) => UefiDecompressor.Decompress(UefiCompressor.Compress(data));
}
