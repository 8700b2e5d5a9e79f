using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.Boot.App.Platforms;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.NetworkStack.Protocols.Dhcp6;
using NetBoot.NetworkStack.Protocols.San;
using NetBoot.NetworkStack.Protocols.Syslog;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Network;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>A disk over the network as the firmware's drivers and a started image read it, while frames arrive.</summary>
[Collection("Firmware")]
public sealed unsafe class SanBlockIoTests : IDisposable
{
    private const int BlockSize = 512;

    private readonly SimulatedFirmware _firmware = new();
    private readonly PeerWire _wire = new PeerWire().Configured();
    private readonly PeerHost _host;
    private readonly RangeServer _server;
    private readonly HttpDisk _disk;
    private readonly NetworkKeeper _keeper;
    private readonly SanBlockIo _shown;
    private readonly EFI_BLOCK_IO_PROTOCOL* _block;
    private readonly EFI_BLOCK_IO2_PROTOCOL* _block2;

    public SanBlockIoTests()
    {
        _host = _wire.AddHost("192.0.2.1");
        _server = new RangeServer(_host, 8 << 20);
        FetchOptions options = new() { StallTimeout = 5_000_000, MaximumTries = 11 }; // SanDrives' own.
        PeerWire.Assert(HttpDisk.Open(_wire.Network, _wire.Client, [ResourceUri.Parse("http://192.0.2.1/d", out _)!], options, out HttpDisk? disk));
        _disk = disk!;
        TestDomain domain = new();
        _keeper = NetworkKeeper.Create(_wire.Network, _wire, domain, out _)!;
        byte[] nic = new DevicePathBuilder().Mac(PeerWire.ClientMac, 1).ToArray();
        _shown = SanBlockIo.Install(_disk, nic, _wire.Network, _keeper, domain, out _)!;
        _block = Firmware.Get<EFI_BLOCK_IO_PROTOCOL>(_shown.Handle);
        _block2 = Firmware.Get<EFI_BLOCK_IO2_PROTOCOL>(_shown.Handle);
    }

    public void Dispose()
    {
        if (!_firmware.HasExitedBootServices)
        {
            _shown.Dispose();
            _keeper.Dispose();
            Assert.Empty(_firmware.Leaks);
        }

        _disk.Dispose();
        _firmware.Dispose();
    }

