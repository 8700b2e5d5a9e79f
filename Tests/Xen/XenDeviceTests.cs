using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using BusDrivers.Xen;
using Tests.Simulation;
using Uefi.Interop.Raw;
using Xunit;

namespace Tests.Xen;

/// <summary>What a device on the bus can do: NETBOOT_XENBUS_PROTOCOL, through the class that drivers use.</summary>
[Collection("Firmware")]
public sealed unsafe class XenDeviceTests : IDisposable
{
    private static readonly EFI_STATUS Success = EFI_STATUS.EFI_SUCCESS;
    private static readonly EFI_STATUS InvalidParameter = EFI_STATUS.EFI_INVALID_PARAMETER;

    private readonly XenFixture _fixture = new();
    private readonly SimulatedDeviceNodes _nodes;
    private readonly XenDevice _device;

    public XenDeviceTests()
    {
        _nodes = _fixture.Store.AddDevice("vif", 0);
        _device = _fixture.Open();
    }

    private SimulatedXen Xen => _fixture.Xen;
    private SimulatedStore Store => _fixture.Store;
    private NETBOOT_XENBUS_PROTOCOL* Protocol => _fixture.Protocol();

    public void Dispose() => _fixture.Dispose();

    private string Read(XenEnd end, string name, out EFI_STATUS status, uint transaction = 0)
    {
        byte[] value = new byte[4096];
        status = _device.Read(end, Encoding.ASCII.GetBytes(name), value, out int length, transaction);
        return Encoding.ASCII.GetString(value, 0, length);
    }

