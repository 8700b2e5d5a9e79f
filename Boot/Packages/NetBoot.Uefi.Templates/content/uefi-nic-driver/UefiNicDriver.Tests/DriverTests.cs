using System;
using System.Linq;
using NetBoot.Tests.Models.Devices;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace UefiNicDriver.Tests;

/// <summary>
/// The driver between a simulated card and simulated firmware, in this process: no machine, no privileges. There is one firmware at a time,
/// so all tests of it are in one class.
/// </summary>
public sealed unsafe class DriverTests : IDisposable
{
    private static readonly byte[] s_frame =
        [0x52, 0x54, 0x00, 0x12, 0x34, 0x56, 0x52, 0x54, 0x00, 0x65, 0x43, 0x21, 0x08, 0x00, .. Enumerable.Range(0, 100).Select(each => (byte)each)];

    private readonly SimulatedFirmware _firmware = new();
    private readonly SimulatedRtl8139 _card = new(address: "525400123456");
    private readonly EFI_HANDLE _controller;
    private readonly Footprint _before;

    public DriverTests()
    {
        _controller = _firmware.Install(_firmware.CreateController(SimulatedPath.Pci(3)), _card.Protocol);
        _before = new(_firmware);
        Assert.True(DriverImage.Start(_firmware.ImageHandle, _firmware.SystemTable, &Drivers).IsSuccess);
    }

    /// <summary>Whatever a test did: the driver leaves nothing behind, and the card was not misused.</summary>
    public void Dispose()
    {
        Assert.True(_firmware.Image.Protocol->Unload(_firmware.ImageHandle).IsSuccess);
        _before.ExpectUnchanged("The driver");
        Assert.Empty(_card.Faults);
        _firmware.Dispose();
        _card.Dispose();
    }

    [Fact]
    public void Connect_OfTheCard_PublishesItsNetworkWithItsAddress()
    {
        EFI_SIMPLE_NETWORK_PROTOCOL* network = Connect();
        Assert.Equal("525400123456", Convert.ToHexString(new ReadOnlySpan<byte>(&network->Mode->CurrentAddress, 6)));
        Assert.Equal(1500u, network->Mode->MaxPacketSize);
    }

    [Fact]
    public void Connect_WhenTheCardNeverComesOutOfReset_FailsInTime()
    {
        _card.NeverResets = true;
        Assert.True(_firmware.Connect(_controller).IsError);
        Assert.InRange(_firmware.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Transmit_OfMoreFramesThanTheCardHasBuffersFor_SendsThemAll()
    {
        EFI_SIMPLE_NETWORK_PROTOCOL* network = Initialize();
        for (int i = 0; i < 10; i++)
        {
            fixed (byte* frame = s_frame)
            {
                Assert.True(network->Transmit(network, 0, (nuint)s_frame.Length, frame, null, null, null).IsSuccess);
                void* sent;
                Assert.True(network->GetStatus(network, null, &sent).IsSuccess);
                Assert.True(sent == frame);
            }
        }

        Assert.Equal(Enumerable.Repeat(s_frame, 10), _card.Sent);
    }

    [Fact]
    public void Receive_OfManyFrames_HasEachOnceAndInOrder()
    {
        EFI_SIMPLE_NETWORK_PROTOCOL* network = Initialize();
        for (int i = 0; i < 2000; i++) // The ring's end comes by three times.
        {
            byte[] frame = [.. s_frame, (byte)i];
            Assert.True(_card.Receive(frame));
            Assert.Equal(frame, Receive(network));
        }

        Assert.Null(Receive(network));
    }

    [Theory]
    [InlineData(0xFFF0)] // Early, as Realtek's own drivers know it.
    [InlineData(0x4000)]
    [InlineData(0)]
    public void Receive_OfAFrameWithALengthThatNoneHas_DropsItAndGoesOn(int length)
    {
        EFI_SIMPLE_NETWORK_PROTOCOL* network = Initialize();
        Assert.True(_card.Receive(s_frame, 1, length));
        Assert.Null(Receive(network));
        Assert.True(_card.Receive(s_frame));
        Assert.Equal(s_frame, Receive(network));
    }

    private static Driver[] Drivers() => [new Rtl8139Driver()];

    private EFI_SIMPLE_NETWORK_PROTOCOL* Connect()
    {
        Assert.True(_firmware.Connect(_controller, recursive: true).IsSuccess);
        return _firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>()));
    }

    private EFI_SIMPLE_NETWORK_PROTOCOL* Initialize()
    {
        EFI_SIMPLE_NETWORK_PROTOCOL* network = Connect();
        Assert.True(network->Start(network).IsSuccess);
        Assert.True(network->Initialize(network, 0, 0).IsSuccess);
        Assert.True(network->ReceiveFilters(network, EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST, 0, 0, 0, null).IsSuccess);
        return network;
    }

    private static byte[]? Receive(EFI_SIMPLE_NETWORK_PROTOCOL* network)
    {
        byte[] buffer = new byte[2048];
        nuint size = (nuint)buffer.Length;
        fixed (byte* to = buffer)
        {
            EFI_STATUS status = network->Receive(network, null, &size, to, null, null, null);
            Assert.True(status.IsSuccess || status == EFI_STATUS.EFI_NOT_READY);
            return status.IsSuccess ? buffer[..(int)size] : null;
        }
    }
}
