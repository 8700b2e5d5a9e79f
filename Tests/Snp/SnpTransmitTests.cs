using System;
using System.Collections.Generic;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Uefi.Interop.Raw.EFI_SIMPLE_NETWORK_PROTOCOL;

namespace NetBoot.Tests.Snp;

/// <summary>Sending, and what GetStatus tells.</summary>
[Collection("Firmware")]
public sealed unsafe class SnpTransmitTests : SnpTest
{
    [Fact]
    public void GetStatus_WithNothingToTell_IsInvalid()
    {
        ToInitialized();
        Assert.Equal(InvalidParameter, Snp->GetStatus(Snp, null, null));
    }

    [Fact]
    public void GetStatus_TransmitInterrupt_IsClearedByReading()
    {
        ToInitialized();
        Assert.Equal(0u, Client.Interrupts());
        Assert.Equal(Success, Client.Transmit(SnpClient.Frame(Other), out nint buffer));
        Assert.Equal(EFI_SIMPLE_NETWORK_TRANSMIT_INTERRUPT, Client.Interrupts());
        Assert.Equal(0u, Client.Interrupts());
        Assert.Equal(buffer, Client.Recycled());
    }

    [Fact]
    public void GetStatus_ReadingTheTransmitBuffer_DoesNotClearTheInterrupt()
    {
        ToInitialized();
        Assert.Equal(Success, Client.Transmit(SnpClient.Frame(Other), out nint buffer));
        Assert.Equal(buffer, Client.Recycled());
        Assert.Equal(EFI_SIMPLE_NETWORK_TRANSMIT_INTERRUPT, Client.Interrupts());
    }

    [Fact]
    public void GetStatus_ReceiveInterrupt_ComesOnceForEachFrame()
    {
        ToInitialized();
        Arrive(SnpClient.Frame(FakeNic.Permanent), SnpClient.Frame(FakeNic.Permanent));
        Assert.Equal(EFI_SIMPLE_NETWORK_RECEIVE_INTERRUPT, Client.Interrupts());
        Assert.Equal(0u, Client.Interrupts());
        Assert.Equal(Success, Client.Receive(out _));
        Assert.Equal(EFI_SIMPLE_NETWORK_RECEIVE_INTERRUPT, Client.Interrupts());
        Assert.Equal(Success, Client.Receive(out _));
        Assert.Equal(0u, Client.Interrupts());
    }

    [Fact]
    public void GetStatus_OfAFrameThatIsFilteredOut_TellsNothing()
    {
        ToInitialized();
        Arrive(SnpClient.Frame(Other));
        Assert.Equal(0u, Client.Interrupts());
    }

    [Fact]
    public void GetStatus_RecyclesEachBufferOnceInOrderOneACall()
    {
        ToInitialized();
        Assert.Equal(0, Client.Recycled());
        List<nint> sent = [];
        for (int round = 0; round < 40; round++)
        {
            for (int i = 0; i < 7; i++)
            {
                Assert.Equal(Success, Client.Transmit(SnpClient.Frame(Other), out nint buffer));
                sent.Add(buffer);
            }

            while (sent.Count > round % 5)
            {
                Assert.Equal(sent[0], Client.Recycled());
                sent.RemoveAt(0);
            }
        }

        while (sent.Count > 0)
        {
            Assert.Equal(sent[0], Client.Recycled());
            sent.RemoveAt(0);
        }

        Assert.Equal(0, Client.Recycled());
    }

    [Fact]
    public void GetStatus_UpdatesMediaPresent()
    {
        ToInitialized();
        Nic.LinkUp = false;
        Client.Recycled();
        Assert.Equal(0, Client.Mode.MediaPresent);
        Nic.LinkUp = true;
        Client.Interrupts();
        Assert.Equal(1, Client.Mode.MediaPresent);
    }

    [Fact]
    public void Initialize_UpdatesMediaPresent()
    {
        Nic.LinkUp = false;
        ToInitialized();
        Assert.Equal(0, Client.Mode.MediaPresent);
    }

    [Fact]
    public void Transmit_WithoutMediaHeader_SendsTheBufferAsItIs()
    {
        ToInitialized();
        byte[] frame = SnpClient.Frame(Other, 1514);
        Assert.Equal(Success, Client.Transmit(frame, out _));
        Assert.Equal([frame], Nic.Transmitted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Transmit_WithMediaHeader_FillsItIn(bool hasSource)
    {
        ToInitialized();
        byte* buffer = stackalloc byte[64];
        new Span<byte>(buffer, 64).Fill(0x77);
        EFI_MAC_ADDRESS source = default;
        EFI_MAC_ADDRESS destination = default;
        Group.CopyTo(new Span<byte>(&source, 6));
        Other.CopyTo(new Span<byte>(&destination, 6));
        ushort protocol = 0x86DD;
        Assert.Equal(Success, Snp->Transmit(Snp, 14, 64, buffer, hasSource ? &source : null, &destination, &protocol));
        byte[] frame = Assert.Single(Nic.Transmitted);
        Assert.Equal(Other, new MacAddress(frame));
        Assert.Equal(hasSource ? Group : FakeNic.Permanent, new MacAddress(frame.AsSpan(6)));
        Assert.Equal([0x86, 0xDD, 0x77], frame[12..15]);
        Assert.Equal(64, frame.Length);
        Assert.Equal((nint)buffer, Client.Recycled());
    }

    [Fact]
    public void Transmit_WithWrongParameters_SendsNothing()
    {
        ToInitialized();
        byte* buffer = stackalloc byte[2048];
        EFI_MAC_ADDRESS destination = default;
        ushort protocol = 0x800;
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 0, 60, null, null, null, null));
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 13, 60, buffer, null, &destination, &protocol));
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 14, 60, buffer, null, null, &protocol));
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 14, 60, buffer, null, &destination, null));
        Assert.Equal(BufferTooSmall, Snp->Transmit(Snp, 0, 13, buffer, null, null, null));
        Assert.Equal(BufferTooSmall, Snp->Transmit(Snp, 14, 0, buffer, null, &destination, &protocol));
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 0, 1519, buffer, null, null, null));
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 0, nuint.MaxValue, buffer, null, null, null));
        Assert.Empty(Nic.Transmitted);
        Assert.Equal(0, Client.Recycled());
    }

    [Fact]
    public void Transmit_WhenTheRingIsFull_IsNotReadyAndTheBufferIsNotRecycled()
    {
        ToInitialized();
        Nic.HasRoom = false;
        Assert.Equal(NotReady, Client.Transmit(SnpClient.Frame(Other), out _));
        Assert.Equal(0, Client.Recycled());
        Assert.Equal(0ul, Client.Statistics().TxTotalFrames);
    }

    [Fact]
    public void Transmit_WithoutRecycling_IsNotReadyUntilABufferIsTaken()
    {
        ToInitialized();
        List<nint> sent = [];
        nint buffer;
        while (Client.Transmit(SnpClient.Frame(Other), out buffer).IsSuccess)
        {
            sent.Add(buffer);
            Assert.True(sent.Count < 1000);
        }

        Assert.Equal(sent.Count, Nic.Transmitted.Count);
        Assert.Equal(NotReady, Client.Transmit(SnpClient.Frame(Other), out _));
        Assert.Equal(sent[0], Client.Recycled());
        Assert.Equal(Success, Client.Transmit(SnpClient.Frame(Other), out buffer));
        sent.Add(buffer);
        for (int i = 1; i < sent.Count; i++)
        {
            Assert.Equal(sent[i], Client.Recycled());
        }

        Assert.Equal(0, Client.Recycled());
    }
}
