using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Platforms;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>Kernels that the firmware refuses, started through shim.</summary>
[Collection("Firmware")]
public sealed unsafe class ShimTests : IDisposable
{
    private static int s_verified;

    private readonly SimulatedFirmware _firmware = new();
    private readonly ImageRegistry _images = new();
    private readonly FirmwarePlatform _platform;
    private readonly Image _kernel;
    private readonly EFI_HANDLE _nic;

    public ShimTests()
    {
        s_verified = 0;
        _platform = new(_firmware.Image.Protocol, new NetworkSetup(null, [], false), new TestDomain());
        _nic = _firmware.CreateController(new DevicePathBuilder().Mac(new MacAddress(1), 1).ToArray());
        byte[] kernel = FirmwareTests.LinuxKernel();
        _kernel = Add("vmlinuz", kernel);
        _kernel.CommandLine.Set("console=ttyS0 quiet");
        _kernel.IsExecutable = true;
        Add("initrd", "INITRD"u8.ToArray());
        _images.Shim = Add("shimx64.efi", Encoding.Latin1.GetBytes(TestSession.Executable));
        _firmware.OnLoadImage = content => content.Length == kernel.Length ? EFI_STATUS.EFI_SECURITY_VIOLATION : EFI_STATUS.EFI_SUCCESS;
    }

    public void Dispose()
    {
        _images.Dispose();
        _firmware.Dispose();
    }

    [Fact]
    public void RefusedKernel_IsStartedByShim_WhichReadsItFromItsDevice()
    {
        int handles = _firmware.HandleCount;
        int pools = _firmware.AllocatedPools;
        string options = "";
        string file = "";
        bool isApart = false;
        bool hasKernel = false;
        List<string> initrd = [];
        _firmware.ImageEntry = image =>
        {
            options = image.LoadOptions;
            file = BootOrigin.FilePath(DevicePath.Measure(image.Protocol->FilePath));
            isApart = image.Protocol->DeviceHandle != _nic;
            EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* volume = _firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(image.Protocol->DeviceHandle);
            EFI_FILE_PROTOCOL* root;
            EFI_FILE_PROTOCOL* kernel;
            volume->OpenVolume(volume, &root);
            fixed (char* name = "vmlinuz\0")
            {
                hasKernel = root->Open(root, &kernel, name, EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ, 0).IsSuccess;
            }

            initrd.Add(_firmware.HandlesWith<EFI_LOAD_FILE2_PROTOCOL>().Count.ToString());
            return EFI_STATUS.EFI_SUCCESS;
        };

        Assert.Null(Start());

        Assert.Equal("shimx64.efi vmlinuz console=ttyS0 quiet", options);
        Assert.Equal("shimx64.efi", file);
        Assert.True(isApart);
        Assert.True(hasKernel);
        Assert.Equal(["1"], initrd);
        Assert.Equal(handles, _firmware.HandleCount);
        Assert.Equal(pools, _firmware.AllocatedPools);
        Assert.Empty(_firmware.Violations);
    }

    [Fact]
    public void Shim_WithArgumentsOfItsOwn_HasThose()
    {
        _images.Shim!.CommandLine.Set("grubx64.efi other");
        string options = "";
        _firmware.ImageEntry = image =>
        {
            options = image.LoadOptions;
            return EFI_STATUS.EFI_SUCCESS;
        };

        Assert.Null(Start());

        Assert.Equal("shimx64.efi grubx64.efi other", options);
    }

    [Fact]
    public void Shim_ThatMayUsePxe_ComesFromTheNic()
    {
        _images.ShimOptions = ShimOptions.AllowPxe;
        EFI_HANDLE device = default;
        _firmware.ImageEntry = image =>
        {
            device = image.Protocol->DeviceHandle;
            return EFI_STATUS.EFI_SUCCESS;
        };

        Assert.Null(Start());

        Assert.True(device == _nic);
    }

    [Fact]
    public void KernelThatIsLoaded_IsStartedWithoutShim()
    {
        _firmware.OnLoadImage = null;
        string options = "";
        _firmware.ImageEntry = image =>
        {
            options = image.LoadOptions;
            return EFI_STATUS.EFI_SUCCESS;
        };

        Assert.Null(Start());

        Assert.Equal("console=ttyS0 quiet", options);
    }

    [Fact]
    public void ShimThatIsRefused_IsAnError_AndLeavesNothing()
    {
        int handles = _firmware.HandleCount;
        int pools = _firmware.AllocatedPools;
        _firmware.OnLoadImage = _ => EFI_STATUS.EFI_ACCESS_DENIED;

        Assert.Equal("shimx64.efi: the firmware refuses it: Secure Boot finds no signature that it trusts", Start()!.Message);

        Assert.Equal(handles, _firmware.HandleCount);
        Assert.Equal(pools, _firmware.AllocatedPools);
    }

