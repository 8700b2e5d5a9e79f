using System;
using System.Collections.Generic;
using NetBoot.Tests.DriverModel;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Uefi.Interop.Raw.EFI_SIMPLE_NETWORK_MODE;

namespace NetBoot.Tests.Snp;

/// <summary>Tests of EFI_SIMPLE_NETWORK_PROTOCOL as UEFI 2.10, 24.1 says, on a NIC without hardware.</summary>
public abstract unsafe class SnpTest : IDisposable
{
    private protected const uint Unicast = EFI_SIMPLE_NETWORK_RECEIVE_UNICAST;
    private protected const uint Multicast = EFI_SIMPLE_NETWORK_RECEIVE_MULTICAST;
    private protected const uint Broadcast = EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST;
    private protected const uint Promiscuous = EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS;
    private protected const uint AllMulticast = EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS_MULTICAST;

    private protected static EFI_STATUS Success => EFI_STATUS.EFI_SUCCESS;
    private protected static EFI_STATUS InvalidParameter => EFI_STATUS.EFI_INVALID_PARAMETER;
    private protected static EFI_STATUS NotStarted => EFI_STATUS.EFI_NOT_STARTED;
    private protected static EFI_STATUS DeviceError => EFI_STATUS.EFI_DEVICE_ERROR;
    private protected static EFI_STATUS NotReady => EFI_STATUS.EFI_NOT_READY;
    private protected static EFI_STATUS BufferTooSmall => EFI_STATUS.EFI_BUFFER_TOO_SMALL;

    private protected static MacAddress Other => new([0x52, 0x54, 0x00, 0xAA, 0xBB, 0xCC]);
    private protected static MacAddress Group => new([0x01, 0x00, 0x5E, 0x00, 0x00, 0xFB]);
    private protected static MacAddress OtherGroup => new([0x33, 0x33, 0x00, 0x00, 0x00, 0x01]);

    private readonly NicFixture _fixture = new();

    protected SnpTest()
    {
        _fixture.Connect();
        Client = new SnpClient(_fixture.Snp);
    }

    private protected SnpClient Client { get; }
    private protected FakeNic Nic => _fixture.Nic;
    private protected EFI_SIMPLE_NETWORK_PROTOCOL* Snp => _fixture.Snp;

    public void Dispose()
    {
        Client.Dispose();
        _fixture.Dispose();
    }

    private protected void ToStarted() => Assert.Equal(Success, Client.Start());

    private protected void ToInitialized(uint filters = Unicast | Broadcast)
    {
        ToStarted();
        Assert.Equal(Success, Client.Initialize());
        Assert.Equal(Success, Client.ReceiveFilters(filters, 0));
    }

    private protected void Arrive(params byte[][] frames)
    {
        foreach (byte[] frame in frames)
        {
            Nic.Arriving.Enqueue(frame);
        }
    }

    private protected EFI_STATUS CheckWaitForPacket() => Firmware.BootServices->CheckEvent(Snp->WaitForPacket);

    private protected List<byte[]> ReceiveAll()
    {
        List<byte[]> frames = [];
        while (Client.Receive(out byte[] frame).IsSuccess)
        {
            frames.Add(frame);
        }

        return frames;
    }
}
