using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using NetBoot.Tests.Models.HyperV;
using Xunit;

namespace NetBoot.Tests.ModelTests.HyperV;

public sealed class StorvspTests : IDisposable
{
    private const int Sector = 512;
    private const uint Mismatch = 0xC000_0059;
    private const uint InvalidState = 0xC000_0184;

    private readonly ScriptedGuest _guest = new();
    private readonly StorvspDevice _device;
    private readonly GuestChannel _channel;
    private readonly byte[] _content = new byte[64 * Sector];
    private readonly ScsiDisk _disk;
    private readonly int _page;

    public StorvspTests()
    {
        new Random(1).NextBytes(_content);
        _disk = new ScsiDisk(_content);
        _device = new StorvspDevice(_guest.Host);
        _device.Attach(0, _disk);
        _guest.Host.Vmbus.Add(_device);
        _guest.Connect();
        _channel = _guest.Open(_device.Channel!);
        _page = _guest.TakePages(4);
    }

    private HyperVHost Host => _guest.Host;

    public void Dispose() => _guest.Dispose();

    private static uint Word(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static byte[] Packet(StorvspOperation operation, int size = 64, params byte[] rest)
    {
        byte[] packet = new byte[size];
        packet[0] = (byte)operation;
        packet[4] = 1;
        rest.CopyTo(packet, 12);
        return packet;
    }

    /// <summary>Sends a packet, and gives its completion.</summary>
    private byte[] Ask(StorvspOperation operation, int size = 64, params byte[] rest)
    {
        _channel.Send(Packet(operation, size, rest), 77);
        byte[] answer = _channel.Expect(PacketType.Completion, out ulong transaction);
        Assert.Equal(77ul, transaction);
        Assert.Equal((1u, size), (Word(answer, 0), answer.Length));
        return answer;
    }

    private void SetUp(ushort version = StorvspDevice.Blue)
    {
        Assert.Equal(0u, Word(Ask(StorvspOperation.BeginInitialization, 48), 8));
        byte[] answer = Ask(StorvspOperation.QueryProtocolVersion, 48, (byte)version, (byte)(version >> 8));
        Assert.Equal((0u, version), (Word(answer, 8), BinaryPrimitives.ReadUInt16LittleEndian(answer.AsSpan(12))));
        int size = version >= StorvspDevice.Win8 ? 64 : 48;
        answer = Ask(StorvspOperation.QueryProperties, size);
        Assert.Equal((0u, 0x4_0000u), (Word(answer, 8), Word(answer, 24)));
        Assert.Equal(version >= StorvspDevice.Win8 ? 1u : 0, Word(answer, 20));
        Assert.Equal(0u, Word(Ask(StorvspOperation.EndInitialization, size), 8));
        Assert.True(_device.IsReady);
    }

    private static byte[] Request(byte[] cdb, int length, bool isRead, byte lun = 0, byte target = 0)
    {
        byte[] packet = Packet(StorvspOperation.ExecuteSrb);
        packet[12] = 0x34;
        packet[18] = target;
        packet[19] = lun;
        packet[20] = (byte)cdb.Length;
        packet[21] = 20;
        packet[22] = (byte)(isRead ? 1 : 0);
        BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(24), length);
        cdb.CopyTo(packet, 28);
        return packet;
    }

    private void Send(byte[] cdb, int length, bool isRead, int offset = 0, byte lun = 0, byte target = 0)
    {
        byte[] request = Request(cdb, length, isRead, lun, target);
        if (length == 0)
        {
            _channel.Send(request, 5);
            return;
        }

        int pages = (offset + length + ScriptedGuest.Page - 1) / ScriptedGuest.Page;
        byte[] ranges = new byte[16 + (pages * 8)];
        ranges[4] = 1;
        BinaryPrimitives.WriteInt32LittleEndian(ranges.AsSpan(8), length);
        BinaryPrimitives.WriteInt32LittleEndian(ranges.AsSpan(12), offset);
        for (int i = 0; i < pages; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(ranges.AsSpan(16 + (i * 8)), _guest.Address(_page + i) >> 12);
        }

        _channel.Send(request, 5, true, 9, ranges);
    }

    private (byte Srb, byte Status, int Transferred, byte[] Sense) Result()
    {
        byte[] answer = _channel.Expect(PacketType.Completion, out ulong transaction);
        Assert.Equal(5ul, transaction);
        return (answer[14], answer[15], (int)Word(answer, 24), answer[28..46]);
    }

