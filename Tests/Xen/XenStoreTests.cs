using System;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.BusDrivers.Xen;
using NetBoot.Tests.Models.Xen;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>The ring to xenstore: slow, silent, broken and hostile stores.</summary>
[Collection("Firmware")]
public sealed unsafe class XenStoreTests : IDisposable
{
    private static EFI_STATUS Success => EFI_STATUS.EFI_SUCCESS;

    private readonly XenFixture _fixture = new();
    private readonly SimulatedDeviceNodes _nodes;
    private readonly XenDevice _device;

    public XenStoreTests()
    {
        _nodes = _fixture.Store.AddDevice("vif", 0);
        _device = _fixture.Open();
    }

    private SimulatedXen Xen => _fixture.Xen;
    private SimulatedStore Store => _fixture.Store;

    public void Dispose() => _fixture.Dispose();

    private EFI_STATUS Read(XenEnd end, ReadOnlySpan<byte> name, out string value)
    {
        byte[] room = new byte[4096];
        EFI_STATUS status = _device.Read(end, name, room, out int length);
        value = Encoding.ASCII.GetString(room, 0, length);
        return status;
    }

    [Fact]
    public void Messages_LongerThanTheRing_GoThroughInPieces()
    {
        string text = new('x', 3900);
        foreach (int chunk in new[] { 1024, 1, 7, 100 })
        {
            Store.ChunkSize = chunk;
            Assert.Equal(Success, _device.Write("long"u8, Encoding.ASCII.GetBytes(text + chunk)));
            Assert.Equal(Success, Read(XenEnd.Frontend, "long"u8, out string value));
            Assert.Equal(text + chunk, value);
        }
    }

    [Fact]
    public void Indices_WrapAtTheRingsEndAndAt32Bits()
    {
        for (uint i = 0; i < 200; i++)
        {
            Assert.Equal(Success, _device.WriteNumber("n"u8, i * i * i));
            Assert.Equal(Success, _device.ReadNumber(XenEnd.Frontend, "n"u8, out ulong value));
            Assert.Equal(i * i * i, value);
        }

        Assert.InRange(Store.Word(SimulatedStore.RequestProducer), 1u, 0x7FFF_FFFFu); // They began below 2^32.
    }

    [Fact]
    public void SlowStore_IsWaitedFor()
    {
        Store.Latency = TimeSpan.FromMilliseconds(300);
        TimeSpan before = _fixture.Simulated.Elapsed;
        Assert.Equal(Success, Read(XenEnd.Backend, "state"u8, out string value));
        Assert.Equal("2", value);
        Assert.InRange((_fixture.Simulated.Elapsed - before).TotalMilliseconds, 300, 301);
    }