    [Fact]
    public void Media_AndDevicePath_AreTheDisks()
    {
        EFI_BLOCK_IO_MEDIA media = *_block->Media;

        Assert.True(_block->Media == _block2->Media);
        Assert.Equal((1, 1, 0, 0), (media.MediaPresent, media.ReadOnly, media.LogicalPartition, media.RemovableMedia));
        Assert.Equal((512U, (8UL << 20) / 512 - 1), (media.BlockSize, media.LastBlock));
        byte[] expected = new DevicePathBuilder().Mac(PeerWire.ClientMac, 1).Uri("http://192.0.2.1/d").ToArray();
        Assert.Equal(expected, DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(_shown.Handle)).ToArray());
    }

    [Fact]
    public void ReadBlocks_AtCallback_WhileFramesArriveAndTheTimerIsDue_IsRight()
    {
        _keeper.Begin();
        int turns = 0;
        _wire.OnTurn = () =>
        {
            turns++;
            _firmware.Advance(TimeSpan.FromMilliseconds(20)); // The timer is due, but runs at this level and so not now.
            return true;
        };
        Random random = new(1);
        for (int i = 0; i < 40; i++)
        {
            nuint old = Firmware.RaiseTpl(EFI_TPL.TPL_CALLBACK);
            Check((ulong)random.Next(16_000), random.Next(1, 300));
            Assert.Equal(EFI_TPL.TPL_CALLBACK, Firmware.CurrentTpl);
            Firmware.RestoreTpl(old); // Here it runs.
        }

        Assert.True(turns > 40);
        Assert.Empty(_firmware.Violations);
    }

    [Fact]
    public void Timer_TakesInWhatComesBetweenCalls_AndALostConnectionIsMadeAgainByTheNextCall()
    {
        Check(9000, 8);
        _server.OnRequest = (c, request) =>
        {
            _server.OnRequest = null;
            _server.Answer(c, request);
            c.After(50_000, c.Reset);
            return true;
        };
        Check(12_000, 8);
        int pools = _firmware.AllocatedPools;
        _keeper.Begin();
        int connections = _server.Connections;

        RunImage(1_000_000); // Nobody calls; the server resets the connection.

        Assert.Equal(pools, _firmware.AllocatedPools);
        Assert.Equal(connections, _server.Connections);
        Check(14_000, 8);
        Assert.Equal(connections + 1, _server.Connections);
    }

    [Fact]
    public void Timer_RenewsTheLease_WithTheMemoryThatThereWas()
    {
        DhcpServer dhcp = new(_host) { LeaseTime = 200, File = "x" };
        DhcpClient client = new(_wire.Network, _wire.Interface);
        PeerWire.Assert(client.Configure(_wire, new DhcpOptions()));
        NetBoot.NetworkStack.Interfaces.DhcpLease lease = _wire.Interface.Lease!;
        int requests = dhcp.Requests.Count;
        _keeper.Begin();

        RunImage(350_000_000);

        Assert.Equal(requests + 3, dhcp.Requests.Count);
        Assert.Same(lease, _wire.Interface.Lease); // A new one would be new memory: it waits for the next call.
        Check(9000, 8);
        Assert.NotSame(lease, _wire.Interface.Lease);
        Assert.Equal("192.0.2.50", _wire.Interface.Address.Text());
        client.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Timer_WhateverArrives_AndIfTheLeaseIsLost_NeitherTakesMemoryNorGivesAny(bool isRefused)
    {
        DhcpServer dhcp = new(_host) { LeaseTime = 200, File = "x" };
        DhcpClient client = new(_wire.Network, _wire.Interface);
        PeerWire.Assert(client.Configure(_wire, new DhcpOptions()));
        Dhcp6Server dhcp6 = new(_host) { Client = IPv6Router.Parse("fe80::5054:ff:fe00:1"), Times = (60, 90, 120, 150) };
        Dhcp6Client client6 = new(_wire.Network, _wire.Interface);
        IPv6Router router = new(_host, "fe80::1");
        _wire.Interface.IPv6.Start();
        PeerWire.Assert(client6.Begin(new DhcpOptions()));
        router.Advertise(1800, 0x80, IPv6Router.OnLinkPrefix);
        while (!client6.IsBound)
        {
            _wire.RunOnce();
        }

        Check(9000, 8);
        Random random = new(3);
        List<string> calls = [];
        _firmware.Intercept = service =>
        {
            calls.Add(service);
            return default;
        };
        int changes = Arena.ChangesOnThread;
        int arps = _host.Frames.Count;
        using SyslogClient syslog = new(_wire.Network, new EndlessLog());
        _keeper.Begin();

        for (int second = 0; second < 900; second++)
        {
            SendOddFrames(second, random);
            router.Advertise((ushort)(second % 50 == 0 ? 0 : 1800), 0x80, IPv6Router.Prefix($"2001:db8:{second % 30:x}::", 64, 0xC0, 100, 50));
            _wire.Interface.Neighbours.Clear(AddressFamily.IPv4);
            bool isWithdrawn = second > 300 && !_wire.Interface.Address.IsAny;
            dhcp.Refuses = isWithdrawn && isRefused;
            dhcp.Acknowledges = !isWithdrawn || isRefused;
            dhcp6.Refusals.Clear();
            if (second is > 100 and < 300)
            {
                dhcp6.Refusals[Dhcp6Server.Renew] = 3;
            }

            dhcp6.Deaf.UnionWith(second > 600 ? [Dhcp6Server.Renew, Dhcp6Server.Rebind] : second > 400 ? [Dhcp6Server.Renew] : []);
            RunImage(1_000_000);
        }

        Assert.Equal(changes, Arena.ChangesOnThread);
        Assert.DoesNotContain(calls, each => each.Contains("Allocate", StringComparison.Ordinal) || each.Contains("Free", StringComparison.Ordinal));
        Assert.NotEmpty(calls);
        Assert.True(_wire.Interface.Address.IsAny);
        Assert.Null(_wire.Interface.Lease);
        Assert.InRange(dhcp.Discovers.Count, 2, 4);
        Assert.Contains(Dhcp6Server.Rebind, dhcp6.Types);
        Assert.True(_host.Frames.Count > arps);
        Assert.Empty(_firmware.Violations);

        _firmware.Intercept = null;
        _keeper.End();
        Check(14_000, 8); // The call has the lease again, and then the disk.
        client6.Dispose();
        client.Dispose();
    }

    [Fact]
    public void Timer_AfterTheEnd_DoesNothing()
    {
        _keeper.Begin();
        _keeper.End();
        ulong received = _wire.Network.ReceivedFrames;
        _host.SendArp(1, new MacAddress([0x52, 0x54, 0, 0, 1, 1]), new IPv4Address(192, 0, 2, 1), default, new IPv4Address(192, 0, 2, 100));

        RunImage(100_000);

        Assert.Equal(received, _wire.Network.ReceivedFrames);
    }

    [Theory]
    [InlineData(2U, 0UL, 512, "EFI_MEDIA_CHANGED")]
    [InlineData(1U, 0UL, 0, "EFI_SUCCESS")]
    [InlineData(1U, 0UL, 511, "EFI_BAD_BUFFER_SIZE")]
    [InlineData(1U, 16_383UL, 512, "EFI_SUCCESS")]
    [InlineData(1U, 16_383UL, 1024, "EFI_INVALID_PARAMETER")]
    [InlineData(1U, 16_384UL, 512, "EFI_INVALID_PARAMETER")]
    [InlineData(1U, ulong.MaxValue, 1024, "EFI_INVALID_PARAMETER")]
    public void ReadBlocks_ChecksWhatItIsGiven(uint media, ulong block, int size, string expected)
    {
        byte* buffer = stackalloc byte[2048];
        Assert.Equal(expected, NameOf(_block->ReadBlocks(_block, media, block, (nuint)size, buffer)));
        Assert.Equal(expected, NameOf(_block2->ReadBlocksEx(_block2, media, block, null, (nuint)size, buffer)));
    }

    [Fact]
    public void WhatIsReadOnly_IsNotWritten_AndNullIsNoBuffer()
    {
        byte* buffer = stackalloc byte[1024];
        Assert.Equal(EFI_STATUS.EFI_WRITE_PROTECTED, _block->WriteBlocks(_block, 1, 0, 512, buffer));
        Assert.Equal(EFI_STATUS.EFI_WRITE_PROTECTED, _block2->WriteBlocksEx(_block2, 1, 0, null, 512, buffer));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _block->ReadBlocks(_block, 1, 0, 512, null));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _block->ReadBlocks(null, 1, 0, 512, buffer));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _block->FlushBlocks(_block));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _block->Reset(_block, 1));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _block->ReadBlocks(_block, 1, 0, 512, buffer + 1)); // Any alignment.
    }

    [Fact]
    public void ReadBlocksEx_WithAnEvent_TellsHowItWentInTheToken()
    {
        using Event ended = Event.Create(0, out _)!;
        EFI_BLOCK_IO2_TOKEN token = new() { Event = ended.Handle, TransactionStatus = EFI_STATUS.EFI_NOT_READY };
        byte[] read = new byte[BlockSize];
        fixed (byte* buffer = read)
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, _block2->ReadBlocksEx(_block2, 1, 7000, &token, BlockSize, buffer));
            Assert.True(ended.Check());
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, token.TransactionStatus);
            Assert.Equal(_server.Bytes(7000 * BlockSize, BlockSize), read);

            Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _block2->ReadBlocksEx(_block2, 1, 70_000, &token, BlockSize, buffer));
            Assert.False(ended.Check());

            _server.Size++;
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, _block2->ReadBlocksEx(_block2, 1, 9000, &token, BlockSize, buffer));
            Assert.True(ended.Check());
            Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, token.TransactionStatus);
        }
    }

    [Fact]
    public void CallFromInsideTheNetwork_IsRefused_AndHarmsNothing()
    {
        EFI_STATUS inside = default;
        _host.OnUdp(9, (_, _) => { });
        _server.OnRequest = (c, request) =>
        {
            _server.OnRequest = null;
            _server.Answer(c, request);
            return true;
        };
        _wire.OnTurn = () =>
        {
            byte* buffer = stackalloc byte[BlockSize];
            inside = _block->ReadBlocks(_block, 1, 15_000, BlockSize, buffer);
            return true;
        };

        Check(9000, 8);

        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, inside);
    }

    /// <summary>Where memory runs out that cannot be asked for beforehand: in the loop that waits, or inside the network.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MemoryThatRunsOutInACall_EndsThatDisk_AndNoOther(bool isInsideTheNetwork)
    {
        FetchOptions options = new() { StallTimeout = 5_000_000, MaximumTries = 11 };
        PeerWire.Assert(HttpDisk.Open(_wire.Network, new FetchClient(_wire.Network, _wire), [ResourceUri.Parse("http://192.0.2.1/o", out _)!], options, out HttpDisk? other));
        ThrowingHandler handler = new();
        using UdpSocket socket = UdpSocket.Open(_wire.Network, handler, 7, out _)!;
        _server.OnRequest = (_, _) =>
        {
            _server.OnRequest = null;
            _host.SendUdp(7, new IPEndpoint(new IPv4Address(192, 0, 2, 100), 7), [1]);
            return true;
        };
        _wire.OnTurn = () => isInsideTheNetwork || _server.OnRequest is not null ? true : throw new OutOfMemoryException();
        handler.Throws = isInsideTheNetwork;
        byte* buffer = stackalloc byte[BlockSize];

        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, _block->ReadBlocks(_block, 1, 9000, BlockSize, buffer));

        _wire.OnTurn = null;
        int requests = _server.Requests.Count;
        Assert.Equal("memory ran out in the middle of a call", _disk.Failure.ToString());
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, _block->ReadBlocks(_block, 1, 9000, BlockSize, buffer));
        Assert.Equal(requests, _server.Requests.Count);
        byte[] read = new byte[BlockSize];
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, other!.Read(9000, read));
        Assert.Equal(_server.Bytes(9000 * BlockSize, BlockSize), read);
        other.Dispose();
    }

    [Fact]
    public void Timer_InWhichMemoryRunsOut_GoesOnWithTheNextTick()
    {
        ThrowingHandler handler = new() { Throws = true };
        using UdpSocket socket = UdpSocket.Open(_wire.Network, handler, 7, out _)!;
        _keeper.Begin();
        _host.SendUdp(7, new IPEndpoint(new IPv4Address(192, 0, 2, 100), 7), [1]);

        RunImage(100_000);

        Assert.False(handler.Throws);
        Assert.True(_wire.Network.MayAllocate);
        Check(9000, 8);
    }

    /// <summary>As from an event of the firmware's, in the middle of a task of the network's.</summary>
    [Fact]
    public void ReadFromInsideATask_IsRefused()
    {
        EFI_STATUS inside = default;
        using SyslogClient task = new(_wire.Network, new CallingLog(() =>
        {
            byte* buffer = stackalloc byte[BlockSize];
            inside = _block->ReadBlocks(_block, 1, 15_000, BlockSize, buffer);
        }));

        _wire.RunOnce();

        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, inside);
        task.Dispose();
        Check(15_000, 8);
    }

    [Fact]
    public void ReadThatMemoryRanOutIn_DoesNotGoOn()
    {
        byte[] memory = GC.AllocateArray<byte>(1 << 20, pinned: true);
        fixed (byte* buffer = memory)
        {
            int turns = 0;
            _wire.OnTurn = () => ++turns < 8 ? true : throw new OutOfMemoryException();
            Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, _block->ReadBlocks(_block, 1, 8192, 1 << 20, buffer));
        }

        Assert.False(memory.AsSpan().IndexOfAnyExcept((byte)0) < 0);
        _wire.OnTurn = null;
        memory.AsSpan().Fill(0xAA);
        for (int i = 0; i < 2000; i++)
        {
            _wire.RunOnce();
        }

        Assert.True(memory.AsSpan().IndexOfAnyExcept((byte)0xAA) < 0);
    }

    [Fact]
    public void ExitBootServices_IsTheEnd_AtOnce()
    {
        Check(9000, 8);
        _keeper.Begin();
        RunImage(10_000); // What was sent before arrives.
        int frames = 0;
        _wire.OnClientFrame = _ => frames++;

        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _firmware.ExitBootServices()); // Which looks for allocations.

        byte* buffer = stackalloc byte[BlockSize];
        Assert.True(_keeper.IsOver);
        for (int i = 0; i < 100; i++)
        {
            _wire.Move();
        }

        Assert.Equal(0, frames);
        Assert.Empty(_firmware.Violations);
    }

    [Fact]
    public void ReadBlocks_OnceExitBootServicesHasBegun_IsAnError()
    {
        byte* buffer = stackalloc byte[BlockSize];
        nint at = (nint)buffer;
        EFI_STATUS status = default;
        Event.Create( // Which nobody can close then.
            EVT.EVT_SIGNAL_EXIT_BOOT_SERVICES, EFI_TPL.TPL_CALLBACK, new TestDomain(), () => status = _block->ReadBlocks(_block, 1, 9000, BlockSize, (void*)at), out _);
        int requests = _server.Requests.Count;

        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _firmware.ExitBootServices());

        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, status);
        Assert.Equal(requests, _server.Requests.Count);
        Assert.Empty(_firmware.Violations);
    }

    /// <summary>What comes on any network, and what does not.</summary>
    private void SendOddFrames(int number, Random random)
    {
        IPv4Address ours = new(192, 0, 2, (byte)(number % 2 == 0 ? 50 : 100));
        byte[] noise = new byte[random.Next(8, 1400)];
        random.NextBytes(noise);
        _host.SendArp(1, new MacAddress([0x52, 0x54, 0, 0, 1, 1]), new IPv4Address(192, 0, 2, 1), default, ours);
        _host.SendUdp((ushort)random.Next(65536), new IPEndpoint(ours, (ushort)random.Next(65536)), noise);
        _host.SendUdp(53, new IPEndpoint(ours, 68), noise);
        _host.SendIPv4(new IPv4Address(192, 0, 2, 1), ours, (byte)random.Next(256), noise);
        _host.SendIPv4(new IPv4Address(192, 0, 2, 1), ours, 6, noise);
        _host.SendIPv4(new IPv4Address(192, 0, 2, 1), ours, 1, [8, 0, .. noise]);
        _host.SendIcmpV6(IPv6Router.Parse("fe80::1"), IPv6Router.Parse("fe80::5054:ff:fe00:1"), [(byte)random.Next(127, 150), 0, .. noise]);
        _host.SendIPv6(IPv6Router.Parse("fe80::1"), IPv6Router.Parse("fe80::5054:ff:fe00:1"), (byte)random.Next(256), noise);
        _host.SendFrame(0x88CC, noise);
        _host.SendFrame((ushort)random.Next(65536), noise);
        if (number % 20 == 0)
        {
            _server.Connection?.Reset();
        }
    }

    private static string NameOf(EFI_STATUS status) =>
        status == EFI_STATUS.EFI_SUCCESS ? nameof(EFI_STATUS.EFI_SUCCESS)
        : status == EFI_STATUS.EFI_MEDIA_CHANGED ? nameof(EFI_STATUS.EFI_MEDIA_CHANGED)
        : status == EFI_STATUS.EFI_BAD_BUFFER_SIZE ? nameof(EFI_STATUS.EFI_BAD_BUFFER_SIZE)
        : status == EFI_STATUS.EFI_INVALID_PARAMETER ? nameof(EFI_STATUS.EFI_INVALID_PARAMETER)
        : $"{status.Value}";

    private void Check(ulong block, int count)
    {
        byte[] read = new byte[count * BlockSize];
        fixed (byte* buffer = read)
        {
            EFI_STATUS status = _block->ReadBlocks(_block, 1, block, (nuint)read.Length, buffer);
            Assert.True(status.IsSuccess, $"{status} at {block}: {_disk.Failure}");
        }

        Assert.True(read.AsSpan().SequenceEqual(_server.Bytes(block * BlockSize, read.Length)), $"wrong bytes in {count} blocks at {block}");
    }

    /// <summary>An image runs that does not call us: frames arrive, and the firmware's timer ticks.</summary>
    private void RunImage(ulong microseconds)
    {
        ulong until = _wire.Now + microseconds;
        ulong ticked = _wire.Now;
        while (_wire.Now < until)
        {
            _wire.Move();
            _firmware.Advance(TimeSpan.FromMicroseconds(_wire.Now - ticked));
            ticked = _wire.Now;
        }
    }

    private sealed class CallingLog(Action call) : ISyslogSource
    {
        bool ISyslogSource.HasLine
        {
            get
            {
                call();
                return false;
            }
        }

        IPv4Address ISyslogSource.Server => default;

        ulong ISyslogSource.Position { get; set; }

        int ISyslogSource.TakeLine(Span<byte> message) => 0;
    }

    /// <summary>Always has a line, for a server whose address is known.</summary>
    private sealed class EndlessLog : ISyslogSource
    {
        bool ISyslogSource.HasLine => true;

        IPv4Address ISyslogSource.Server => new(192, 0, 2, 1);

        ulong ISyslogSource.Position { get; set; }

        int ISyslogSource.TakeLine(Span<byte> message) => 1;
    }

    private sealed class ThrowingHandler : IUdpHandler
    {
        public bool Throws { get; set; }

        void IUdpHandler.OnDatagram(in UdpDatagram datagram)
        {
            if (Throws)
            {
                Throws = false;
                throw new OutOfMemoryException();
            }
        }

        void IUdpHandler.OnUnreachable(IPEndpoint destination, Unreachable reason)
        {
        }
    }

    private sealed class TestDomain : FaultDomain
    {
        public override string Name => "test";
    }
}
