using System;
using System.Linq;
using System.Text;
using NetBoot.BusDrivers.Foreign.Edk2;
using NetBoot.BusDrivers.Xen;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>A device on edk2's own XenBus, as the drivers of ours see it.</summary>
[Collection("Firmware")]
public sealed unsafe class Edk2XenDeviceTests : IDisposable
{
    private static EFI_STATUS Success => EFI_STATUS.EFI_SUCCESS;
    private static EFI_STATUS InvalidParameter => EFI_STATUS.EFI_INVALID_PARAMETER;

    private readonly SimulatedFirmware _firmware = new();
    private readonly FakeEdk2XenBus _bus;
    private readonly Edk2XenDevice _device;
    private readonly Footprint _footprint;

    public Edk2XenDeviceTests()
    {
        _bus = new FakeEdk2XenBus(_firmware);
        _footprint = new Footprint(_firmware);
        _device = Edk2XenDevice.Create(_bus.Protocol)!;
    }

    public void Dispose()
    {
        _device.Dispose();
        _footprint.ExpectUnchanged("The device"); // What XsRead answers is freed.
        _firmware.Dispose();
    }

    [Fact]
    public void Identity_IsTheProtocolsAndTheStores()
    {
        Assert.Equal("vif", _device.Type);
        Assert.Equal(3u, _device.Index);
        Assert.Equal(2, _device.BackendDomain);
        _bus.Nodes["device/vif/3/backend-id"] = "65536";
        Assert.Null(Edk2XenDevice.Create(_bus.Protocol));
        _bus.Nodes.Remove("device/vif/3/backend-id");
        Assert.Null(Edk2XenDevice.Create(_bus.Protocol));
        _bus.Protocol->WaitForWatch = null;
        Assert.False(Edk2XenDevice.IsUsable(_bus.Protocol));
        Assert.Null(Edk2XenDevice.Create(_bus.Protocol));
    }

