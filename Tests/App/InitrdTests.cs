using System;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Platforms;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>Initrds that are larger than numbers of 32 bits, or than the memory.</summary>
[Collection("Firmware")]
public sealed unsafe class InitrdTests
{
    private const ulong Size = 4608UL << 20;

    [Fact]
    public void Initrd_Of4500MiB_IsWhole_AndInOrder()
    {
        TestPlatform platform = new() { PageLimit = 1 << 22 };
        using ImageRegistry images = new();
        Image large = Add(images, platform, "large", Size);
        Image small = Add(images, platform, "small", 3);
        Initrd initrd = new(images, isForLinux: true);
        byte* target = platform.AllocatePages(Size / TestPlatform.PageSize + 1);

        initrd.Read(0, target, initrd.Size);

        Assert.Equal(Size, large.Content.Length);
        Assert.Equal(Size + 3, initrd.Size);
        Assert.Equal(new ReadOnlySpan<byte>(small.Content.Pointer, 3), new ReadOnlySpan<byte>(target + Size, 3));
        Assert.Equal((byte)(Size / AliasedMemory.Period - 1), target[Size - 1]);
        Assert.Null(initrd.FindTooLarge());
        large.CommandLine.Set("/large");
        Assert.Same(large, initrd.FindTooLarge());
        platform.FreePages(target, Size / TestPlatform.PageSize + 1);
    }

    [Fact]
    public void Start_OfAKernelThatHasNoRoomForItsInitrd_SaysSo()
    {
        using SimulatedFirmware firmware = new(256 << 20);
        FirmwarePlatform platform = new(firmware.Image.Protocol, new NetworkSetup(null, [], false), new TestDomain());
        using ImageRegistry images = new();
        Image kernel = Image.Create(platform, "vmlinuz", "http://h/vmlinuz");
        kernel.IsExecutable = true;
        byte[] content = FirmwareTests.LinuxKernel();
        Assert.Null(kernel.Content.Begin((ulong)content.Length) ?? kernel.Content.Write(content));
        images.Add(kernel);
        Add(images, platform, "initrd", 70 << 20);
        int handles = firmware.HandleCount;
        bool isStarted = false;
        firmware.ImageEntry = _ =>
        {
            isStarted = true;
            return EFI_STATUS.EFI_SUCCESS;
        };

        Assert.Null(ImageStarter.Start(kernel, images, default, null, default, new TestDomain(), new TestTerminal()));
        Assert.True(isStarted);
        byte* taken = platform.AllocatePages((120UL << 20) / TestPlatform.PageSize);
        Assert.True(taken is not null);
        isStarted = false;
        Error? error = ImageStarter.Start(kernel, images, default, null, default, new TestDomain(), new TestTerminal());
        platform.FreePages(taken, (120UL << 20) / TestPlatform.PageSize);

        Assert.Equal("not enough memory: the kernel needs another 70.0 MiB in one piece for the initrd", error!.Message);
        Assert.False(isStarted);
        Assert.Equal(handles, firmware.HandleCount);
    }

    private static Image Add(ImageRegistry images, Boot.App.Platform platform, string name, ulong size)
    {
        Image image = Make(platform, name, size);
        images.Add(image);
        return image;
    }

    internal static Image Make(Boot.App.Platform platform, string name, ulong size)
    {
        Image image = Image.Create(platform, name, $"http://h/{name}");
        byte[] piece = new byte[(int)Math.Min(size, AliasedMemory.Period)];
        Assert.Null(image.Content.Begin(size));
        for (ulong at = 0; at < size; at += (ulong)piece.Length)
        {
            piece.AsSpan().Fill((byte)(at / AliasedMemory.Period));
            Assert.Null(image.Content.Write(piece.AsSpan(0, (int)Math.Min((ulong)piece.Length, size - at))));
        }

        return image;
    }

    private sealed class TestDomain : FaultDomain
    {
        public override string Name => "test";
    }
}
