using System;
using System.Buffers.Binary;
using NetBoot.Boot.Packaging.Disks;
using Xunit;

namespace NetBoot.Tests.Packaging;

public sealed class GuidPartitionTableTests
{
    [Fact]
    public void Make_PutsTheVolumeBetweenTwoTablesThatAgree()
    {
        byte[] content = new byte[3 * 512];
        new Random(1).NextBytes(content);
        byte[] disk = GuidPartitionTable.Make(content, "NetBoot");
        Assert.Equal(content, disk.AsSpan(2048 * 512, content.Length).ToArray());
        Assert.Equal(0xEE, disk[446 + 4]);
        int backup = (disk.Length / 512) - 1;
        Assert.Equal("EFI PART"u8, disk.AsSpan(512, 8));
        Assert.Equal("EFI PART"u8, disk.AsSpan(backup * 512, 8));
        Assert.Equal(backup, BinaryPrimitives.ReadInt64LittleEndian(disk.AsSpan(512 + 32)));
        Assert.Equal(1, BinaryPrimitives.ReadInt64LittleEndian(disk.AsSpan((backup * 512) + 32)));
        Assert.Equal(disk.AsSpan(2 * 512, 32 * 512).ToArray(), disk.AsSpan((backup - 32) * 512, 32 * 512).ToArray());
        Assert.Equal(2050, BinaryPrimitives.ReadInt64LittleEndian(disk.AsSpan((2 * 512) + 40)));
        Assert.Equal(disk, GuidPartitionTable.Make(content, "NetBoot"));
    }
}
