using System;
using System.Collections.Generic;
using System.Linq;
using BusDrivers.Xen;
using FsCheck;
using FsCheck.Fluent;
using NicDrivers;
using NicDrivers.Netfront;
using Tests.Simulation;
using Uefi.Interop;
using Uefi.Interop.DriverModel;
using Uefi.Interop.Raw;
using Xunit;

namespace Tests.Xen;

/// <summary>The frontend of a network interface, on our XenBus and a simulated Xen, against a backend that is strict, or worse.</summary>
[Collection("Firmware")]
public sealed unsafe class NetfrontNicTests : IDisposable
{
    private const int ReceiveSlots = 128;
    private const int TransmitSlots = 64;

    private static readonly MacAddress Own = new(Convert.FromHexString("525400123456"));

    private readonly SimulatedFirmware _firmware = new();
    private readonly SimulatedXen _xen;
    private readonly SimulatedNetback _back;
    private readonly DriverSet _bus;
    private readonly Footprint _footprint;
    private NetfrontNic? _nic;

    /// <summary>The backend keeps pages for good.</summary>
    private bool _hasLeaked;

    public NetfrontNicTests()
    {
        _xen = new SimulatedXen(_firmware);
        _back = new SimulatedNetback(_xen);
        _footprint = new Footprint(_firmware);
        _bus = new DriverSet([new XenBusDriver()]);
        Assert.True(_bus.Install().IsSuccess);
        _firmware.Connect(_xen.Controller);
    }

    public void Dispose()
    {
        _nic?.Dispose();
        if (!_hasLeaked)
        {
            Assert.Equal(0, _xen.Grants.MappedPages);
            Assert.Empty(_xen.Channels.Open);
        }
        Assert.True(_bus.Uninstall().IsSuccess);
        if (!_hasLeaked)
        {
            Assert.Empty(_xen.Grants.Granted);
            _footprint.ExpectUnchanged("The NIC");
        }
        _xen.Dispose();
        _firmware.Dispose();
    }

    private NetfrontNic? Create(out EFI_STATUS status)
    {
        EFI_HANDLE handle = Assert.Single(_firmware.HandlesWith<NETBOOT_XENBUS_PROTOCOL>());
        XenBusDevice device = XenBusDevice.Create(_firmware.Get<NETBOOT_XENBUS_PROTOCOL>(handle))!;
        _nic = NetfrontNic.Create(device, out status);
        Assert.Equal(status.IsError, _nic is null);
        return _nic;
    }

    private NetfrontNic Create() => Create(out _)!;

