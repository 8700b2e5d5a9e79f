using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Snp;

/// <summary>Receiving, and waiting for it.</summary>
[Collection("Firmware")]
public sealed unsafe class SnpReceiveTests : SnpTest
{
    [Fact]
    public void Receive_GivesTheFrameAndWhatItsHeaderSays()
    {
        ToInitialized();
        byte[] frame = SnpClient.Frame(FakeNic.Permanent, 1514);
        Arrive(frame);
        byte* buffer = stackalloc byte[2048];
        nuint headerSize = 0;
        nuint size = 2048;
        EFI_MAC_ADDRESS source = default;
        EFI_MAC_ADDRESS destination = default;
        ushort protocol = 0;
        Assert.Equal(Success, Snp->Receive(Snp, &headerSize, &size, buffer, &source, &destination, &protocol));
        Assert.Equal((nuint)14, headerSize);
        Assert.Equal((nuint)1514, size);
        Assert.Equal(frame, new ReadOnlySpan<byte>(buffer, 1514).ToArray());
        Assert.Equal(new MacAddress([2, 0, 0, 0, 0, 1]), SnpClient.Address(ref source));
        Assert.Equal(FakeNic.Permanent, SnpClient.Address(ref destination));
        Assert.Equal(0x0800, protocol);
        Assert.Equal(NotReady, Snp->Receive(Snp, null, &size, buffer, null, null, null));
    }

    [Fact]
    public void Receive_WithShortBuffer_KeepsTheFrame()
    {
        ToInitialized();
        byte[] frame = SnpClient.Frame(FakeNic.Permanent, 100);
        Arrive(frame);
        byte* buffer = stackalloc byte[100];
        nuint size = 99;
        Assert.Equal(BufferTooSmall, Snp->Receive(Snp, null, &size, buffer, null, null, null));
        Assert.Equal((nuint)100, size);
        Assert.Equal(0, buffer[0]);
        Assert.Equal(Success, Snp->Receive(Snp, null, &size, buffer, null, null, null));
        Assert.Equal(frame, new ReadOnlySpan<byte>(buffer, 100).ToArray());
        Assert.Equal(1ul, Client.Statistics().RxGoodFrames);
    }

    [Fact]
    public void Receive_WithNullPointers_IsInvalid()
    {
        ToInitialized();
        Arrive(SnpClient.Frame(FakeNic.Permanent));
        byte* buffer = stackalloc byte[100];
        nuint size = 100;
        Assert.Equal(InvalidParameter, Snp->Receive(Snp, null, null, buffer, null, null, null));
        Assert.Equal(InvalidParameter, Snp->Receive(Snp, null, &size, null, null, null, null));
        Assert.Single(Nic.Arriving);
    }

    [Fact]
    public void WaitForPacket_IsSignalledWhenAWantedFrameIsThere()
    {
        ToInitialized();
        Assert.Equal(NotReady, CheckWaitForPacket());
        Arrive(SnpClient.Frame(Other));
        Assert.Equal(NotReady, CheckWaitForPacket());
        Arrive(SnpClient.Frame(FakeNic.Permanent));
        Assert.Equal(Success, CheckWaitForPacket());
        Assert.Equal(Success, CheckWaitForPacket());
        Assert.Equal(Success, Client.Receive(out _));
        Assert.Equal(NotReady, CheckWaitForPacket());
    }

    [Fact]
    public void WaitForPacket_CheckedAtTplCallback_IsSignalled()
    {
        ToInitialized();
        Arrive(SnpClient.Frame(FakeNic.Permanent));
        nuint old = Firmware.RaiseTpl(EFI_TPL.TPL_CALLBACK);
        Assert.Equal(Success, CheckWaitForPacket());
        Firmware.RestoreTpl(old);
    }

    [Fact]
    public void WaitForPacket_WhenStopped_IsNot()
    {
        Arrive(SnpClient.Frame(FakeNic.Permanent));
        Assert.Equal(NotReady, CheckWaitForPacket());
    }

    [Fact]
    public void DataPath_AllocatesNothing()
    {
        ToInitialized();
        byte[] frame = SnpClient.Frame(FakeNic.Permanent);
        byte* buffer = stackalloc byte[2048];
        Nic.KeepsTransmitted = false;
        EFI_SIMPLE_NETWORK_PROTOCOL* snp = Snp;
        Assert.Equal(Allocations.Of(RaiseAndRestoreThrice, 100), Allocations.Of(Round, 100)); // What the simulated firmware itself allocates.

        void RaiseAndRestoreThrice()
        {
            for (int i = 0; i < 3; i++)
            {
                Firmware.RestoreTpl(Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY));
            }
        }

        void Round()
        {
            Nic.Arriving.Enqueue(frame);
            nuint size = 2048;
            uint interrupts;
            void* recycled;
            Assert.True(snp->Transmit(snp, 0, 60, buffer, null, null, null).IsSuccess);
            Assert.True(snp->GetStatus(snp, &interrupts, &recycled).IsSuccess);
            Assert.True(snp->Receive(snp, null, &size, buffer, null, null, null).IsSuccess);
        }
    }
}
