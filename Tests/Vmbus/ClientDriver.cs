using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Vmbus;

/// <summary>A driver of whatever hangs on VMBus, as a third party would write one: it only holds the channel open.</summary>
internal sealed unsafe class ClientDriver : Driver<NETBOOT_VMBUS_PROTOCOL>
{
    public int Starts { get; private set; }
    public int Stops { get; private set; }

    /// <summary>Whether the driver refuses to stop.</summary>
    public bool HoldsOn { get; set; }

    public override string Name => "VMBus client";

    protected override bool Matches(NETBOOT_VMBUS_PROTOCOL* parent) => true;

    protected override bool IsChildNode(EFI_DEVICE_PATH_PROTOCOL* node) => false;

    protected override Device? CreateDevice(EFI_HANDLE controller, NETBOOT_VMBUS_PROTOCOL* parent, out EFI_STATUS status)
    {
        Starts++;
        status = parent->OpenChannel(parent, 2, 2);
        return status.IsError ? null : new Client(this, controller, parent);
    }

    private sealed class Client(ClientDriver driver, EFI_HANDLE controller, NETBOOT_VMBUS_PROTOCOL* parent) : Device(controller)
    {
        public override string Name => "client";
        public override string ControllerName => "client";
        public override string ChildName => "none";

        public override bool HasChild(EFI_HANDLE child) => false;
        public override bool CanStartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining) => false;
        public override EFI_STATUS StartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining) => EFI_STATUS.EFI_SUCCESS;
        public override EFI_STATUS StopChild(EFI_HANDLE child) => EFI_STATUS.EFI_NOT_FOUND;
        public override EFI_STATUS StopChildren() => driver.HoldsOn ? EFI_STATUS.EFI_DEVICE_ERROR : EFI_STATUS.EFI_SUCCESS;

        public override void Dispose()
        {
            driver.Stops++;
            parent->CloseChannel(parent);
        }
    }
}
