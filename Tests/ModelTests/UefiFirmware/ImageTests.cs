using System;
using System.Runtime.InteropServices;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.ModelTests.UefiFirmware;

[Collection("Firmware")]
public sealed unsafe class ImageTests
{
    private static EFI_STATUS Load(SimulatedFirmware firmware, byte[]? source, byte[] path, out EFI_HANDLE image)
    {
        EFI_HANDLE result;
        fixed (byte* content = source)
        {
            EFI_STATUS status = firmware.BootServices->LoadImage(
                0, firmware.ImageHandle, firmware.AllocatePath(path), content, (nuint)(source?.Length ?? 0), &result);
            image = result;
            return status;
        }
    }

    [Fact]
    public void Image_FromMemory_KnowsHowItWasLoaded_AndIsGoneWhenItReturns()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE device = firmware.CreateController(SimulatedPath.Pci(3));
        byte[] path = [.. SimulatedPath.Pci(3)[..^4], .. SimulatedPath.Of(SimulatedPath.Node(4, 4, 65, 0, 0, 0))];
        SimulatedImage? started = null;
        string? options = null;
        EFI_HANDLE loadedFrom = default;
        firmware.ImageEntry = image =>
        {
            started = image;
            options = image.LoadOptions;
            loadedFrom = image.Protocol->DeviceHandle;
            return EFI_STATUS.EFI_SUCCESS;
        };
        Assert.True(Load(firmware, [1, 2, 3], path, out EFI_HANDLE handle).IsSuccess);
        EFI_LOADED_IMAGE_PROTOCOL* loaded = firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(handle);
        Assert.Equal(firmware.ImageHandle, loaded->ParentHandle);
        fixed (char* text = "a b\0")
        {
            loaded->LoadOptions = text;
            loaded->LoadOptionsSize = 8;
            Assert.True(firmware.BootServices->StartImage(handle, null, null).IsSuccess);
        }

        Assert.Equal("a b", options);
        Assert.Equal(device, loadedFrom);
        Assert.Equal([1, 2, 3], started!.Source);
        Assert.Equal(path, started.Path);
        Assert.True(started.IsUnloaded);
        Assert.False(firmware.IsHandle(handle));
    }

    [Fact]
    public void Exit_GivesItsStatusAndItsText()
    {
        using SimulatedFirmware firmware = new();
        firmware.ImageEntry = image =>
        {
            fixed (char* text = "why\0")
            {
                SimulatedFirmware.Current!.BootServices->Exit(image.Handle, EFI_STATUS.EFI_ABORTED, 8, text);
            }

            return EFI_STATUS.EFI_SUCCESS;
        };
        Load(firmware, [1], [], out EFI_HANDLE handle);
        nuint size;
        char* data;
        Assert.Equal(EFI_STATUS.EFI_ABORTED, firmware.BootServices->StartImage(handle, &size, &data));
        Assert.Equal("why", new string(data));
        Assert.Equal((nuint)8, size);
        firmware.BootServices->FreePool(data);
    }

    [Fact]
    public void Image_ThatReturnsAtAHigherTpl_IsAViolation()
    {
        using SimulatedFirmware firmware = new();
        firmware.ImageEntry = _ =>
        {
            SimulatedFirmware.Current!.BootServices->RaiseTPL(EFI_TPL.TPL_CALLBACK);
            return EFI_STATUS.EFI_SUCCESS;
        };
        Load(firmware, [1], [], out EFI_HANDLE handle);
        firmware.BootServices->StartImage(handle, null, null);
        Assert.Contains("An image", Assert.Single(firmware.TakeViolations()));
        Assert.Equal(EFI_TPL.TPL_APPLICATION, firmware.Tpl);
    }

    [Fact]
    public void Image_ThatThrows_IsAViolation()
    {
        using SimulatedFirmware firmware = new();
        firmware.ImageEntry = _ => throw new InvalidOperationException("Oops");
        Load(firmware, [1], [], out EFI_HANDLE handle);
        Assert.True(firmware.BootServices->StartImage(handle, null, null).IsError);
        Assert.Contains("Oops", Assert.Single(firmware.TakeViolations()));
    }

    [Fact]
    public void LoadImage_AnswersWhatTheTestSays()
    {
        using SimulatedFirmware firmware = new();
        firmware.LoadImageResult = EFI_STATUS.EFI_UNSUPPORTED;
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, Load(firmware, [1], [], out _));
        firmware.LoadImageResult = EFI_STATUS.EFI_SECURITY_VIOLATION;
        Assert.Equal(EFI_STATUS.EFI_SECURITY_VIOLATION, Load(firmware, [1], [], out EFI_HANDLE refused));
        Assert.Equal(EFI_STATUS.EFI_SECURITY_VIOLATION, firmware.BootServices->StartImage(refused, null, null));
        Assert.True(firmware.BootServices->UnloadImage(refused).IsSuccess);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS LoadFile(
        EFI_LOAD_FILE2_PROTOCOL* self, EFI_DEVICE_PATH_PROTOCOL* path, byte bootPolicy, nuint* size, void* buffer)
    {
        if (*size < 3)
        {
            *size = 3;
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        new byte[] { 7, 8, 9 }.CopyTo(new Span<byte>(buffer, 3));
        return EFI_STATUS.EFI_SUCCESS;
    }

    [Fact]
    public void Image_FromAPath_IsAskedOfLoadFile2()
    {
        using SimulatedFirmware firmware = new();
        EFI_LOAD_FILE2_PROTOCOL* loader = firmware.Allocate<EFI_LOAD_FILE2_PROTOCOL>(this);
        loader->LoadFile = &LoadFile;
        firmware.Install(firmware.CreateController(SimulatedPath.Pci(3)), loader);
        byte[]? source = null;
        firmware.ImageEntry = image =>
        {
            source = image.Source;
            return EFI_STATUS.EFI_SUCCESS;
        };
        Assert.True(Load(firmware, null, SimulatedPath.Pci(3), out EFI_HANDLE handle).IsSuccess);
        firmware.BootServices->StartImage(handle, null, null);
        Assert.Equal([7, 8, 9], source);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, Load(firmware, null, SimulatedPath.Pci(4), out _));
    }

    [Fact]
    public void Unload_OfAStartedImage_NeedsItsConsent()
    {
        using SimulatedFirmware firmware = new();
        firmware.ImagesStay = true;
        Load(firmware, [1], [], out EFI_HANDLE handle);
        firmware.BootServices->StartImage(handle, null, null);
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, firmware.BootServices->UnloadImage(handle));
        firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(handle)->Unload = &Unload;
        Assert.True(firmware.BootServices->UnloadImage(handle).IsSuccess);
        Assert.False(firmware.IsHandle(handle));
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Unload(EFI_HANDLE image) => EFI_STATUS.EFI_SUCCESS;
}