    [Fact]
    public void SilentStore_IsGivenUp_AndItsLateAnswerIsNotTakenForAnother()
    {
        Store.Latency = TimeSpan.FromSeconds(6);
        TimeSpan before = _fixture.Simulated.Elapsed;
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, Read(XenEnd.Backend, "state"u8, out _));
        Assert.Equal(XenStoreError.Unknown, _device.StoreError);
        Assert.InRange((_fixture.Simulated.Elapsed - before).TotalSeconds, 5, 5.1);
        Store.Latency = TimeSpan.FromSeconds(2);
        Assert.Equal(Success, Read(XenEnd.Frontend, "backend-id"u8, out string value));
        Assert.Equal("0", value);
        Assert.Equal(Success, Read(XenEnd.Backend, "state"u8, out value));
        Assert.Equal("2", value);
    }

    [Fact]
    public void RequestThatTheStoreDidNotTakeWhole_IsFinishedByTheNext()
    {
        Store.IsDead = true;
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, _device.Write("long"u8, new byte[3000]));
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, _device.Write("b"u8, "2"u8)); // There is still no room to say it.
        Store.IsDead = false;
        Store.OnEvent();
        Assert.Equal(Success, _device.Write("a"u8, "1"u8));
        Assert.Equal("1", _nodes.Read("a"));
        Assert.Null(_nodes.Read("b"));
        Assert.Equal(3000, _nodes.Read("long")!.Length);
    }

    [Fact]
    public void Stop_GoesThroughWhatWasGivenUp()
    {
        Store.Latency = TimeSpan.FromSeconds(7);
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, Read(XenEnd.Backend, "state"u8, out _));
        Assert.False(Store.IsQuiet && Store.Requests.Count == 0);
        Assert.Equal(Success, _fixture.Disconnect()); // The fixture looks at the rings.
        Assert.True(_fixture.Simulated.Elapsed.TotalSeconds >= 7);
    }

    [Fact]
    public void ReconnectingStore_IsLeftAloneUntilItIsBack()
    {
        Store.Word(SimulatedStore.Connection) = 1;
        uint producer = Store.Word(SimulatedStore.RequestProducer);
        Xen.After(TimeSpan.FromMilliseconds(50), () =>
        {
            Assert.Equal(producer, Store.Word(SimulatedStore.RequestProducer));
            Store.Word(SimulatedStore.Connection) = 0;
        });
        Assert.Equal(Success, Read(XenEnd.Backend, "state"u8, out _));
    }

    [Theory]
    [InlineData(SimulatedStore.ResponseProducer, 0x1234_5678u)]
    [InlineData(SimulatedStore.RequestConsumer, 0x1234_5678u)]
    [InlineData(SimulatedStore.RingError, 2u)]
    public void Indices_ThatCannotBe_EndTheConnection(int word, uint value)
    {
        _fixture.IsBroken = true;
        Store.CorruptIndex(word, value);
        EFI_STATUS first = Read(XenEnd.Backend, "state"u8, out _);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, first);
        TimeSpan before = _fixture.Simulated.Elapsed;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, Read(XenEnd.Backend, "state"u8, out _));
        Assert.Equal(before, _fixture.Simulated.Elapsed); // No use in waiting.
        Assert.Equal(value, Store.Word(word)); // And nobody set it right.
    }

    [Fact]
    public void Answer_LongerThanCanBe_EndsTheConnection()
    {
        _fixture.IsBroken = true;
        Store.Mangle = message =>
        {
            BitConverter.GetBytes(4097).CopyTo(message, 12);
            return message;
        };
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, Read(XenEnd.Backend, "state"u8, out _));
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, Read(XenEnd.Backend, "state"u8, out _));
        Assert.Equal(XenStoreError.Unknown, _device.StoreError);
    }

    [Fact]
    public void Answer_ToSomethingElse_IsAProtocolError()
    {
        Store.Mangle = message =>
        {
            message[0] = 11;
            return message;
        };
        Assert.Equal(EFI_STATUS.EFI_PROTOCOL_ERROR, Read(XenEnd.Backend, "state"u8, out _));
        Store.Mangle = null;
        Assert.Equal(Success, Read(XenEnd.Backend, "state"u8, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5\0")]
    [InlineData("5\0abc")]
    [InlineData("123456789012345678901\0abc\0\0")]
    public void DirectoryPart_ThatIsNone_IsAProtocolError(string answer)
    {
        Store.Fail = request => request.Type == SimulatedStore.Directory ? "E2BIG" : null;
        Store.Mangle = message => message[0] != SimulatedStore.DirectoryPart
            ? message
            : SimulatedStore.Message(22, BitConverter.ToUInt32(message, 4), 0, Encoding.ASCII.GetBytes(answer));
        Assert.Equal(EFI_STATUS.EFI_PROTOCOL_ERROR, _device.List(XenEnd.Backend, default, new byte[100], out int length));
        Assert.Equal(0, length);
        Store.Mangle = message => message[0] != SimulatedStore.DirectoryPart
            ? message
            : SimulatedStore.Message(22, BitConverter.ToUInt32(message, 4), 0, "5\0and so on\0"u8); // Without an end.
        Assert.Equal(EFI_STATUS.EFI_PROTOCOL_ERROR, _device.List(XenEnd.Backend, default, new byte[100], out length));
        Store.Fail = null;
        Store.Mangle = null;
    }

    [Fact]
    public void AnyBytes_OfTheStore_AreBornWithoutAFault()
    {
        _fixture.IsBroken = true;
        Prop.ForAll<byte[], int>((bytes, seed) =>
        {
            if (seed % 3 == 0)
            {
                Store.Inject(bytes); // Whatever.
            }
            else
            {
                Store.Inject(SimulatedStore.Message((uint)(seed & 31), (uint)seed, 0, bytes)); // A message with whatever in it.
            }

            XenDevice device = XenBusDevice.Create(_fixture.Protocol())!;
            device.Watch(XenEnd.Backend, "state"u8, out uint watch);
            device.HasChanged(watch);
            Assert.Equal(Success, _fixture.Disconnect());
            Store.Reset();
            Assert.Equal(Success, _fixture.Connect());
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void AnyAnswer_OfTheStore_IsBornWithoutAFault()
    {
        _fixture.IsBroken = true;
        XenDevice device = _device;
        Prop.ForAll<byte[], byte, byte>((payload, type, operation) =>
        {
            Store.Mangle = message => SimulatedStore.Message(
                type % 4 == 0 ? type : BitConverter.ToUInt32(message, 0), BitConverter.ToUInt32(message, 4), 0, payload);
            Span<byte> room = stackalloc byte[64];
            switch (operation % 6)
            {
                case 0:
                    device.Read(XenEnd.Backend, "state"u8, room, out _);
                    break;
                case 1:
                    device.List(XenEnd.Backend, default, room, out _);
                    break;
                case 2:
                    device.BeginTransaction(out uint transaction);
                    device.EndTransaction(transaction, true);
                    break;
                case 3:
                    device.Watch(XenEnd.Backend, "state"u8, out uint watch);
                    device.HasChanged(watch);
                    device.Unwatch(watch);
                    break;
                case 4:
                    device.ReadState(XenEnd.Backend, out _);
                    break;
                default:
                    device.ReadNumber(XenEnd.Frontend, "backend-id"u8, out _);
                    break;
            }

            Store.Mangle = null;
            Assert.Equal(Success, _fixture.Disconnect());
            Store.Reset();
            Xen.TakeViolations(); // What the store was asked for with numbers that it never gave.
            Assert.Equal(Success, _fixture.Connect());
            device = XenBusDevice.Create(_fixture.Protocol())!;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void AnyNodes_OfTheToolstack_AreBornWithoutAFault()
    {
        Assert.Equal(Success, _fixture.Disconnect());
        Prop.ForAll<byte[], byte[]>((backend, domain) =>
        {
            Store.WriteBytes($"{_nodes.Frontend}/backend", backend);
            Store.WriteBytes($"{_nodes.Frontend}/backend-id", domain);
            Assert.Equal(Success, _fixture.Connect());
            Assert.Equal(Success, _fixture.Disconnect());
        }).QuickCheckThrowOnFailure();
    }
}