    [Theory]
    [InlineData(ShimOptions.None, 1, "", "sbat,2")]
    [InlineData(ShimOptions.RequireLoader, 0, "", "sbat,2")]
    [InlineData(ShimOptions.AllowSbat, 1, "sbat,1", "sbat,2")]
    public void SbatLevelAndShimsLock_AreSeenTo_UntilTheMemoryMapIsRead(ShimOptions options, int verified, string first, string written)
    {
        _images.ShimOptions = options;
        EFI_GUID vendor = SHIM_LOCK.Guid;
        Write("sbat,1");
        SHIM_LOCK* shim = _firmware.Allocate<SHIM_LOCK>();
        shim->Verify = (delegate* unmanaged<void*, nuint, nuint>)&Verify;
        _firmware.Install(default, shim);
        void* getMemoryMap = _firmware.BootServices->GetMemoryMap;
        void* getVariable = _firmware.SystemTable->RuntimeServices->GetVariable;
        void* setVariable = _firmware.SystemTable->RuntimeServices->SetVariable;
        List<string> read = [];
        int verifiedBefore = -1;
        _firmware.ImageEntry = _ =>
        {
            read.Add(ReadVariable());
            Write("sbat,2");
            read.Add(ReadVariable());
            read.Add(ReadVariable());
            verifiedBefore = s_verified;
            nuint size = 0;
            nuint key;
            nuint descriptor;
            uint version;
            _firmware.BootServices->GetMemoryMap(&size, null, &key, &descriptor, &version);
            Assert.NotEqual((nuint)0, size);
            read.Add(ReadVariable());
            return EFI_STATUS.EFI_SUCCESS;
        };

        Assert.Null(Start());

        Assert.Equal([first, written, first.Length == 0 ? "" : written, written], read);
        Assert.Equal((0, verified), (verifiedBefore, s_verified));
        Assert.True(_firmware.BootServices->GetMemoryMap == getMemoryMap);
        Assert.True(_firmware.SystemTable->RuntimeServices->GetVariable == getVariable);
        Assert.True(_firmware.SystemTable->RuntimeServices->SetVariable == setVariable);

        void Write(string value)
        {
            fixed (char* name = "SbatLevel\0")
            {
                fixed (byte* data = Encoding.ASCII.GetBytes(value))
                {
                    EFI_GUID guid = vendor;
                    Assert.True(_firmware.SystemTable->RuntimeServices->SetVariable(name, &guid, EFI_VARIABLE.EFI_VARIABLE_BOOTSERVICE_ACCESS, (nuint)value.Length, data).IsSuccess);
                }
            }
        }

        string ReadVariable()
        {
            byte* value = stackalloc byte[16];
            nuint size = 16;
            EFI_GUID guid = vendor;
            fixed (char* name = "SbatLevel\0")
            {
                Assert.True(_firmware.SystemTable->RuntimeServices->GetVariable(name, &guid, null, &size, value).IsSuccess);
            }

            return Encoding.ASCII.GetString(value, (int)size).Split('\0')[0];
        }
    }

    [Fact]
    public void ServicesOfTheFirmware_AreItsOwnAgain_WhenShimComesBack()
    {
        void* getMemoryMap = _firmware.BootServices->GetMemoryMap;
        void* getVariable = _firmware.SystemTable->RuntimeServices->GetVariable;
        bool isOurs = false;
        _firmware.ImageEntry = _ =>
        {
            isOurs = _firmware.BootServices->GetMemoryMap != getMemoryMap && _firmware.SystemTable->RuntimeServices->GetVariable != getVariable;
            return EFI_STATUS.EFI_ABORTED;
        };

        Assert.Equal("shimx64.efi ended with Aborted", Start()!.Message);

        Assert.True(isOurs);
        Assert.True(_firmware.BootServices->GetMemoryMap == getMemoryMap);
        Assert.True(_firmware.SystemTable->RuntimeServices->GetVariable == getVariable);
    }

    [UnmanagedCallersOnly]
    private static nuint Verify(void* buffer, nuint size)
    {
        s_verified += buffer != null && size == 0 ? 1 : 100;
        return EFI_STATUS.EFI_UNSUPPORTED.Value;
    }

    private Error? Start() => ImageStarter.Start(_kernel, _images, _nic, null, default, new TestDomain(), new TestTerminal());

    private Image Add(string name, byte[] content)
    {
        Image image = Image.Create(_platform, name, "http://h/" + name);
        Assert.Null(image.Content.Begin((ulong)content.Length) ?? image.Content.Write(content));
        _images.Add(image);
        return image;
    }

    private sealed class TestDomain : FaultDomain
    {
        public override string Name => "test";
    }
}