    private NetfrontNic Open()
    {
        NetfrontNic nic = Create();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, nic.Open(Own));
        return nic;
    }

    private static byte[] Frame(int size, int seed)
    {
        byte[] frame = new byte[size];
        new Random(seed).NextBytes(frame);
        return frame;
    }

    private void Wait(int milliseconds) => _firmware.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private void ExpectAtRest()
    {
        Assert.Equal(SimulatedNetback.Initialising, _back.Nodes.FrontendState);
        Assert.Equal(SimulatedNetback.InitWait, _back.Nodes.BackendState);
        Assert.False(_back.IsConnected);
        Assert.Empty(_xen.Grants.Granted);
        Assert.Empty(_xen.Channels.Open);
    }

    private void ExpectTraffic(NetfrontNic nic)
    {
        byte[] frame = Frame(300, 1);
        Assert.True(nic.IsLinkUp());
        Assert.True(nic.TryTransmit(frame));
        Assert.Equal(frame, _back.Sent[^1]);
        Assert.True(_back.Receive(frame));
        Assert.Equal(frame, nic.Peek().ToArray());
        nic.Release();
        Assert.True(nic.Peek().IsEmpty);
    }

    // Making and connecting

    [Fact]
    public void Create_TellsWhatTheStoreSays_AndTouchesNothing()
    {
        int requests = _xen.Store.Requests.Count;
        NetfrontNic nic = Create();
        Assert.Equal("Xen network interface 0", nic.Model);
        Assert.Equal(Own, nic.PermanentAddress);
        Assert.Equal(1500, nic.Mtu);
        Assert.Equal(0, nic.GrantedPages);
        Assert.DoesNotContain(_xen.Store.Requests.Skip(requests), each => each.Type == SimulatedStore.WriteNode);
    }

    [Theory]
    [InlineData("1450", 1450)]
    [InlineData("68", 68)]
    [InlineData("67", 1500)]
    [InlineData("1500", 1500)]
    [InlineData("9000", 1500)]
    [InlineData("99999999999999999999", 1500)]
    [InlineData("big", 1500)]
    [InlineData("", 1500)]
    public void Mtu_IsWhatTheToolstackSays_WhenItIsUsable(string said, int expected)
    {
        _back.Nodes.WriteFrontend("mtu", said);
        Assert.Equal(expected, Create().Mtu);
    }

    [Theory]
    [InlineData("52:54:00:AB:cd:Ef", true)]
    [InlineData("00:00:00:00:00:00", false)]
    [InlineData("01:00:5e:00:00:01", false)]
    [InlineData("52:54:00:12:34:5", false)]
    [InlineData("52:54:00:12:34:567", false)]
    [InlineData("52-54-00-12-34-56", false)]
    [InlineData("52:54:00:12:34:5g", false)]
    [InlineData("", false)]
    public void Create_WithoutAUsableAddress_Fails(string mac, bool isUsable)
    {
        _back.Nodes.WriteFrontend("mac", mac);
        Assert.Equal(isUsable, Create(out _) is not null);
    }

    [Fact]
    public void Create_WithoutABackend_Fails()
    {
        _back.Vanish();
        Create(out EFI_STATUS status);
        Assert.True(status.IsError);
    }

    [Fact]
    public void Create_WhenMemoryIsShort_LeavesNothing()
    {
        bool failed = true;
        for (int left = 0; failed; left++)
        {
            _firmware.AllocationsLeft = left;
            failed = Create(out _) is null;
            _firmware.AllocationsLeft = int.MaxValue;
        }
    }

    [Theory]
    [InlineData("qnic")]
    [InlineData("vif")]
    public void Open_FollowsTheBackendsPath_AndNegotiates(string type)
    {
        SimulatedNetback other = new(_xen, index: 3, mac: "525400000003", type: type);
        Assert.True(_bus.Uninstall().IsSuccess);
        Assert.True(_bus.Install().IsSuccess);
        _firmware.Connect(_xen.Controller);
        foreach (EFI_HANDLE handle in _firmware.HandlesWith<NETBOOT_XENBUS_PROTOCOL>())
        {
            NETBOOT_XENBUS_PROTOCOL* protocol = _firmware.Get<NETBOOT_XENBUS_PROTOCOL>(handle);
            if (protocol->Index == 3)
            {
                _nic = NetfrontNic.Create(XenBusDevice.Create(protocol)!, out _);
            }
        }
        Assert.True(_nic!.Open(Own).IsSuccess);
        Assert.True(other.IsConnected);
        Assert.False(_back.IsConnected);
        Assert.Equal("1", other.Nodes.Read("request-rx-copy"));
        Assert.Equal("1", other.Nodes.Read("feature-rx-notify"));
        Assert.Equal("1", other.Nodes.Read("feature-no-csum-offload"));
        Assert.Null(other.Nodes.Read("feature-sg"));
        Assert.Equal((uint)ReceiveSlots, other.Available);
        Assert.True(_xen.Channels.IsOpenFor(other.Port, 0));
    }

    [Fact]
    public void OpenAndClose_ForEver_LeavesNothing()
    {
        NetfrontNic nic = Create();
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(nic.Open(Own).IsSuccess);
            if (i % 100 == 0)
            {
                ExpectTraffic(nic);
            }
            nic.Close();
            ExpectAtRest();
        }
        Assert.Equal(1000, _back.Connections);
    }

    [Fact]
    public void Open_WhileOpen_ConnectsAgain()
    {
        NetfrontNic nic = Open();
        Assert.True(nic.Open(Own).IsSuccess);
        Assert.Equal(2, _back.Connections);
        ExpectTraffic(nic);
    }

    [Fact]
    public void EveryStep_OfASlowBackend_IsWaitedFor()
    {
        _back.Latency = TimeSpan.FromMilliseconds(700);
        NetfrontNic nic = Open();
        ExpectTraffic(nic);
        nic.Close();
        Wait(1000);
        ExpectAtRest();
        Assert.True(nic.Open(Own).IsSuccess);
    }

    [Theory]
    [InlineData("0")]
    [InlineData(null)]
    [InlineData("yes")]
    public void Backend_ThatCannotCopy_IsNotConnected(string? feature)
    {
        if (feature is null)
        {
            _xen.Store.Remove($"{_back.Nodes.Backend}/feature-rx-copy");
        }
        else
        {
            _back.Nodes.WriteBackend("feature-rx-copy", feature);
        }
        NetfrontNic nic = Create();
        Assert.True(nic.Open(Own).IsError);
        Assert.Equal(0, _back.Connections);
        ExpectAtRest();
        _back.WriteFeatures();
        Assert.True(nic.Open(Own).IsSuccess);
    }

    [Fact]
    public void Backend_ThatRefuses_IsLeftAsItWas_AndConnectedWhenItDoesNot()
    {
        NetfrontNic nic = Create();
        _back.RefusesToConnect = true;
        for (int i = 0; i < 3; i++)
        {
            Assert.True(nic.Open(Own).IsError);
            Assert.False(nic.IsLinkUp());
            ExpectAtRest();
        }
        _back.RefusesToConnect = false;
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }

    [Fact]
    public void Backend_ThatNeverAnswers_IsWaitedForInBounds()
    {
        NetfrontNic nic = Create();
        _back.IsAsleep = true;
        TimeSpan before = _firmware.Elapsed;
        Assert.True(nic.Open(Own).IsError);
        Assert.InRange(_firmware.Elapsed - before, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        Assert.Empty(_xen.Grants.Granted);
        _back.IsAsleep = false;
        _back.Nodes.BackendState = SimulatedNetback.Closed;
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }

    public static IEnumerable<object[]> Leftovers() =>
        from frontend in new uint[] { 0, 1, 2, 3, 4, 5, 6, 7 }
        from backend in new uint[] { 2, 4, 5, 6 }
        select new object[] { frontend, backend };

    [Theory]
    [MemberData(nameof(Leftovers))]
    public void Open_WhereverAPredecessorLeftTheTwoEnds_Connects(uint frontend, uint backend)
    {
        _back.IsAsleep = true;
        _back.Nodes.WriteFrontend("state", $"{frontend}");
        _back.Nodes.BackendState = backend;
        _back.Nodes.WriteFrontend("feature-sg", "1");
        _back.Nodes.WriteFrontend("feature-gso-tcpv4", "1");
        _back.Nodes.WriteFrontend("multi-queue-num-queues", "4");
        _back.Nodes.WriteFrontend("request-multicast-control", "1");
        Wait(1);
        _back.IsAsleep = false;
        ExpectTraffic(Open());
    }

    [Fact]
    public void Open_WhenAnythingFails_LeavesNothing()
    {
        NetfrontNic nic = Create();
        bool failed = true;
        for (int nth = 0; failed; nth++)
        {
            int count = 0;
            failed = false;
            _xen.Store.Fail = request =>
            {
                failed |= count == nth;
                return count++ == nth ? "EIO" : null;
            };
            bool opened = nic.Open(Own).IsSuccess;
            _xen.Store.Fail = null;
            Assert.True(opened || failed);
            nic.Close();
            Wait(10);
            Assert.False(_back.IsConnected);
            Assert.Empty(_xen.Grants.Granted);
            Assert.Empty(_xen.Channels.Open);
        }
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }

    [Fact]
    public void Open_WithoutAnEventChannel_Fails()
    {
        NetfrontNic nic = Create();
        _xen.Channels.AllocationsLeft = 0;
        Assert.True(nic.Open(Own).IsError);
        ExpectAtRest();
    }

    // Sending

    [Fact]
    public void Transmit_ManyTimesRoundTheRing_SendsEveryFrame()
    {
        NetfrontNic nic = Open();
        for (int i = 0; i < 3000; i++)
        {
            byte[] frame = Frame(Nic.MinimumFrameSize + (i % (Nic.MaximumFrameSize - Nic.MinimumFrameSize + 1)), i);
            Assert.True(nic.TryTransmit(frame));
            Assert.Equal(frame, _back.Sent[i]);
        }
        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Transmit_WhenAllBuffersAreUnderWay_WaitsForTheBackend()
    {
        NetfrontNic nic = Open();
        _back.HoldsTransmitted = true;
        for (int i = 0; i < TransmitSlots; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }
        Assert.False(nic.TryTransmit(Frame(60, 0)));
        _back.CompleteTransmitted(ids => ids.Reverse());
        for (int i = 0; i < TransmitSlots; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }
        Assert.False(nic.TryTransmit(Frame(60, 0)));
    }

    [Fact]
    public void Transmit_CostsOneEvent_OrNoneWhileTheBackendIsAtWork()
    {
        NetfrontNic nic = Open();
        int before = _xen.Hypercalls;
        for (int i = 0; i < 100; i++)
        {
            nic.TryTransmit(Frame(60, i));
        }
        Assert.Equal(100, _xen.Hypercalls - before);
        _back.IsAsleep = true;
        before = _xen.Hypercalls;
        for (int i = 0; i < 50; i++)
        {
            nic.TryTransmit(Frame(60, i));
        }
        Assert.Equal(1, _xen.Hypercalls - before);
        _back.IsAsleep = false;
    }

    [Fact]
    public void TransmitResponses_ThatLie_FreeNothingTwice()
    {
        NetfrontNic nic = Open();
        _back.HoldsTransmitted = true;
        for (int i = 0; i < TransmitSlots; i++)
        {
            Assert.True(nic.TryTransmit(Frame(60, i)));
        }
        _back.AnswerTransmit(5);
        _back.AnswerTransmit(5);
        _back.AnswerTransmit(TransmitSlots);
        _back.AnswerTransmit(ushort.MaxValue, -1);
        Assert.True(nic.TryTransmit(Frame(60, 0)));
        Assert.False(nic.TryTransmit(Frame(60, 0)));
    }

    [Fact]
    public void TransmitResponses_ToMoreThanWasSent_EndTheLink()
    {
        NetfrontNic nic = Open();
        _back.HoldsTransmitted = true;
        for (int i = 0; i < TransmitSlots; i++)
        {
            nic.TryTransmit(Frame(60, i));
        }
        _back.ClaimTransmitted(TransmitSlots + 1);
        Assert.False(nic.TryTransmit(Frame(60, 0)));
        Assert.False(nic.IsLinkUp());
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }

    // Receiving

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, true)]
    [InlineData(4096 - Nic.MaximumFrameSize, false)]
    public void Receive_ManyTimesRoundTheRing_GetsEveryFrame(int offset, bool neverAsksForEvents)
    {
        _back.Offset = offset;
        _back.NeverAsksForEvents = neverAsksForEvents;
        NetfrontNic nic = Open();
        int sent = 0;
        for (int received = 0; received < 3000;)
        {
            for (int burst = 0; burst < 50 && _back.Receive(Frame(60 + (sent % 1458), sent)); burst++)
            {
                sent++;
            }
            Assert.True(sent > received);
            while (!nic.Peek().IsEmpty)
            {
                Assert.Equal(Frame(60 + (received % 1458), received), nic.Peek().ToArray());
                nic.Release();
                received++;
            }
        }
        Assert.Equal(0UL, nic.ReceiveErrors);
    }

    [Fact]
    public void Receive_OfABurstThatFillsTheRing_TellsTheBackendOfNewBuffers()
    {
        _back.NeverAsksForEvents = true;
        NetfrontNic nic = Open();
        for (int round = 0; round < 20; round++)
        {
            int burst = 0;
            while (_back.Receive(Frame(60, burst)))
            {
                burst++;
            }
            Assert.InRange(burst, ReceiveSlots - 32, ReceiveSlots);
            for (int i = 0; i < burst; i++)
            {
                Assert.False(nic.Peek().IsEmpty);
                nic.Release();
            }
            Assert.True(_back.Available >= ReceiveSlots - 32);
        }
    }

    [Fact]
    public void Receive_CostsOneEventInManyFrames()
    {
        NetfrontNic nic = Open();
        int before = _xen.Hypercalls;
        for (int i = 0; i < 320; i++)
        {
            Assert.True(_back.Receive(Frame(60, i)));
            Assert.False(nic.Peek().IsEmpty);
            nic.Release();
        }
        Assert.Equal(10, _xen.Hypercalls - before);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 13)]
    [InlineData(0, 1519)]
    [InlineData(0, 4096)]
    [InlineData(0, -1)]
    [InlineData(0, short.MinValue)]
    [InlineData(0, short.MaxValue)]
    [InlineData(4096, 60)]
    [InlineData(4037, 60)]
    [InlineData(65535, 60)]
    public void ReceiveResponses_WithBadLengthsAndOffsets_AreCounted_AndTheirBuffersUsedAgain(int offset, int status)
    {
        NetfrontNic nic = Open();
        for (int i = 1; i <= 3 * ReceiveSlots; i++)
        {
            Assert.True(_back.Receive(Frame(60, i), 0, offset: offset, status: status));
            Assert.True(nic.Peek().IsEmpty);
            Assert.Equal((ulong)i, nic.ReceiveErrors);
        }
        ExpectTraffic(nic);
    }

    [Fact]
    public void Frames_InSeveralPieces_AreDropped_AndCountedOnce()
    {
        NetfrontNic nic = Open();
        for (ulong i = 1; i <= 300; i++)
        {
            Assert.True(_back.Receive(Frame(1000, 1), SimulatedNetback.MoreData, status: 2000));
            Assert.True(_back.Receive(Frame(600, 2), SimulatedNetback.MoreData));
            Assert.True(_back.Receive(Frame(400, 3)));
            Assert.True(nic.Peek().IsEmpty);
            Assert.Equal(i, nic.ReceiveErrors);
        }
        ExpectTraffic(nic);
    }

    [Fact]
    public void ExtraSegments_TakeTheirBuffersBack()
    {
        NetfrontNic nic = Open();
        for (ulong i = 1; i <= 300; i++)
        {
            Assert.True(_back.Receive(Frame(1000, 1), SimulatedNetback.MoreData | SimulatedNetback.ExtraInfo, status: 1400));
            Assert.True(_back.ReceiveExtra(1, more: true));
            Assert.True(_back.ReceiveExtra(4, more: false));
            Assert.True(_back.Receive(Frame(400, 3)));
            Assert.True(nic.Peek().IsEmpty);
            Assert.Equal(i, nic.ReceiveErrors);
        }
        ExpectTraffic(nic);
    }

    [Fact]
    public void Frames_WithoutChecksums_AreDropped()
    {
        NetfrontNic nic = Open();
        Assert.True(_back.Receive(Frame(60, 1), SimulatedNetback.ChecksumMissing));
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1UL, nic.ReceiveErrors);
        Assert.True(_back.Receive(Frame(60, 1), flags: 1)); // Checksums were verified.
        Assert.False(nic.Peek().IsEmpty);
        nic.Release();
    }

    [Fact]
    public void ReceiveResponses_OutOfOrder_AreTaken()
    {
        NetfrontNic nic = Open();
        Assert.True(_back.TryTakeBuffer(out ushort first, out uint firstGrant));
        Assert.True(_back.TryTakeBuffer(out ushort second, out uint secondGrant));
        Assert.True(_xen.Grants.Copy(firstGrant, 0, 0, Frame(100, 1), toGuest: true));
        Assert.True(_xen.Grants.Copy(secondGrant, 0, 0, Frame(100, 2), toGuest: true));
        _back.AnswerReceive(second, 0, 0, 100);
        _back.AnswerReceive(first, 0, 0, 100);
        Assert.Equal(Frame(100, 2), nic.Peek().ToArray());
        nic.Release();
        Assert.Equal(Frame(100, 1), nic.Peek().ToArray());
        nic.Release();
    }

    [Theory]
    [InlineData(ReceiveSlots)]
    [InlineData(ushort.MaxValue)]
    [InlineData(0)] // The buffer of the frame before.
    public void ReceiveResponses_WithForeignIds_AreCounted(int id)
    {
        NetfrontNic nic = Open();
        Assert.True(_back.Receive(Frame(60, 1)));
        Assert.False(nic.Peek().IsEmpty);
        Assert.True(_back.Receive(Frame(60, 2), 0, id: (ushort)id));
        nic.Release();
        Assert.True(nic.Peek().IsEmpty);
        Assert.Equal(1UL, nic.ReceiveErrors);
        ExpectTraffic(nic);
    }

    [Fact]
    public void ReceiveResponses_ToMoreThanWasOffered_EndTheLink()
    {
        NetfrontNic nic = Open();
        _back.ClaimReceived(ReceiveSlots + 1);
        Assert.True(nic.Peek().IsEmpty);
        Assert.False(nic.IsLinkUp());
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }

    [Fact]
    public void HostileRings_NeverMatter()
    {
        NetfrontNic nic = Create();
        Prop.ForAll<(bool OnReceive, ushort At, byte Value)[], (ushort Id, ushort Offset, ushort Flags, short Status)[]>(
            (scribbles, responses) =>
            {
                Assert.True(nic.Open(Own).IsSuccess);
                foreach ((bool onReceive, ushort at, byte value) in scribbles)
                {
                    _back.Scribble(onReceive, at < 32768 ? at % 16 : at, value);
                    nic.Peek();
                    nic.Release();
                    nic.TryTransmit(new byte[60]);
                }
                foreach ((ushort id, ushort offset, ushort flags, short status) in responses)
                {
                    _back.AnswerReceive((ushort)(id % 160), offset, (ushort)(flags % 16), status);
                    _back.AnswerTransmit((ushort)(id % 80), status);
                    Assert.InRange(nic.Peek().Length, 0, Nic.MaximumFrameSize);
                    nic.Release();
                    nic.TryTransmit(new byte[60]);
                }
                nic.IsLinkUp();
                nic.Close();
                Assert.Equal(0, nic.GrantedPages);
            }).QuickCheckThrowOnFailure();
        _xen.TakeViolations(); // What the backend thinks of rings that it has spoilt itself.
    }

    // The link, and backends that come and go

    [Fact]
    public void Link_CostsNoHypercall_WhileNothingChanges()
    {
        NetfrontNic nic = Open();
        Assert.True(nic.IsLinkUp());
        int before = _xen.Hypercalls;
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(nic.IsLinkUp());
            nic.Peek();
        }
        Assert.Equal(before, _xen.Hypercalls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Backend_ThatCloses_TakesTheLinkDown_AndUpAgainWhenItReturns(bool asksForLink)
    {
        NetfrontNic nic = Open();
        for (int i = 0; i < 20; i++)
        {
            ExpectTraffic(nic);
            _back.BeginClosing();
            for (int poll = 0; poll < 200; poll++)
            {
                Assert.True(asksForLink ? nic.Peek().IsEmpty | nic.IsLinkUp() : nic.Peek().IsEmpty);
                Wait(1);
            }
            Assert.Equal(i + 2, _back.Connections);
        }
        ExpectTraffic(nic);
    }

    [Fact]
    public void Backend_ThatIsSlowToCloseAndToReturn_IsFollowed()
    {
        NetfrontNic nic = Open();
        _back.Latency = TimeSpan.FromSeconds(30);
        _back.BeginClosing();
        Assert.False(nic.IsLinkUp());
        Assert.False(nic.TryTransmit(Frame(60, 1)));
        bool isUp = false;
        TimeSpan before = _firmware.Elapsed;
        for (int poll = 0; poll < 10_000 && !isUp; poll++)
        {
            TimeSpan start = _firmware.Elapsed;
            isUp = nic.IsLinkUp();
            Assert.True(_firmware.Elapsed - start < TimeSpan.FromMilliseconds(100)); // Nobody waits in a poll.
            Wait(20);
        }
        Assert.True(isUp);
        Assert.True(_firmware.Elapsed - before > TimeSpan.FromSeconds(60));
        _back.Latency = TimeSpan.Zero;
        ExpectTraffic(nic);
    }

    [Fact]
    public void Backend_ThatVanishes_TakesTheLinkDown_AndUpAgainWhenItReturns()
    {
        NetfrontNic nic = Open();
        for (int i = 0; i < 20; i++)
        {
            ExpectTraffic(nic);
            _back.Vanish();
            Assert.False(nic.IsLinkUp());
            Assert.False(nic.TryTransmit(Frame(60, 1)));
            Wait(5000);
            Assert.False(nic.IsLinkUp());
            Assert.Empty(_xen.Grants.Granted);
            _back.Return();
            for (int poll = 0; poll < 100 && !nic.IsLinkUp(); poll++)
            {
                Wait(1);
            }
            Assert.Equal(i + 2, _back.Connections);
        }
    }

    [Fact]
    public void Backend_ThatRefusesWhenItReturns_IsLeftAloneUntilTheNicIsOpenedAgain()
    {
        NetfrontNic nic = Open();
        _back.RefusesToConnect = true;
        _back.BeginClosing();
        int requests = 0;
        for (int poll = 0; poll < 2000; poll++)
        {
            requests = poll == 1000 ? _xen.Store.Requests.Count : requests;
            Assert.False(nic.IsLinkUp());
            Wait(1);
        }
        Assert.Equal(requests, _xen.Store.Requests.Count);
        ExpectAtRest();
        _back.RefusesToConnect = false;
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }

    [Fact]
    public void Backend_ThatVanished_DoesNotHoldUpClosing()
    {
        NetfrontNic nic = Open();
        _back.Vanish();
        TimeSpan before = _firmware.Elapsed;
        nic.Close();
        Assert.True(_firmware.Elapsed - before < TimeSpan.FromSeconds(5));
        Assert.Empty(_xen.Grants.Granted);
        _back.Return();
        Assert.True(nic.Open(Own).IsSuccess);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Backend_ThatDoesNotClose_KeepsItsPages_WhichNobodyElseGets(bool says)
    {
        _back.RefusesToClose = !says;
        _back.KeepsRings = says;
        NetfrontNic nic = Open();
        TimeSpan before = _firmware.Elapsed;
        nic.Close();
        Assert.InRange(_firmware.Elapsed - before, TimeSpan.Zero, TimeSpan.FromSeconds(6));
        Assert.Equal(2, nic.GrantedPages);
        Assert.True(nic.Open(Own).IsError);
        ulong pages = _firmware.AllocatedPages;
        nic.Dispose();
        _nic = null;
        Assert.Equal(pages - 160, _firmware.AllocatedPages);
        Assert.Contains("Xen network interface 0: the backend does not give 2 pages back", _firmware.Console.Text);
        _xen.Verify();
        Assert.Empty(_xen.Violations);
        _hasLeaked = true;
    }

    [Fact]
    public void Backend_ThatClosesLate_IsConnectedAgain()
    {
        _back.RefusesToClose = true;
        NetfrontNic nic = Open();
        nic.Close();
        Assert.True(nic.Open(Own).IsError);
        _back.RefusesToClose = false;
        _back.Follow();
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
        nic.Close();
        ExpectAtRest();
    }

    [Fact]
    public void Close_NeitherAllocatesNorFrees()
    {
        NetfrontNic nic = Open();
        _firmware.Intercept = service =>
            service.Contains("Allocate") || service.Contains("Free") || service.Contains("Event") ? EFI_STATUS.EFI_ABORTED : default;
        nic.Close();
        Assert.True(nic.Open(Own).IsSuccess);
        nic.Quiesce();
        _firmware.Intercept = null;
        ExpectAtRest();
    }
}