    [Fact]
    public void Nodes_AreReadWrittenAndRemoved()
    {
        Assert.Equal(Success, _device.Write("odd%value"u8, "100% %s %%"u8));
        Assert.Equal("100% %s %%", _bus.Nodes["device/vif/3/odd%value"]);
        byte[] value = new byte[4];
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, _device.Read(XenEnd.Frontend, "odd%value"u8, value, out int length));
        Assert.Equal(10, length);
        Assert.Equal("100%"u8.ToArray(), value);
        Assert.Equal(Success, _device.ReadNumber(XenEnd.Backend, "state"u8, out ulong number));
        Assert.Equal(2UL, number);
        Assert.Equal(Success, _device.Remove("odd%value"u8));
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, _device.Remove("odd%value"u8));
        Assert.Equal(XenStoreError.ENOENT, _device.StoreError);
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, _device.List(XenEnd.Frontend, default, value, out _));
    }

    [Fact]
    public void WhatCannotBeWritten_IsRefused()
    {
        Assert.Equal(InvalidParameter, _device.Write("a"u8, "\n"u8));
        Assert.Equal(InvalidParameter, _device.Write("a"u8, "\0"u8));
        Assert.Equal(InvalidParameter, _device.Write("a"u8, [0x80]));
        Assert.Equal(InvalidParameter, _device.Write(default, "1"u8));
        Assert.Equal(InvalidParameter, _device.Write("a\0b"u8, "1"u8));
        Assert.Equal(InvalidParameter, _device.Write(new byte[256], "1"u8));
        Assert.Equal(InvalidParameter, _device.Remove(default));
        Assert.Equal(InvalidParameter, _device.Read(XenEnd.Frontend, new byte[256], default, out _));
        Assert.Equal(EFI_STATUS.EFI_BAD_BUFFER_SIZE, _device.Write("a"u8, new byte[1025]));
        byte[] percents = Encoding.ASCII.GetBytes(new string('%', 1024));
        Assert.Equal(Success, _device.Write("a"u8, percents));
        Assert.Equal(1024, _bus.Nodes["device/vif/3/a"].Length);
    }

    [Fact]
    public void Errors_KeepTheirNames()
    {
        for (uint error = 1; error <= 16; error++)
        {
            _bus.Failure = error;
            EFI_STATUS status = _device.Write("a"u8, "1"u8);
            Assert.True(status.IsError);
            Assert.Equal((XenStoreError)error, _device.StoreError);
            Assert.Equal(status, _device.Read(XenEnd.Backend, "state"u8, default, out _));
        }
    }

    [Fact]
    public void Transactions_AreHandedThrough()
    {
        Assert.Equal(Success, _device.BeginTransaction(out uint transaction));
        Assert.Equal(77u, transaction);
        Assert.Equal(Success, _device.Write("a"u8, "1"u8, transaction));
        Assert.Equal(Success, _device.Write("a"u8, "1"u8));
        Assert.Equal(Success, _device.EndTransaction(transaction, commit: true));
        Assert.Equal(["print 1 in 77", "print 1 in 0", "end 77 commit"], _bus.Calls.Skip(1));
        _bus.Failure = 14;
        Assert.Equal(EFI_STATUS.EFI_ABORTED, _device.EndTransaction(transaction, commit: false));
        Assert.Equal("end 77 abort", _bus.Calls[^1]);
        Assert.Equal(EFI_STATUS.EFI_ABORTED, _device.BeginTransaction(out transaction));
        Assert.Equal(0u, transaction);
        Assert.Equal(InvalidParameter, _device.EndTransaction(0, commit: true));
    }

    [Fact]
    public void Watches_TellOfChanges()
    {
        Assert.Equal(Success, _device.Watch(XenEnd.Backend, "state"u8, out uint watch));
        Assert.True(_device.HasChanged(watch));
        Assert.False(_device.HasChanged(watch));
        _bus.Nodes["/local/domain/2/backend/vif/7/3/state"] = "4";
        Assert.True(_device.HasChanged(watch));
        Assert.False(_device.HasChanged(watch));
        _bus.Nodes.Remove("/local/domain/2/backend/vif/7/3/state");
        Assert.True(_device.HasChanged(watch));
        _device.Unwatch(watch);
        Assert.False(_device.HasChanged(watch));
        Assert.False(_device.HasChanged(99));
        _device.Unwatch(99);
        Assert.Equal(InvalidParameter, _device.Watch(XenEnd.Backend, new byte[256], out _));
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(Success, _device.Watch(XenEnd.Frontend, "a"u8, out _));
        }

        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, _device.Watch(XenEnd.Frontend, "a"u8, out watch));
        Assert.Equal(0u, watch);
    }

    [Fact]
    public void States_AreWrittenReadAndWaitedFor()
    {
        Assert.Equal(Success, _device.SetState(XenBusState.Closing));
        Assert.Equal(Success, _device.ReadState(XenEnd.Frontend, out XenBusState state));
        Assert.Equal(XenBusState.Closing, state);
        _firmware.Surroundings = () =>
        {
            if (_firmware.Elapsed > TimeSpan.FromMilliseconds(200))
            {
                _bus.Nodes["/local/domain/2/backend/vif/7/3/state"] = "5";
            }
        };
        Assert.Equal(Success, _device.WaitForBackend(XenDevice.In(XenBusState.Closing), 1_000_000, out state));
        Assert.Equal(XenBusState.Closing, state);
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, _device.WaitForBackend(XenDevice.In(XenBusState.Closed), 100_000, out state));
        Assert.Equal(XenBusState.Closing, state);
        _firmware.Surroundings = null;
        _bus.Nodes.Remove("/local/domain/2/backend/vif/7/3/state");
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, _device.WaitForBackend(XenDevice.In(XenBusState.Closed), 100_000, out state));
        Assert.Equal(XenBusState.Unknown, state);
        _bus.Nodes["/local/domain/2/backend/vif/7/3/state"] = new string('9', 30);
        Assert.Equal(Success, _device.ReadState(XenEnd.Backend, out state));
        Assert.Equal(XenBusState.Unknown, state);
    }

    [Fact]
    public void Grants_AreOfWholePages_ForTheBackend_AndCounted()
    {
        void* page = (void*)0x1234_5000;
        Assert.Equal(Success, _device.GrantAccess(page, true, out uint reference));
        Assert.Equal([(8u, (ushort)2, (nuint)0x1_2345, true)], _bus.Grants);
        Assert.True(_device.EndAccess(reference));
        Assert.False(_device.EndAccess(reference));
        Assert.False(_device.EndAccess(1));
        Assert.False(_device.EndAccess(uint.MaxValue));
        Assert.Equal(Success, _device.GrantAccess(page, true, out reference));
        _bus.GrantsAreInUse = true;
        Assert.False(_device.EndAccess(reference));
        _bus.GrantsAreInUse = false;
        Assert.False(_device.EndAccess(reference)); // It was asked for once.
        Assert.Equal([(8u, (ushort)2, (nuint)0x1_2345, true)], _bus.Grants);
        Assert.Empty(_bus.Faults);
        Assert.Equal(InvalidParameter, _device.GrantAccess((byte*)page + 1, false, out _));
        Assert.Equal(InvalidParameter, _device.GrantAccess(null, false, out _));
        Assert.Equal(InvalidParameter, _device.GrantAccess((void*)(1UL << 44), false, out _));
        int count = 0;
        while (_device.GrantAccess(page, false, out reference).IsSuccess)
        {
            count++;
        }

        Assert.Equal(1023, count); // edk2 does not notice its own end. The one that is lost counts.
        Assert.True(_device.EndAccess(9));
        _bus.NextGrant = 0;
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, _device.GrantAccess(page, false, out reference));
        Assert.Equal(0u, reference);
    }

    [Fact]
    public void Channels_AreForTheBackend()
    {
        Assert.Equal(Success, _device.AllocateChannel(out uint port));
        Assert.Equal(5u, port);
        Assert.Equal("allocate for 2", _bus.Calls[^1]);
        Assert.Equal(Success, _device.Notify(port));
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, _device.Notify(6));
        Assert.Equal(Success, _device.CloseChannel(port));
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, _device.CloseChannel(6));
        _bus.Failure = 28;
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, _device.AllocateChannel(out port));
        Assert.Equal(0u, port);
    }
}
