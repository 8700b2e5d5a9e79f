using System.Collections.Generic;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.ModelTests.UefiFirmware;

[Collection("Firmware")]
public sealed unsafe class DriverTests
{
    private readonly List<string> _log = [];

    private static EFI_HANDLE CreateDevice(SimulatedFirmware firmware) =>
        firmware.Install(firmware.CreateController(SimulatedPath.Pci(3)), firmware.Allocate<FAKE_DEVICE_PROTOCOL>());

    [Fact]
    public void Connect_AsksTheHighestVersionFirst()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE device = CreateDevice(firmware);
        _ = new FakeDriver(firmware, "old", _log, 0x10);
        _ = new FakeDriver(firmware, "new", _log, 0x20);
        Assert.True(firmware.Connect(device).IsSuccess);
        Assert.Equal(["new starts"], _log);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, firmware.Connect(device));
    }

    [Fact]
    public void Connect_AsksTheListedDriversFirst()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE device = CreateDevice(firmware);
        FakeDriver old = new(firmware, "old", _log, 0x10);
        _ = new FakeDriver(firmware, "new", _log, 0x20);
        EFI_HANDLE* list = stackalloc EFI_HANDLE[2];
        list[0] = old.Handle;
        list[1] = default;
        Assert.True(firmware.BootServices->ConnectController(device, list, null, 0).IsSuccess);
        Assert.Equal(["old starts"], _log);
    }

    [Fact]
    public void Connect_AfterAFailedStart_AsksTheNext()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE device = CreateDevice(firmware);
        _ = new FakeDriver(firmware, "old", _log, 0x10);
        _ = new FakeDriver(firmware, "new", _log, 0x20) { StartResult = EFI_STATUS.EFI_DEVICE_ERROR };
        Assert.True(firmware.Connect(device).IsSuccess);
        Assert.Equal(["new starts", "old starts"], _log);
    }

    [Fact]
    public void Connect_WithNoDriver_IsNotFound_UnlessTheRestOfThePathIsItsEnd()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE device = CreateDevice(firmware);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, firmware.Connect(device));
        Assert.True(firmware.Connect(device, SimulatedPath.Of()).IsSuccess);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, firmware.Connect(new EFI_HANDLE(1)));
    }

    [Fact]
    public void Connect_Recursively_ConnectsTheChildren()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE device = CreateDevice(firmware);
        FakeDriver bus = new(firmware, "bus", _log, 0x20) { ChildCount = 2 };
        FakeDriver leaf = new(firmware, "leaf", _log, 0x30);
        // The leaf's driver knows the bus' device as well: it is told to refuse it.
        leaf.StartResult = EFI_STATUS.EFI_DEVICE_ERROR;
        Assert.True(firmware.Connect(device).IsSuccess);
        Assert.Equal(2, firmware.Children(device).Count);
        leaf.StartResult = default;
        bus.ChildCount = 0;
        firmware.Connect(device, recursive: true);
        Assert.Equal(["leaf starts", "bus starts", "leaf starts", "leaf starts"], _log);
    }

    [Fact]
    public void Disconnect_StopsChildrenFirst_AndThoseOfTheChildrenBefore()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE device = CreateDevice(firmware);
        FakeDriver bus = new(firmware, "bus", _log, 0x30) { ChildCount = 2 };
        firmware.Connect(device);
        bus.ChildCount = 0;
        _ = new FakeDriver(firmware, "leaf", _log, 0x40);
        firmware.Connect(bus.Made[0]);
        _log.Clear();
        Assert.True(firmware.Disconnect(device).IsSuccess);
        Assert.Equal(["bus stops 2 of its children", "leaf stops", "bus stops"], _log);
        Assert.Empty(firmware.HeldOpenings);
    }

    [Fact]
    public void Disconnect_OfOneChild_LeavesTheRest_AndOfTheLastOne_StopsTheDriver()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE device = CreateDevice(firmware);
        FakeDriver bus = new(firmware, "bus", _log) { ChildCount = 2 };
        firmware.Connect(device);
        _log.Clear();
        Assert.True(firmware.Disconnect(device, bus.Handle, bus.Made[0]).IsSuccess);
        Assert.Equal(["bus stops 1 of its children"], _log);
        Assert.True(firmware.Disconnect(device, bus.Handle, bus.Made[0]).IsSuccess);
        Assert.Equal(["bus stops 1 of its children", "bus stops 1 of its children", "bus stops"], _log);
    }

    [Fact]
    public void Disconnect_TellsWhatTheStatusSays()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE device = CreateDevice(firmware);
        FakeDriver driver = new(firmware, "driver", _log);
        FakeDriver other = new(firmware, "other", _log);
        Assert.True(firmware.Disconnect(device).IsSuccess);
        firmware.Connect(device);
        Assert.True(firmware.Disconnect(device, other.Handle).IsSuccess);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, firmware.Disconnect(device, driver.Handle, other.Handle));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, firmware.Disconnect(device, device));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, firmware.Disconnect(device, default, new EFI_HANDLE(1)));
        driver.StopResult = EFI_STATUS.EFI_DEVICE_ERROR;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, firmware.Disconnect(device));
        Assert.Single(firmware.HeldOpenings);
    }

    [Fact]
    public void Uninstall_StopsTheDriver_AndReconnectsWhenItWillNotGo()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE device = CreateDevice(firmware);
        FakeDriver driver = new(firmware, "driver", _log) { StopResult = EFI_STATUS.EFI_DEVICE_ERROR };
        firmware.Connect(device);
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, firmware.Uninstall<FAKE_DEVICE_PROTOCOL>(device));
        driver.StopResult = default;
        Assert.True(firmware.Uninstall<FAKE_DEVICE_PROTOCOL>(device).IsSuccess);
        Assert.Equal(["driver starts", "driver stops", "driver stops"], _log);
    }

    [Fact]
    public void Reinstall_RestartsTheDriver()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE device = CreateDevice(firmware);
        _ = new FakeDriver(firmware, "driver", _log);
        firmware.Connect(device);
        EFI_GUID guid = FAKE_DEVICE_PROTOCOL.Guid;
        FAKE_DEVICE_PROTOCOL* @new = firmware.Allocate<FAKE_DEVICE_PROTOCOL>();
        Assert.True(firmware.BootServices->ReinstallProtocolInterface(
            device, &guid, firmware.Get<FAKE_DEVICE_PROTOCOL>(device), @new).IsSuccess);
        Assert.Equal(["driver starts", "driver stops", "driver starts"], _log);
        Assert.True(firmware.Get<FAKE_DEVICE_PROTOCOL>(device) == @new);
    }

    [Fact]
    public void Open_Exclusively_StopsTheDriver()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE device = CreateDevice(firmware);
        _ = new FakeDriver(firmware, "driver", _log);
        firmware.Connect(device);
        EFI_GUID guid = FAKE_DEVICE_PROTOCOL.Guid;
        void* found;
        Assert.True(firmware.BootServices->OpenProtocol(
            device, &guid, &found, firmware.ImageHandle, default, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_EXCLUSIVE).IsSuccess);
        Assert.Equal(["driver starts", "driver stops"], _log);
        Assert.Equal(firmware.ImageHandle, Assert.Single(firmware.HeldOpenings).Agent);
    }

    [Fact]
    public void Supported_ThatLeavesSomethingOpen_IsAViolation()
    {
        using SimulatedFirmware firmware = new();
        _ = new FakeDriver(firmware, "driver", _log) { LeavesOpenInSupported = true };
        firmware.Connect(CreateDevice(firmware));
        Assert.Contains("Supported left something behind", firmware.TakeViolations()[0]);
    }

    [Fact]
    public void Start_ThatFailsAndLeaks_IsAViolation()
    {
        using SimulatedFirmware firmware = new();
        _ = new FakeDriver(firmware, "driver", _log) { LeaksInStart = true, StartResult = EFI_STATUS.EFI_DEVICE_ERROR };
        firmware.Connect(CreateDevice(firmware));
        Assert.Contains("Start, which failed, left something behind", Assert.Single(firmware.TakeViolations()));
    }

    [Fact]
    public void Stop_ThatLeavesSomethingOpen_IsAViolation()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE device = CreateDevice(firmware);
        _ = new FakeDriver(firmware, "driver", _log) { LeavesOpenInStop = true };
        firmware.Connect(device);
        firmware.Disconnect(device);
        Assert.Contains("After Stop this is open", Assert.Single(firmware.TakeViolations()));
    }
}