    private (byte Srb, byte Status, int Transferred, byte[] Sense) Execute(
        byte[] cdb, int length, bool isRead = true, int offset = 0, byte lun = 0, byte target = 0)
    {
        Send(cdb, length, isRead, offset, lun, target);
        return Result();
    }

    private Span<byte> Data => _guest.Bytes(_page, 4);

    [Theory]
    [InlineData(StorvspDevice.Win6)]
    [InlineData(StorvspDevice.Win7)]
    [InlineData(StorvspDevice.Win8)]
    [InlineData(StorvspDevice.Blue)]
    public void SetUp_TakesEveryVersion(ushort version)
    {
        SetUp(version);
        Assert.Equal(version, _device.Version);
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void SetUp_OfAnUnknownVersion_IsAMismatch_AndAnotherMayFollow()
    {
        Ask(StorvspOperation.BeginInitialization, 48);
        Assert.Equal(Mismatch, Word(Ask(StorvspOperation.QueryProtocolVersion, 48, 2, 6), 8));
        Assert.Equal(0u, Word(Ask(StorvspOperation.QueryProtocolVersion, 48, 0, 6), 8));
        Assert.Equal([StorvspDevice.Threshold, StorvspDevice.Blue], _device.Asked);
    }

    [Fact]
    public void SetUp_OutOfOrder_IsRefused()
    {
        Assert.Equal(InvalidState, Word(Ask(StorvspOperation.EndInitialization, 48), 8));
        Assert.Single(Host.TakeViolations());
        SetUp();
        Assert.Equal(InvalidState, Word(Ask(StorvspOperation.QueryProperties), 8));
        Assert.Single(Host.TakeViolations());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(700)]
    public void Read_ScattersSectors_OverPages(int offset)
    {
        SetUp();
        Assert.Equal((1, 0, 16 * Sector), Execute([0x28, 0, 0, 0, 0, 3, 0, 0, 16, 0], 16 * Sector, offset: offset) is var (srb, status, length, _) ? (srb, status, length) : default);
        Assert.Equal(_content.AsSpan(3 * Sector, 16 * Sector).ToArray(), Data.Slice(offset, 16 * Sector).ToArray());
    }

    [Fact]
    public void Write_ReachesTheDisk()
    {
        SetUp();
        new Random(2).NextBytes(Data);
        Assert.Equal(2 * Sector, Execute([0x8A, 0, 0, 0, 0, 0, 0, 0, 0, 60, 0, 0, 0, 2, 0, 0], 2 * Sector, isRead: false, offset: 4000).Transferred);
        Assert.Equal(Data.Slice(4000, 2 * Sector).ToArray(), _content.AsSpan(60 * Sector, 2 * Sector).ToArray());
        Assert.Equal((1, 0), Execute([0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0) is var (srb, status, _, _) ? (srb, status) : default);
    }

    [Theory]
    [InlineData(63, 2, false, 0x86, 0x21)] // beyond the end
    [InlineData(0, 0, false, 0x86, 0x21)]
    [InlineData(10, 1, true, 0x84, 0x11)] // a bad sector
    public void Read_ThatCannotBe_HasSenseData(byte first, byte count, bool isBad, byte srb, byte code)
    {
        SetUp();
        _disk.BadSector = isBad ? first : -1;
        (byte Srb, byte Status, int Transferred, byte[] Sense) result = Execute([0x28, 0, 0, 0, 0, first, 0, 0, count, 0], 1024);
        Assert.Equal((srb, 2, 0, 0x70, code), (result.Srb, result.Status, result.Transferred, result.Sense[0], result.Sense[12]));
        Assert.Equal(result.Sense[2], Execute([3, 0, 0, 0, 18, 0], 18).Srb == 1 ? Data[2] : 0xFF);
    }

    [Fact]
    public void Disk_TellsWhatItIs()
    {
        SetUp();
        Assert.Equal(36, Execute([0x12, 0, 0, 0, 36, 0], 96).Transferred);
        Assert.Equal("Msft    "u8, Data.Slice(8, 8));
        Assert.Equal(8, Execute([0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0], 8).Transferred);
        Assert.Equal([0, 0, 0, 63, 0, 0, 2, 0], Data[..8].ToArray());
        Assert.Equal(32, Execute([0x9E, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0], 32).Transferred);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 63, 0, 0, 2, 0], Data[..12].ToArray());
        Assert.Equal(16, Execute([0x1A, 0, 0x3F, 0, 192, 0], 192).Transferred);
        Assert.Equal(20, Execute([0x5A, 0, 8, 0, 0, 0, 0, 0, 64, 0], 64).Transferred);
        Assert.Equal((1, 0), Execute([0, 0, 0, 0, 0, 0], 0) is var (srb, status, _, _) ? (srb, status) : default);
        Assert.Equal(0x20, Execute([0xFE, 0, 0, 0, 0, 0], 0).Sense[12]);
    }