    private EFI_STATUS Write(string name, string value, uint transaction = 0) =>
        _device.Write(Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value), transaction);

    // The store

    [Fact]
    public void Identity_IsTheStores()
    {
        Assert.Equal("vif", _device.Type);
        Assert.Equal(0u, _device.Index);
        Assert.Equal(0, _device.BackendDomain);
    }

    [Fact]
    public void Nodes_AreReadWrittenListedAndRemoved()
    {
        _nodes.WriteFrontend("mac", "52:54:00:12:34:56");
        _nodes.WriteBackend("feature-rx-copy", "1");
        Assert.Equal("52:54:00:12:34:56", Read(XenEnd.Frontend, "mac", out EFI_STATUS status));
        Assert.Equal(Success, status);
        Assert.Equal("1", Read(XenEnd.Backend, "feature-rx-copy", out _));
        Assert.Equal(Success, Write("queue-0/tx-ring-ref", "9"));
        Assert.Equal("9", _nodes.Read("queue-0/tx-ring-ref"));
        byte[] names = new byte[256];
        Assert.Equal(Success, _device.List(XenEnd.Frontend, default, names, out int length));
        Assert.Equal("backend\0backend-id\0mac\0queue-0\0state\0", Encoding.ASCII.GetString(names, 0, length));
        Assert.Equal(Success, _device.Remove("queue-0"u8));
        Assert.Null(_nodes.Read("queue-0/tx-ring-ref"));
        Assert.Equal(Success, _device.Remove("queue-0"u8));
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, _device.Remove("queue-0/tx-ring-ref"u8));
        Assert.Equal(XenStoreError.ENOENT, _device.StoreError);
    }

    [Fact]
    public void Read_WithLittleRoom_GivesWhatFitsAndTheLength()
    {
        _nodes.WriteFrontend("mac", "52:54:00:12:34:56");
        byte[] little = new byte[5];
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, _device.Read(XenEnd.Frontend, "mac"u8, little, out int length));
        Assert.Equal(17, length);
        Assert.Equal("52:54"u8.ToArray(), little);
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, _device.Read(XenEnd.Frontend, "mac"u8, default, out length));
        Assert.Equal(17, length);
    }

    [Fact]
    public void Numbers_AreDecimal()
    {
        Assert.Equal(Success, _device.WriteNumber("tx-ring-ref"u8, ulong.MaxValue));
        Assert.Equal("18446744073709551615", _nodes.Read("tx-ring-ref"));
        Assert.Equal(Success, _device.ReadNumber(XenEnd.Frontend, "tx-ring-ref"u8, out ulong value));
        Assert.Equal(ulong.MaxValue, value);
        foreach (string bad in new[] { "", "-1", "12x", "18446744073709551616", "0000000000000000000000001" })
        {
            _nodes.WriteFrontend("tx-ring-ref", bad);
            Assert.Equal(EFI_STATUS.EFI_PROTOCOL_ERROR, _device.ReadNumber(XenEnd.Frontend, "tx-ring-ref"u8, out value));
            Assert.Equal(0UL, value);
        }
    }

    [Fact]
    public void BackendsNodes_CannotBeWritten()
    {
        Store.Write(_nodes.Frontend, "", owner: 0, readers: [SimulatedXen.GuestDomain]);
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, Write("new", "1"));
        Assert.Equal(XenStoreError.EACCES, _device.StoreError);
    }

    public static TheoryData<string, XenStoreError, nuint> Errors
    {
        get
        {
            TheoryData<string, XenStoreError, nuint> errors = [];
            (string Name, XenStoreError Error, EFI_STATUS Status)[] known =
            [
                ("EINVAL", XenStoreError.EINVAL, EFI_STATUS.EFI_INVALID_PARAMETER),
                ("EACCES", XenStoreError.EACCES, EFI_STATUS.EFI_ACCESS_DENIED),
                ("EEXIST", XenStoreError.EEXIST, EFI_STATUS.EFI_ALREADY_STARTED),
                ("EISDIR", XenStoreError.EISDIR, EFI_STATUS.EFI_INVALID_PARAMETER),
                ("ENOENT", XenStoreError.ENOENT, EFI_STATUS.EFI_NOT_FOUND),
                ("ENOMEM", XenStoreError.ENOMEM, EFI_STATUS.EFI_OUT_OF_RESOURCES),
                ("ENOSPC", XenStoreError.ENOSPC, EFI_STATUS.EFI_OUT_OF_RESOURCES),
                ("EIO", XenStoreError.EIO, EFI_STATUS.EFI_DEVICE_ERROR),
                ("ENOTEMPTY", XenStoreError.ENOTEMPTY, EFI_STATUS.EFI_DEVICE_ERROR),
                ("ENOSYS", XenStoreError.ENOSYS, EFI_STATUS.EFI_UNSUPPORTED),
                ("EROFS", XenStoreError.EROFS, EFI_STATUS.EFI_WRITE_PROTECTED),
                ("EBUSY", XenStoreError.EBUSY, EFI_STATUS.EFI_NOT_READY),
                ("EAGAIN", XenStoreError.EAGAIN, EFI_STATUS.EFI_ABORTED),
                ("EISCONN", XenStoreError.EISCONN, EFI_STATUS.EFI_ALREADY_STARTED),
                ("E2BIG", XenStoreError.E2BIG, EFI_STATUS.EFI_BAD_BUFFER_SIZE),
                ("EPERM", XenStoreError.EPERM, EFI_STATUS.EFI_ACCESS_DENIED),
                ("EWHATEVER", XenStoreError.Unknown, EFI_STATUS.EFI_DEVICE_ERROR),
                ("", XenStoreError.Unknown, EFI_STATUS.EFI_DEVICE_ERROR),
            ];
            foreach ((string name, XenStoreError error, EFI_STATUS status) in known)
            {
                errors.Add(name, error, status.Value);
            }
            return errors;
        }
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void EveryErrorOfTheStore_HasItsNameAndAStatus(string name, XenStoreError error, nuint status)
    {
        Store.Fail = _ => name;
        Assert.Equal(new EFI_STATUS(status), Write("x", "1"));
        Assert.Equal(error, _device.StoreError);
        if (error != XenStoreError.Unknown)
        {
            Assert.Equal(name, Encoding.ASCII.GetString(XenStoreErrors.NameOf(error)));
        }
        Store.Fail = null;
        Assert.Equal(Success, Write("x", "1"));
        Assert.Equal(XenStoreError.None, _device.StoreError);
    }

    // Transactions

    [Fact]
    public void Transaction_HappensAtOnceOrNotAtAll()
    {
        Assert.Equal(Success, _device.BeginTransaction(out uint transaction));
        Assert.NotEqual(0u, transaction);
        Assert.Equal(Success, Write("a", "1", transaction));
        Assert.Equal("1", Read(XenEnd.Frontend, "a", out _, transaction));
        Assert.Null(_nodes.Read("a"));
        Assert.Equal(Success, _device.EndTransaction(transaction, commit: true));
        Assert.Equal("1", _nodes.Read("a"));
        Assert.Equal(Success, _device.BeginTransaction(out transaction));
        Assert.Equal(Success, Write("a", "2", transaction));
        Assert.Equal(Success, _device.Remove("state"u8, transaction));
        Assert.Equal(Success, _device.EndTransaction(transaction, commit: false));
        Assert.Equal("1", _nodes.Read("a"));
        Assert.Equal(1u, _nodes.FrontendState);
    }

    [Fact]
    public void Transaction_ThatCollides_IsAbortedAndCanBeDoneAgain()
    {
        Assert.Equal(Success, _device.BeginTransaction(out uint transaction));
        Read(XenEnd.Backend, "state", out _, transaction);
        Assert.Equal(Success, Write("a", "1", transaction));
        _nodes.BackendState = 3;
        Assert.Equal(EFI_STATUS.EFI_ABORTED, _device.EndTransaction(transaction, commit: true));
        Assert.Equal(XenStoreError.EAGAIN, _device.StoreError);
        Assert.Null(_nodes.Read("a"));
        Store.Conflicts = 3;
        int tries = 0;
        EFI_STATUS status = EFI_STATUS.EFI_ABORTED;
        for (; status == EFI_STATUS.EFI_ABORTED; tries++)
        {
            Assert.Equal(Success, _device.BeginTransaction(out transaction));
            Assert.Equal(Success, Write("a", "2", transaction));
            status = _device.EndTransaction(transaction, commit: true);
        }
        Assert.Equal(Success, status);
        Assert.Equal(4, tries);
        Assert.Equal("2", _nodes.Read("a"));
    }

    [Fact]
    public void Transactions_OfNobody_AreRefusedWithoutAsking()
    {
        int requests = Store.Requests.Count;
        Assert.Equal(InvalidParameter, _device.EndTransaction(0, true));
        Assert.Equal(InvalidParameter, _device.EndTransaction(77, true));
        Assert.Equal(InvalidParameter, Write("a", "1", 77));
        Read(XenEnd.Frontend, "a", out EFI_STATUS status, 77);
        Assert.Equal(InvalidParameter, status);
        Assert.Equal(requests, Store.Requests.Count);
    }

    [Fact]
    public void Transactions_MoreThanThereIsRoomFor_AreRefused()
    {
        List<uint> open = [];
        EFI_STATUS status = Success;
        while (!status.IsError)
        {
            status = _device.BeginTransaction(out uint transaction);
            open.Add(transaction);
        }
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, status);
        Assert.InRange(open.Count, 2, 20);
        Assert.Equal(0u, open[^1]);
        Assert.Equal(Success, _device.EndTransaction(open[0], false));
        Assert.Equal(Success, _device.BeginTransaction(out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("x")]
    [InlineData("4294967296")]
    public void Transaction_WithABadNumber_IsNone(string number)
    {
        Store.Mangle = message => SimulatedStore.Message(6, BitConverter.ToUInt32(message, 4), 0, Encoding.ASCII.GetBytes(number + '\0'));
        Assert.Equal(EFI_STATUS.EFI_PROTOCOL_ERROR, _device.BeginTransaction(out uint transaction));
        Assert.Equal(0u, transaction);
        Store.Mangle = null;
        Store.DropTransactions();
    }

    // Watches

    [Fact]
    public void Watch_TellsOfChangesOnce_AndOfItsBeginning()
    {
        Assert.Equal(Success, _device.Watch(XenEnd.Backend, "state"u8, out uint watch));
        Assert.True(_device.HasChanged(watch));
        Assert.False(_device.HasChanged(watch));
        _nodes.BackendState = 4;
        _nodes.BackendState = 5;
        Assert.True(_device.HasChanged(watch));
        Assert.False(_device.HasChanged(watch));
        _nodes.WriteBackend("other", "1");
        Assert.False(_device.HasChanged(watch));
        _nodes.Remove();
        Assert.True(_device.HasChanged(watch));
        _device.Unwatch(watch);
        Assert.Empty(Store.GuestWatches);
        Assert.False(_device.HasChanged(watch));
    }

    [Fact]
    public void Watches_AreToldApart_AndFromThoseOfEarlierUsers()
    {
        Assert.Equal(Success, _device.Watch(XenEnd.Frontend, default, out uint all));
        Assert.Equal(Success, _device.Watch(XenEnd.Frontend, "a"u8, out uint one));
        Assert.True(_device.HasChanged(all));
        Assert.True(_device.HasChanged(one));
        Assert.Equal(Success, Write("b", "1"));
        Assert.False(_device.HasChanged(one));
        Assert.True(_device.HasChanged(all));
        string[] foreign =
            ["device/vif/0/a\0FFFF\0", "device/vif/0/a\01\0", "x\0", "", "x", "\0\0\0", "a\0\0", "a\099999999999999999999999\0"];
        foreach (string payload in foreign)
        {
            Store.Inject(SimulatedStore.Message(15, 0, 0, Encoding.ASCII.GetBytes(payload)));
        }
        Assert.False(_device.HasChanged(one));
        Assert.False(_device.HasChanged(all));
        Assert.Equal("2", Read(XenEnd.Backend, "state", out _));
    }

    [Fact]
    public void Watches_MoreThanThereIsRoomFor_AreRefused()
    {
        EFI_STATUS status = Success;
        int count = 0;
        for (; !status.IsError; count++)
        {
            status = _device.Watch(XenEnd.Frontend, "a"u8, out uint watch);
            Assert.Equal(status.IsError, watch == 0);
        }
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, status);
        Assert.InRange(count, 8, 100);
        Assert.Equal(count - 1, Store.GuestWatches.Count);
    }

    [Fact]
    public void Watch_ThatTheStoreRefuses_IsNone()
    {
        Store.Fail = request => request.Type == SimulatedStore.WatchNode ? "ENOSPC" : null;
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, _device.Watch(XenEnd.Frontend, "a"u8, out uint watch));
        Assert.False(_device.HasChanged(watch));
        Assert.Equal(InvalidParameter, Protocol->CheckWatch(Protocol, watch));
    }

    // States

    [Fact]
    public void States_AreReadAndWritten()
    {
        Assert.Equal(Success, _device.SetState(XenBusState.Connected));
        Assert.Equal(4u, _nodes.FrontendState);
        Assert.Equal(Success, _device.ReadState(XenEnd.Frontend, out XenBusState state));
        Assert.Equal(XenBusState.Connected, state);
        Assert.Equal(Success, _device.ReadState(XenEnd.Backend, out state));
        Assert.Equal(XenBusState.InitWait, state);
        Assert.Equal(InvalidParameter, _device.SetState(XenBusState.Unknown));
        Assert.Equal(InvalidParameter, _device.SetState((XenBusState)9));
        foreach (string bad in new[] { "9", "x", "", "4294967298", "00000000000000000000000000000000000002" })
        {
            _nodes.WriteBackend("state", bad);
            Assert.Equal(Success, _device.ReadState(XenEnd.Backend, out state));
            Assert.Equal(XenBusState.Unknown, state);
        }
    }

    [Fact]
    public void Wait_EndsWhenTheBackendGetsThere_WithFewRequests()
    {
        Xen.After(TimeSpan.FromMilliseconds(700), () => _nodes.BackendState = 3);
        Xen.After(TimeSpan.FromMilliseconds(900), () => _nodes.BackendState = 4);
        TimeSpan before = _fixture.Simulated.Elapsed;
        Store.Requests.Clear();
        uint wanted = XenDevice.In(XenBusState.Connected) | XenDevice.In(XenBusState.Closed);
        Assert.Equal(Success, _device.WaitForBackend(wanted, 5_000_000, out XenBusState state));
        Assert.Equal(XenBusState.Connected, state);
        Assert.InRange((_fixture.Simulated.Elapsed - before).TotalMilliseconds, 900, 905);
        Assert.InRange(Store.Requests.Count, 4, 20);
        Assert.Empty(Store.GuestWatches);
    }

    [Fact]
    public void Wait_WithoutAWatch_AsksNowAndThen()
    {
        Store.Fail = request => request.Type == SimulatedStore.WatchNode ? "E2BIG" : null;
        Xen.After(TimeSpan.FromMilliseconds(300), () => _nodes.BackendState = 4);
        Assert.Equal(Success, _device.WaitForBackend(XenDevice.In(XenBusState.Connected), 5_000_000, out _));
        Store.Fail = null;
    }

    [Fact]
    public void Wait_InVain_EndsInTimeAndTellsWhereTheBackendIs()
    {
        TimeSpan before = _fixture.Simulated.Elapsed;
        EFI_STATUS status = _device.WaitForBackend(XenDevice.In(XenBusState.Connected), 250_000, out XenBusState state);
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, status);
        Assert.Equal(XenBusState.InitWait, state);
        Assert.InRange((_fixture.Simulated.Elapsed - before).TotalMilliseconds, 250, 255);
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, _device.WaitForBackend(XenDevice.In(XenBusState.Connected), 0, out _));
        Assert.Equal(Success, _device.WaitForBackend(XenDevice.In(XenBusState.InitWait), 0, out _));
    }

    [Fact]
    public void Wait_ForABackendThatGoesAway_EndsAtOnce()
    {
        Xen.After(TimeSpan.FromMilliseconds(10), _nodes.Remove);
        EFI_STATUS status = _device.WaitForBackend(XenDevice.In(XenBusState.Connected), 5_000_000, out XenBusState state);
        Assert.True(status == EFI_STATUS.EFI_NOT_FOUND || status == EFI_STATUS.EFI_ACCESS_DENIED);
        Assert.Equal(XenBusState.Unknown, state);
        Assert.InRange(_fixture.Simulated.Elapsed.TotalMilliseconds, 10, 100);
    }

    // Grants

    [Fact]
    public void Grant_IsForTheBackendsDomainAlone_AndEnds()
    {
        void* page = _fixture.AllocatePage();
        Assert.Equal(Success, _device.GrantAccess(page, false, out uint reference));
        Assert.True(reference >= 8);
        Assert.True(Xen.Grants.Map(reference, 1, false) == null);
        Assert.True(Xen.Grants.Map(reference, 0, true) == page);
        Assert.False(_device.EndAccess(reference));
        Xen.Grants.Unmap(reference);
        Assert.True(_device.EndAccess(reference));
        Assert.False(_device.EndAccess(reference));
        Assert.Equal(InvalidParameter, Protocol->EndAccess(Protocol, reference));
        Assert.True(Xen.Grants.Map(reference, 0, false) == null);
        Assert.Equal(Success, _device.GrantAccess(page, true, out reference));
        Assert.True(Xen.Grants.Map(reference, 0, true) == null);
        Assert.True(Xen.Grants.Map(reference, 0, false) == page);
        Xen.Grants.Unmap(reference);
        Assert.True(_device.EndAccess(reference));
        _fixture.FreePage(page);
    }

    [Fact]
    public void Grants_GrowTheTable_UntilItIsFull()
    {
        void* page = _fixture.AllocatePage();
        HashSet<uint> references = [];
        EFI_STATUS status = Success;
        while (true)
        {
            status = _device.GrantAccess(page, false, out uint reference);
            if (status.IsError)
            {
                break;
            }
            Assert.True(references.Add(reference));
        }
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, status);
        Assert.Equal((16 * 512) - 8, references.Count);
        Assert.Equal(references.Count, Xen.Grants.Granted.Count);
        uint some = references.First();
        Assert.True(_device.EndAccess(some));
        Assert.Equal(Success, _device.GrantAccess(page, false, out uint again));
        Assert.Equal(some, again);
        _fixture.FreePage(page);
        Assert.Equal(Success, _fixture.Disconnect());
    }

    [Fact]
    public void Grants_AreOfWholePages()
    {
        byte* page = (byte*)_fixture.AllocatePage();
        Assert.Equal(InvalidParameter, _device.GrantAccess(page + 8, false, out _));
        Assert.Equal(InvalidParameter, _device.GrantAccess(null, false, out _));
        Assert.Equal(InvalidParameter, _device.GrantAccess((void*)(1UL << 44), false, out _));
        _fixture.FreePage(page);
    }

    [Fact]
    public void Grants_LeftByOthers_AreNotTaken()
    {
        Assert.Equal(Success, _fixture.Disconnect());
        for (uint reference = 8; reference < 400; reference++)
        {
            Xen.Grants.Leave(reference, SimulatedGrants.PermitAccess, 3, reference);
        }
        XenDevice device = _fixture.Open();
        void* page = _fixture.AllocatePage();
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(Success, device.GrantAccess(page, false, out uint reference));
            Assert.True(reference >= 400);
        }
        _fixture.KeptGrants = 392;
        _fixture.FreePage(page);
        Assert.Equal(Success, _fixture.Disconnect());
    }

    // Event channels

    [Fact]
    public void Channel_CarriesEventsBothWays_WithoutInterrupting()
    {
        int events = 0;
        Assert.Equal(Success, _device.AllocateChannel(out uint port));
        Assert.False(Xen.Channels.Bind(port, 3, () => { }));
        Assert.True(Xen.Channels.Bind(port, 0, () => events++));
        Assert.Equal(Success, _device.Notify(port));
        Assert.Equal(1, events);
        Xen.Channels.UpcallMaskOfGuest = 0;
        Xen.Channels.Signal(port);
        Assert.True(Xen.Channels.IsPending(port));
        Assert.False(Xen.Channels.WouldInterrupt);
        Assert.Equal(Success, _device.CloseChannel(port));
        Assert.False(Xen.Channels.IsPending(port));
        Assert.False(Xen.Channels.IsMasked(port));
        Assert.Equal(InvalidParameter, _device.Notify(port));
        Assert.Equal(InvalidParameter, _device.CloseChannel(port));
    }

    [Fact]
    public void Channels_ThatXenHasNoMoreOf_AreRefused()
    {
        Xen.Channels.AllocationsLeft = 1;
        Assert.Equal(Success, _device.AllocateChannel(out uint port));
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, _device.AllocateChannel(out uint none));
        Assert.Equal(0u, none);
        Xen.Channels.AllocationsLeft = 1000;
        int count = 1;
        while (_device.AllocateChannel(out _).IsSuccess)
        {
            count++;
        }
        Assert.InRange(count, 16, 256);
        Xen.Intercept = (number, command) => number == 32 && command == 4 ? -22 : null;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, _device.Notify(port));
        Xen.Intercept = null;
    }

    // The protocol's entries

    [Fact]
    public void Entries_RefuseNullPointers()
    {
        NETBOOT_XENBUS_PROTOCOL* protocol = Protocol;
        nuint size = 4;
        uint number;
        byte value;
        fixed (byte* name = "state\0"u8)
        {
            Assert.Equal(InvalidParameter, protocol->Read(null, 0, 0, name, &size, &value));
            Assert.Equal(InvalidParameter, protocol->Read(protocol, 0, 0, null, &size, &value));
            Assert.Equal(InvalidParameter, protocol->Read(protocol, 0, 0, name, null, &value));
            Assert.Equal(InvalidParameter, protocol->Read(protocol, 0, 0, name, &size, null));
            Assert.Equal(InvalidParameter, protocol->Read(protocol, 0, 2, name, &size, &value));
            Assert.Equal(InvalidParameter, protocol->Write(protocol, 0, null, 1, &value));
            Assert.Equal(InvalidParameter, protocol->Write(protocol, 0, name, 1, null));
            Assert.Equal(EFI_STATUS.EFI_BAD_BUFFER_SIZE, protocol->Write(protocol, 0, name, 4097, &value));
            Assert.Equal(InvalidParameter, protocol->Remove(protocol, 0, null));
            Assert.Equal(InvalidParameter, protocol->List(protocol, 0, 0, null, null, &value));
            Assert.Equal(InvalidParameter, protocol->List(protocol, 0, 5, null, &size, &value));
            Assert.Equal(InvalidParameter, protocol->Watch(protocol, 0, null, &number));
            Assert.Equal(InvalidParameter, protocol->Watch(protocol, 0, name, null));
            Assert.Equal(InvalidParameter, protocol->Watch(protocol, 9, name, &number));
        }
        Assert.Equal(InvalidParameter, protocol->BeginTransaction(protocol, null));
        Assert.Equal(InvalidParameter, protocol->GetState(protocol, 0, null));
        Assert.Equal(InvalidParameter, protocol->GetState(protocol, 7, &number));
        Assert.Equal(InvalidParameter, protocol->WaitForBackend(protocol, 1, 1, null));
        Assert.Equal(InvalidParameter, protocol->GrantAccess(protocol, null, 0, null));
        Assert.Equal(InvalidParameter, protocol->AllocateChannel(protocol, null));
        Assert.Equal(InvalidParameter, protocol->Unwatch(protocol, 0));
        Assert.Equal(InvalidParameter, protocol->CheckWatch(protocol, 0));
        Assert.Equal(InvalidParameter, protocol->SetState(protocol, 0));
    }

    [Fact]
    public void Names_AreBounded()
    {
        byte[] longest = new byte[255];
        longest.AsSpan().Fill((byte)'a');
        Assert.Equal(Success, _device.Write(longest, "1"u8));
        Assert.Equal(Success, _device.Watch(XenEnd.Backend, longest, out _));
        byte[] tooLong = new byte[256];
        tooLong.AsSpan().Fill((byte)'a');
        Assert.Equal(InvalidParameter, _device.Write(tooLong, "1"u8));
        Assert.Equal(InvalidParameter, _device.Read(XenEnd.Frontend, tooLong, default, out _));
        Assert.Equal(InvalidParameter, _device.List(XenEnd.Frontend, tooLong, default, out _));
        Assert.Equal(InvalidParameter, _device.Remove(tooLong));
        Assert.Equal(InvalidParameter, _device.Watch(XenEnd.Frontend, tooLong, out _));
        Assert.Equal(InvalidParameter, _device.Write("a\0b"u8, "1"u8));
        Assert.Equal(InvalidParameter, _device.Write(default, "1"u8));
        Assert.Equal(InvalidParameter, _device.Remove(default));
        fixed (byte* name = new byte[300])
        {
            new Span<byte>(name, 299).Fill((byte)'a');
            Assert.Equal(InvalidParameter, Protocol->Remove(Protocol, 0, name));
        }
        byte[] value = new byte[4096];
        Assert.Equal(EFI_STATUS.EFI_BAD_BUFFER_SIZE, _device.Write("a"u8, value));
        Assert.Equal(Success, _device.Write("a"u8, value.AsSpan(0, 4000)));
    }

    [Fact]
    public void List_InParts_ComesWholeAndStartsAgainAfterAChange()
    {
        for (int i = 0; i < 700; i++)
        {
            _nodes.WriteBackend($"node-number-{i:d4}", "");
        }
        byte[] names = new byte[32768];
        int parts = 0;
        Store.Fail = request =>
        {
            if (request.Type == SimulatedStore.DirectoryPart && ++parts == 2)
            {
                _nodes.WriteBackend("a-new-one", "");
            }
            return null;
        };
        Assert.Equal(Success, _device.List(XenEnd.Backend, default, names, out int length));
        string[] found = Encoding.ASCII.GetString(names, 0, length).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Store.List(_nodes.Backend), found);
        Assert.Contains("a-new-one", found);
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, _device.List(XenEnd.Backend, default, names.AsSpan(0, 5000), out int needed));
        Assert.Equal(length, needed);
        Store.Fail = _ =>
        {
            _nodes.WriteBackend($"more-{parts++}", "");
            return null;
        };
        Assert.Equal(EFI_STATUS.EFI_ABORTED, _device.List(XenEnd.Backend, default, names, out length)); // It never holds still.
        Assert.Equal(0, length);
        Store.Fail = null;
        Store.HasDirectoryPart = false;
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, _device.List(XenEnd.Backend, default, names, out _));
    }

    [Fact]
    public void OtherMajorVersion_IsNotUsed()
    {
        NETBOOT_XENBUS_PROTOCOL other = *Protocol;
        other.Revision = 0x00020000;
        Assert.Null(XenBusDevice.Create(&other));
        other.Revision = 0x00010007;
        Assert.NotNull(XenBusDevice.Create(&other));
    }
}
