using System;
using System.Text;
using NetBoot.BusDrivers.Xen;
using NetBoot.Tests.Models.Xen;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>The entries of NETBOOT_XENBUS_PROTOCOL.</summary>
[Collection("Firmware")]
public sealed unsafe class XenDeviceProtocolTests : XenDeviceTest
{
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
        Assert.Equal(Success, Device.Write(longest, "1"u8));
        Assert.Equal(Success, Device.Watch(XenEnd.Backend, longest, out _));
        byte[] tooLong = new byte[256];
        tooLong.AsSpan().Fill((byte)'a');
        Assert.Equal(InvalidParameter, Device.Write(tooLong, "1"u8));
        Assert.Equal(InvalidParameter, Device.Read(XenEnd.Frontend, tooLong, default, out _));
        Assert.Equal(InvalidParameter, Device.List(XenEnd.Frontend, tooLong, default, out _));
        Assert.Equal(InvalidParameter, Device.Remove(tooLong));
        Assert.Equal(InvalidParameter, Device.Watch(XenEnd.Frontend, tooLong, out _));
        Assert.Equal(InvalidParameter, Device.Write("a\0b"u8, "1"u8));
        Assert.Equal(InvalidParameter, Device.Write(default, "1"u8));
        Assert.Equal(InvalidParameter, Device.Remove(default));
        fixed (byte* name = new byte[300])
        {
            new Span<byte>(name, 299).Fill((byte)'a');
            Assert.Equal(InvalidParameter, Protocol->Remove(Protocol, 0, name));
        }

        byte[] value = new byte[4096];
        Assert.Equal(EFI_STATUS.EFI_BAD_BUFFER_SIZE, Device.Write("a"u8, value));
        Assert.Equal(Success, Device.Write("a"u8, value.AsSpan(0, 4000)));
    }

    [Fact]
    public void List_InParts_ComesWholeAndStartsAgainAfterAChange()
    {
        for (int i = 0; i < 700; i++)
        {
            Nodes.WriteBackend($"node-number-{i:d4}", "");
        }

        byte[] names = new byte[32768];
        int parts = 0;
        Store.Fail = request =>
        {
            if (request.Type == SimulatedStore.DirectoryPart && ++parts == 2)
            {
                Nodes.WriteBackend("a-new-one", "");
            }

            return null;
        };
        Assert.Equal(Success, Device.List(XenEnd.Backend, default, names, out int length));
        string[] found = Encoding.ASCII.GetString(names, 0, length).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Store.List(Nodes.Backend), found);
        Assert.Contains("a-new-one", found);
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, Device.List(XenEnd.Backend, default, names.AsSpan(0, 5000), out int needed));
        Assert.Equal(length, needed);
        Store.Fail = _ =>
        {
            Nodes.WriteBackend($"more-{parts++}", "");
            return null;
        };
        Assert.Equal(EFI_STATUS.EFI_ABORTED, Device.List(XenEnd.Backend, default, names, out length)); // It never holds still.
        Assert.Equal(0, length);
        Store.Fail = null;
        Store.HasDirectoryPart = false;
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, Device.List(XenEnd.Backend, default, names, out _));
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