    [Fact]
    public void ReportLuns_ListsATargetsDisks_AndOthersAreAbsent()
    {
        _device.Attach(7, new ScsiDisk(new byte[Sector]));
        _device.Attach(3, new ScsiDisk(new byte[Sector]), target: 1);
        SetUp();
        Assert.Equal(24, Execute([0xA0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0], 256).Transferred);
        Assert.Equal([0, 0, 0, 16], Data[..4].ToArray());
        Assert.Equal((0, 7), (Data[9], Data[17]));
        Assert.Equal(16, Execute([0xA0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0], 256, target: 1).Transferred);
        Assert.Equal((0x20, 2), Execute([0, 0, 0, 0, 0, 0], 0, lun: 4) is var (srb, status, _, _) ? (srb, status) : default);
        Assert.Equal(36, Execute([0x12, 0, 0, 0, 36, 0], 36, lun: 4).Transferred);
        Assert.Equal(0x7F, Data[0]);
    }

    [Theory]
    [InlineData(StorvspDevice.Win6, 0)]
    [InlineData(StorvspDevice.Win7, 1)]
    public void Attach_TellsTheGuest_FromWindows7On(ushort version, int count)
    {
        SetUp(version);
        _device.Attach(9, new ScsiDisk(new byte[Sector]));
        List<byte> operations = [];
        while (_channel.Receive() is { } packet)
        {
            Assert.Equal((byte)PacketType.InBand, packet[0]);
            operations.Add(packet[16]);
        }

        Assert.Equal(Enumerable.Repeat((byte)StorvspOperation.EnumerateBus, count), operations);
    }

    [Fact]
    public void Reset_DoesNothing_ButFlushesWhereThatIsTheHostsWay()
    {
        SetUp();
        _device.Faults.HoldsRequests = true;
        Send([0, 0, 0, 0, 0, 0], 0, true);
        Ask(StorvspOperation.ResetLun);
        Ask(StorvspOperation.ResetBus);
        Assert.Equal(1, _device.HeldCount);
        _device.Faults.FlushesOnReset = true;
        _channel.Send(Packet(StorvspOperation.ResetBus), 77);
        Assert.Equal(0x16, Result().Srb);
        _channel.Expect(PacketType.Completion, out ulong transaction);
        Assert.Equal(77ul, transaction);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(99)]
    public void AnUnknownOperation_EndsIt_UntilTheChannelIsOpenedAgain(byte operation)
    {
        SetUp();
        _channel.Send(Packet((StorvspOperation)operation));
        _channel.Send(Packet(StorvspOperation.ResetBus));
        Assert.Null(_channel.Receive());
        Assert.Single(Host.TakeViolations());
    }

    [Fact]
    public void ARequestForMoreThanItsPages_EndsIt()
    {
        SetUp();
        byte[] request = Request([0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0], 2 * Sector, true);
        _channel.Send(request, 5);
        Assert.Null(_channel.Receive());
        Assert.Single(Host.TakeViolations());
    }

    [Fact]
    public void RequestsUnderWay_AreFinishedBeforeTheChannelIsClosed()
    {
        SetUp();
        _device.Faults.HoldsRequests = true;
        Send([0x28, 0, 0, 0, 0, 3, 0, 0, 1, 0], Sector, true);
        Data.Clear();
        _channel.Close();
        Assert.Equal(_content.AsSpan(3 * Sector, Sector).ToArray(), Data[..Sector].ToArray());
        Assert.Empty(Host.Violations);
    }

    [Fact]
    public void RequestsUnderWay_WhenTheDeviceIsTakenAway_AreFinishedLater()
    {
        SetUp();
        _device.Faults.HoldsRequests = true;
        Send([0x28, 0, 0, 0, 0, 3, 0, 0, 1, 0], Sector, true);
        Data.Clear();
        Host.Vmbus.Rescind(_device);
        Assert.Equal(0, Data[..Sector].ToArray().Max());
        _device.FinishLate();
        Assert.Equal(_content.AsSpan(3 * Sector, Sector).ToArray(), Data[..Sector].ToArray());
    }
}
