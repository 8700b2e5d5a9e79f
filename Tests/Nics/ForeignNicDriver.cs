using System.Runtime.InteropServices;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Network;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Nics;

/// <summary>
/// The driver of a PCI NIC that somebody else has written, from an option ROM or the firmware: as edk2's VirtioNetDxe it does not stop
/// while its SNP is started.
/// </summary>
internal sealed unsafe class ForeignNicDriver(SimulatedFirmware firmware, byte[] address) : Driver<EFI_PCI_IO_PROTOCOL>
{
    public override string Name => "Foreign network driver";
    public override uint Version => 0x10;

    /// <summary>It never stops.</summary>
    public bool HoldsOn { get; set; }

    /// <summary>It never starts again.</summary>
    public bool StartsOnce { get; set; }

    /// <summary>As iPXE does, it supports a card whoever has it, and opens it exclusively.</summary>
    public void TakeExclusively()
    {
        EFI_DRIVER_BINDING_PROTOCOL* binding = firmware.Get<EFI_DRIVER_BINDING_PROTOCOL>(Handle);
        s_start = binding->Start;
        binding->Supported = &SupportEvery;
        binding->Start = &StartExclusively;
    }

    private static delegate* unmanaged<EFI_DRIVER_BINDING_PROTOCOL*, EFI_HANDLE, EFI_DEVICE_PATH_PROTOCOL*, EFI_STATUS> s_start;

    [UnmanagedCallersOnly]
    private static EFI_STATUS SupportEvery(EFI_DRIVER_BINDING_PROTOCOL* self, EFI_HANDLE controller, EFI_DEVICE_PATH_PROTOCOL* remaining) =>
        Firmware.Has<EFI_PCI_IO_PROTOCOL>(controller) ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_UNSUPPORTED;

    [UnmanagedCallersOnly]
    private static EFI_STATUS StartExclusively(EFI_DRIVER_BINDING_PROTOCOL* self, EFI_HANDLE controller, EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        EFI_HANDLE agent = self->DriverBindingHandle;
        const uint Attributes = EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER | EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_EXCLUSIVE;
        Firmware.Open<EFI_PCI_IO_PROTOCOL>(controller, agent, controller, Attributes, out EFI_STATUS status);
        if (status.IsError)
        {
            return status;
        }

        Firmware.Close<EFI_PCI_IO_PROTOCOL>(controller, agent, controller);
        return s_start(self, controller, remaining);
    }

    public int Starts { get; private set; }
    public int Stops { get; private set; }

    protected override bool IsChildNode(EFI_DEVICE_PATH_PROTOCOL* node) => true;

    protected override bool Matches(EFI_PCI_IO_PROTOCOL* parent) => !StartsOnce || Starts == 0;

    protected override Device CreateDevice(EFI_HANDLE controller, EFI_PCI_IO_PROTOCOL* parent, out EFI_STATUS status)
    {
        Starts++;
        status = EFI_STATUS.EFI_SUCCESS;
        return new Card(this, firmware, controller);
    }

    private sealed class Card(ForeignNicDriver driver, SimulatedFirmware firmware, EFI_HANDLE controller) : Device(controller)
    {
        private FakeSnp? _network;

        public override string Name => "card";
        public override string ControllerName => "card";
        public override string ChildName => "port";
        public override bool HasChild(EFI_HANDLE child) => _network is not null && child == _network.Handle;
        public override bool CanStartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining) => _network is null;

        public override EFI_STATUS StartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining)
        {
            byte[] parent = SimulatedPath.Nodes(firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(Controller)).ToArray();
            EFI_HANDLE child = firmware.CreateController([.. parent, .. SimulatedPath.Of(SimulatedPath.Mac(driver.Address))]);
            _network = new FakeSnp(firmware, child, driver.Address);
            return driver.OpenForChild(Controller, child);
        }

        public override EFI_STATUS StopChild(EFI_HANDLE child) => StopChildren();

        public override EFI_STATUS StopChildren()
        {
            if (_network is null)
            {
                return EFI_STATUS.EFI_SUCCESS;
            }

            if (driver.HoldsOn || _network.Mode->State != EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped)
            {
                return EFI_STATUS.EFI_DEVICE_ERROR;
            }

            EFI_HANDLE child = _network.Handle;
            driver.CloseForChild(Controller, child);
            if (firmware.Uninstall<EFI_SIMPLE_NETWORK_PROTOCOL>(child).IsError)
            {
                driver.OpenForChild(Controller, child);
                return EFI_STATUS.EFI_ACCESS_DENIED;
            }

            firmware.Uninstall<EFI_DEVICE_PATH_PROTOCOL>(child);
            _network = null;
            return EFI_STATUS.EFI_SUCCESS;
        }

        public override void Dispose() => driver.Stops++;
    }

    private byte[] Address => address;
}
