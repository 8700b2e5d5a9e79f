using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.BusDrivers.Xen;
using NetBoot.Tests.Models.Xen;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>Nodes and transactions of a device.</summary>
[Collection("Firmware")]
public sealed class XenDeviceStoreTests : XenDeviceTest
{
    [Fact]
    public void Identity_IsTheStores()
    {
        Assert.Equal("vif", Device.Type);
        Assert.Equal(0u, Device.Index);
        Assert.Equal(0, Device.BackendDomain);
    }

    [Fact]
    public void Nodes_AreReadWrittenListedAndRemoved()
    {
        Nodes.WriteFrontend("mac", "52:54:00:12:34:56");
        Nodes.WriteBackend("feature-rx-copy", "1");
        Assert.Equal("52:54:00:12:34:56", Read(XenEnd.Frontend, "mac", out EFI_STATUS status));
        Assert.Equal(Success, status);
        Assert.Equal("1", Read(XenEnd.Backend, "feature-rx-copy", out _));
        Assert.Equal(Success, Write("queue-0/tx-ring-ref", "9"));
        Assert.Equal("9", Nodes.Read("queue-0/tx-ring-ref"));
        byte[] names = new byte[256];
        Assert.Equal(Success, Device.List(XenEnd.Frontend, default, names, out int length));
        Assert.Equal("backend\0backend-id\0mac\0queue-0\0state\0", Encoding.ASCII.GetString(names, 0, length));
        Assert.Equal(Success, Device.Remove("queue-0"u8));
        Assert.Null(Nodes.Read("queue-0/tx-ring-ref"));
        Assert.Equal(Success, Device.Remove("queue-0"u8));
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, Device.Remove("queue-0/tx-ring-ref"u8));
        Assert.Equal(XenStoreError.ENOENT, Device.StoreError);
    }

    [Fact]
    public void Read_WithLittleRoom_GivesWhatFitsAndTheLength()
    {
        Nodes.WriteFrontend("mac", "52:54:00:12:34:56");
        byte[] little = new byte[5];
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, Device.Read(XenEnd.Frontend, "mac"u8, little, out int length));
        Assert.Equal(17, length);
        Assert.Equal("52:54"u8.ToArray(), little);
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, Device.Read(XenEnd.Frontend, "mac"u8, default, out length));
        Assert.Equal(17, length);
    }

    [Fact]
    public void Numbers_AreDecimal()
    {
        Assert.Equal(Success, Device.WriteNumber("tx-ring-ref"u8, ulong.MaxValue));
        Assert.Equal("18446744073709551615", Nodes.Read("tx-ring-ref"));
        Assert.Equal(Success, Device.ReadNumber(XenEnd.Frontend, "tx-ring-ref"u8, out ulong value));
        Assert.Equal(ulong.MaxValue, value);
        foreach (string bad in new[] { "", "-1", "12x", "18446744073709551616", "0000000000000000000000001" })
        {
            Nodes.WriteFrontend("tx-ring-ref", bad);
            Assert.Equal(EFI_STATUS.EFI_PROTOCOL_ERROR, Device.ReadNumber(XenEnd.Frontend, "tx-ring-ref"u8, out value));
            Assert.Equal(0UL, value);
        }
    }

    [Fact]
    public void BackendsNodes_CannotBeWritten()
    {
        Store.Write(Nodes.Frontend, "", owner: 0, readers: [SimulatedXen.GuestDomain]);
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, Write("new", "1"));
        Assert.Equal(XenStoreError.EACCES, Device.StoreError);
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
        Assert.Equal(error, Device.StoreError);
        if (error != XenStoreError.Unknown)
        {
            Assert.Equal(name, Encoding.ASCII.GetString(XenStoreErrors.NameOf(error)));
        }

        Store.Fail = null;
        Assert.Equal(Success, Write("x", "1"));
        Assert.Equal(XenStoreError.None, Device.StoreError);
    }

    // Transactions

    [Fact]
    public void Transaction_HappensAtOnceOrNotAtAll()
    {
        Assert.Equal(Success, Device.BeginTransaction(out uint transaction));
        Assert.NotEqual(0u, transaction);
        Assert.Equal(Success, Write("a", "1", transaction));
        Assert.Equal("1", Read(XenEnd.Frontend, "a", out _, transaction));
        Assert.Null(Nodes.Read("a"));
        Assert.Equal(Success, Device.EndTransaction(transaction, commit: true));
        Assert.Equal("1", Nodes.Read("a"));
        Assert.Equal(Success, Device.BeginTransaction(out transaction));
        Assert.Equal(Success, Write("a", "2", transaction));
        Assert.Equal(Success, Device.Remove("state"u8, transaction));
        Assert.Equal(Success, Device.EndTransaction(transaction, commit: false));
        Assert.Equal("1", Nodes.Read("a"));
        Assert.Equal(1u, Nodes.FrontendState);
    }

    [Fact]
    public void Transaction_ThatCollides_IsAbortedAndCanBeDoneAgain()
    {
        Assert.Equal(Success, Device.BeginTransaction(out uint transaction));
        Read(XenEnd.Backend, "state", out _, transaction);
        Assert.Equal(Success, Write("a", "1", transaction));
        Nodes.BackendState = 3;
        Assert.Equal(EFI_STATUS.EFI_ABORTED, Device.EndTransaction(transaction, commit: true));
        Assert.Equal(XenStoreError.EAGAIN, Device.StoreError);
        Assert.Null(Nodes.Read("a"));
        Store.Conflicts = 3;
        int tries = 0;
        EFI_STATUS status = EFI_STATUS.EFI_ABORTED;
        for (; status == EFI_STATUS.EFI_ABORTED; tries++)
        {
            Assert.Equal(Success, Device.BeginTransaction(out transaction));
            Assert.Equal(Success, Write("a", "2", transaction));
            status = Device.EndTransaction(transaction, commit: true);
        }

        Assert.Equal(Success, status);
        Assert.Equal(4, tries);
        Assert.Equal("2", Nodes.Read("a"));
    }

    [Fact]
    public void Transactions_OfNobody_AreRefusedWithoutAsking()
    {
        int requests = Store.Requests.Count;
        Assert.Equal(InvalidParameter, Device.EndTransaction(0, true));
        Assert.Equal(InvalidParameter, Device.EndTransaction(77, true));
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
            status = Device.BeginTransaction(out uint transaction);
            open.Add(transaction);
        }

        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, status);
        Assert.InRange(open.Count, 2, 20);
        Assert.Equal(0u, open[^1]);
        Assert.Equal(Success, Device.EndTransaction(open[0], false));
        Assert.Equal(Success, Device.BeginTransaction(out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("x")]
    [InlineData("4294967296")]
    public void Transaction_WithABadNumber_IsNone(string number)
    {
        Store.Mangle = message => SimulatedStore.Message(6, BitConverter.ToUInt32(message, 4), 0, Encoding.ASCII.GetBytes(number + '\0'));
        Assert.Equal(EFI_STATUS.EFI_PROTOCOL_ERROR, Device.BeginTransaction(out uint transaction));
        Assert.Equal(0u, transaction);
        Store.Mangle = null;
        Store.DropTransactions();
    }
}
