using System;
using NicDrivers;
using NicDrivers.VirtioNet;
using Tests.Devices;
using Uefi.Interop.Raw;
using Xunit;

namespace Tests.Nics;

/// <summary>virtio-net through the firmware's VIRTIO_DEVICE_PROTOCOL.</summary>
[Collection("Firmware")]
public sealed unsafe class VirtioPlatformTests : IDisposable
{
    private readonly SimulatedVirtioNet _card = new(modern: false, legacy: true);
    private readonly SimulatedVirtioPlatform _platform;
    private readonly Driver _driver = new();

    public VirtioPlatformTests()
    {
        DeviceFirmware.Start();
        _platform = new SimulatedVirtioPlatform(_card);
    }

    public void Dispose()
    {
        Assert.Equal(0, _platform.Held);
        _platform.Dispose();
        Assert.Empty(_card.Faults);
        _card.Dispose();
    }

    [Fact]
    public void Nic_SendsAndReceives_AndIsResetWhenClosed()
    {
        using Nic nic = _driver.Create(_platform.Protocol, out _)!;
        Assert.Equal(new Uefi.Interop.MacAddress(Convert.FromHexString("525400123456")), nic.PermanentAddress);
        for (int round = 0; round < 3; round++)
        {
            Assert.True(nic.Open(nic.PermanentAddress).IsSuccess);
            Assert.True(nic.IsLinkUp());
            for (int i = 0; i < 500; i++)
            {
                byte[] frame = new byte[60 + i];
                new Random(i).NextBytes(frame);
                Assert.True(nic.TryTransmit(frame));
                Assert.Equal(frame, _card.Sent[^1]);
                Assert.True(_card.Receive(frame));
                Assert.Equal(frame, nic.Peek().ToArray());
                nic.Release();
            }
            nic.Close();
            Assert.Equal(0, _card.Status);
        }
    }

    [Fact]
    public void Nic_WhoseMemoryCannotBeMapped_LeavesNothingBehind()
    {
        _platform.MapStatus = EFI_STATUS.EFI_OUT_OF_RESOURCES;
        Assert.Null(_driver.Create(_platform.Protocol, out EFI_STATUS status));
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, status);
        Assert.Equal(0, _card.Status);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(4, false)]
    public void Driver_KnowsNetworkDevicesAlone(int subsystem, bool expected)
    {
        _platform.Protocol->SubSystemDeviceId = subsystem;
        Assert.Equal(expected, _driver.Knows(_platform.Protocol));
    }

    private sealed class Driver : VirtioPlatformNetDriver
    {
        public Nic? Create(VIRTIO_DEVICE_PROTOCOL* device, out EFI_STATUS status) => CreateNic(default, device, out status);

        public bool Knows(VIRTIO_DEVICE_PROTOCOL* device) => Matches(device);
    }
}
