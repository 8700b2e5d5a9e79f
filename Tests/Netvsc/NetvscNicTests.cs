using System;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Netvsc;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Netvsc;

/// <summary>The NIC on a channel that does what a test wants: what no host does on purpose, and what a frame costs.</summary>
[Collection("Firmware")]
public sealed class NetvscNicTests : IDisposable
{
    private const int MemoryPages = 256 + 64 + 32; // Receive buffer, slots, spares.

    private static readonly byte[] s_frame = new byte[1514];

    private readonly SimulatedFirmware _firmware = new();
    private readonly ScriptedChannel _channel = new();
    private NetvscNic? _nic;

    public unsafe NetvscNicTests() => Assert.True(Firmware.Initialize(_firmware.ImageHandle, _firmware.SystemTable));

    public void Dispose()
    {
        _nic?.Dispose();
        _firmware.Dispose();
        Assert.Equal(1, _channel.Disposals);
        Assert.False(_channel.IsOpen);
    }

    private NetvscNic Open()
    {
        _nic = NetvscNic.Create(_channel, isPathAnonymous: false, out EFI_STATUS status);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, status);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _nic!.Open(_nic.PermanentAddress));
        _nic.SetFilter(ReceiveFilters.Unicast, default);
        Assert.Equal(1u, _channel.Filter);
        return _nic;
    }

    [Fact]
    public void Frames_AllocateNothing()
    {
        NetvscNic nic = Open();
        int rounds = 0;
        int received = 0;
        int sent = 0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            rounds++;
            _channel.FramesToReceive = 1000;
            for (int i = 0; i < 2000; i++)
            {
                sent += nic.TryTransmit(s_frame) ? 1 : 0;
                received += nic.Peek().Length == 1514 ? 1 : 0;
                nic.Release();
                nic.IsLinkUp();
            }
        }));
        Assert.Equal((2000 * rounds, 1000 * rounds), (sent, received));
        Assert.Equal(2000 * rounds, _channel.SentFrames);
    }

    [Fact]
    public void AReceivedFrame_IsReadWhereTheHostWroteIt()
    {
        NetvscNic nic = Open();
        _channel.FramesToReceive = 1;
        Assert.True(nic.Peek().Overlaps(nic.Peek(), out int offset));
        Assert.Equal(0, offset);
        Assert.Equal(1514, nic.Peek().Length);
    }

    [Fact]
    public void TheConnection_LostAtAnyCall_IsRecoveredFrom()
    {
        NetvscNic nic = Open();
        for (int calls = 0; calls < 200; calls++)
        {
            _channel.CallsUntilLost = calls;
            TimeSpan before = _firmware.Elapsed;
            for (int i = 0; i < 20; i++)
            {
                _channel.FramesToReceive = 1;
                nic.TryTransmit(s_frame);
                nic.Peek();
                nic.Release();
                nic.SetFilter(ReceiveFilters.Unicast, default);
                Assert.True(nic.IsLinkUp());
            }

            Assert.InRange((_firmware.Elapsed - before).TotalMilliseconds, 0, 10);
            _channel.Restore();
            ExpectWorking(nic);
        }
    }

    [Fact]
    public void TheConnection_LostAgainWhileTheDeviceIsSetUp_IsRecoveredFrom()
    {
        NetvscNic nic = Open();
        for (int calls = 0; calls < 120; calls++)
        {
            _channel.Restore();
            _channel.CallsUntilLost = calls;
            nic.TryTransmit(s_frame);
            nic.IsLinkUp();
            _channel.Restore();
            ExpectWorking(nic);
        }
    }

    [Fact]
    public void WhileTheConnectionIsLost_NothingIsSentOrSaid()
    {
        NetvscNic nic = Open();
        _channel.CallsUntilLost = 0;
        Assert.False(nic.TryTransmit(s_frame));
        Assert.True(nic.Peek().IsEmpty);
        Assert.True(nic.IsLinkUp());
        Assert.True(nic.Open(nic.PermanentAddress).IsError);
        _channel.Restore();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, nic.Open(nic.PermanentAddress));
        nic.SetFilter(ReceiveFilters.Unicast, default);
        ExpectWorking(nic);
    }

    [Fact]
    public void AChannelThatIsGone_HasNoLink_AndEndsAtOnce()
    {
        NetvscNic nic = Open();
        _channel.IsGone = true;
        TimeSpan before = _firmware.Elapsed;
        Assert.False(nic.TryTransmit(s_frame));
        Assert.False(nic.IsLinkUp());
        Assert.True(nic.Open(nic.PermanentAddress).IsError);
        nic.Quiesce();
        Assert.InRange((_firmware.Elapsed - before).TotalMilliseconds, 0, 10);
    }

    [Fact]
    public void TheMemory_IsTakenBackWhenTheChannelIsClosed()
    {
        ulong before = _firmware.AllocatedPages;
        NetvscNic nic = Open();
        nic.Quiesce();
        Assert.Equal(1, _channel.GpadlCount);
        nic.Dispose();
        _nic = null;
        Assert.Equal(0, _channel.GpadlCount);
        Assert.Equal(0, _channel.DestroyedWhileOpen);
        Assert.Equal(before, _firmware.AllocatedPages);
    }

    [Theory]
    [InlineData("when it is shown")]
    [InlineData("when it is taken back")]
    [InlineData("when the channel is closed")]
    public void MemoryThatTheHostMayStillUse_IsNeverFreed(string when)
    {
        ulong before = _firmware.AllocatedPages;
        if (when == "when it is shown")
        {
            _channel.GpadlStatus = EFI_STATUS.EFI_TIMEOUT;
            Assert.Null(NetvscNic.Create(_channel, false, out EFI_STATUS status));
            Assert.Equal(EFI_STATUS.EFI_TIMEOUT, status);
        }
        else
        {
            NetvscNic nic = Open();
            _channel.KeepsGpadls = when == "when it is taken back";
            _channel.KeepsPackets = when == "when the channel is closed";
            nic.Dispose();
            _nic = null;
        }

        Assert.Equal(before + MemoryPages, _firmware.AllocatedPages);
    }

    [Fact]
    public void ADeviceThatKeepsItsMemory_IsNotSetUpOverIt()
    {
        NetvscNic nic = Open();
        _channel.KeepsGpadls = true;
        _channel.IsMute = true;
        nic.SetFilter(ReceiveFilters.Broadcast, default);
        _channel.IsMute = false;
        int setUps = _channel.SetUps;
        TimeSpan before = _firmware.Elapsed;
        for (int i = 0; i < 3; i++)
        {
            Assert.True(nic.Open(nic.PermanentAddress).IsError);
            Assert.False(nic.TryTransmit(s_frame));
            Assert.True(nic.Peek().IsEmpty);
        }

        Assert.Equal(setUps, _channel.SetUps);
        Assert.InRange((_firmware.Elapsed - before).TotalMilliseconds, 0, 10);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AHostThatSendsWithoutEnd_AndAnswersNothing_IsWaitedForInVain_ForTheUsualTime(bool takesNoCompletions)
    {
        _channel.IsMute = true;
        _channel.FramesToReceive = int.MaxValue;
        _channel.CompletionStatus = takesNoCompletions ? EFI_STATUS.EFI_NOT_READY : default;
        Assert.Null(NetvscNic.Create(_channel, false, out EFI_STATUS status));
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, status);
        Assert.InRange(_firmware.Elapsed.TotalSeconds, 1, 3);
    }

    private void ExpectWorking(NetvscNic nic)
    {
        int sent = _channel.SentFrames;
        int completed = _channel.CompletedPackets;
        Assert.True(nic.TryTransmit(s_frame));
        Assert.Equal(sent + 1, _channel.SentFrames);
        Assert.Equal(1u, _channel.Filter);
        Assert.True(nic.IsLinkUp());
        while (!nic.Peek().IsEmpty)
        {
            nic.Release();
        }

        completed = _channel.CompletedPackets;
        _channel.FramesToReceive = 1;
        Assert.Equal(1514, nic.Peek().Length);
        nic.Release();
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(completed + 1, _channel.CompletedPackets);
    }
}
