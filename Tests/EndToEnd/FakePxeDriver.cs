using System.Runtime.InteropServices;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.EndToEnd;

/// <summary>
/// The firmware's stack as far as PXE: like MNP it takes the SNP, and it makes a child with an IPv4 node that carries
/// EFI_PXE_BASE_CODE_PROTOCOL and, as edk2's does, the SNP once more.
/// </summary>
internal sealed unsafe class FakePxeDriver(SimulatedFirmware firmware) : Driver<EFI_SIMPLE_NETWORK_PROTOCOL>
{
    public override string Name => "Fake PXE";

    protected override bool IsChildNode(EFI_DEVICE_PATH_PROTOCOL* node) => false;

    protected override bool Matches(EFI_SIMPLE_NETWORK_PROTOCOL* parent) => true;

    protected override Device? CreateDevice(EFI_HANDLE controller, EFI_SIMPLE_NETWORK_PROTOCOL* parent, out EFI_STATUS status)
    {
        byte[] nic = SimulatedPath.Nodes(firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(controller)).ToArray();
        if (firmware.Get<EFI_PXE_BASE_CODE_PROTOCOL>(controller) != null)
        {
            status = EFI_STATUS.EFI_UNSUPPORTED; // The child, on which the SNP is too.
            return null;
        }

        parent->Start(parent);
        parent->Initialize(parent, 0, 0);
        status = EFI_STATUS.EFI_SUCCESS;
        return new Stack(this, firmware, controller, parent, nic);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Start(EFI_PXE_BASE_CODE_PROTOCOL* self, byte useIpv6)
    {
        self->Mode->Started = 1;
        self->Mode->UsingIpv6 = useIpv6;
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetStationIp(EFI_PXE_BASE_CODE_PROTOCOL* self, EFI_IP_ADDRESS* address, EFI_IP_ADDRESS* netmask)
    {
        if (self->Mode->Started == 0)
        {
            return EFI_STATUS.EFI_NOT_STARTED;
        }

        self->Mode->StationIp = address == null ? self->Mode->StationIp : *address;
        self->Mode->SubnetMask = netmask == null ? self->Mode->SubnetMask : *netmask;
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetPackets(
        EFI_PXE_BASE_CODE_PROTOCOL* self, byte* hasDiscover, byte* hasAck, byte* hasProxy, byte* hasPxeDiscover, byte* hasReply, byte* hasBis,
        EFI_PXE_BASE_CODE_PACKET* discover, EFI_PXE_BASE_CODE_PACKET* ack, EFI_PXE_BASE_CODE_PACKET* proxy,
        EFI_PXE_BASE_CODE_PACKET* pxeDiscover, EFI_PXE_BASE_CODE_PACKET* reply, EFI_PXE_BASE_CODE_PACKET* bis)
    {
        if (self->Mode->Started == 0)
        {
            return EFI_STATUS.EFI_NOT_STARTED;
        }

        self->Mode->DhcpAckReceived = hasAck == null ? self->Mode->DhcpAckReceived : *hasAck;
        self->Mode->DhcpAck = ack == null ? self->Mode->DhcpAck : *ack;
        self->Mode->ProxyOfferReceived = hasProxy == null ? self->Mode->ProxyOfferReceived : *hasProxy;
        self->Mode->ProxyOffer = proxy == null ? self->Mode->ProxyOffer : *proxy;
        return EFI_STATUS.EFI_SUCCESS;
    }

    private sealed class Stack : Device
    {
        private readonly FakePxeDriver _driver;
        private readonly SimulatedFirmware _firmware;
        private readonly EFI_SIMPLE_NETWORK_PROTOCOL* _network;
        private EFI_HANDLE _child;

        public Stack(FakePxeDriver driver, SimulatedFirmware firmware, EFI_HANDLE controller, EFI_SIMPLE_NETWORK_PROTOCOL* network, byte[] nic)
            : base(controller)
        {
            _driver = driver;
            _firmware = firmware;
            _network = network;
            EFI_PXE_BASE_CODE_PROTOCOL* pxe = firmware.Allocate<EFI_PXE_BASE_CODE_PROTOCOL>();
            *pxe = new EFI_PXE_BASE_CODE_PROTOCOL
            {
                Start = &FakePxeDriver.Start,
                SetStationIp = &FakePxeDriver.SetStationIp,
                SetPackets = &FakePxeDriver.SetPackets,
                Mode = firmware.Allocate<EFI_PXE_BASE_CODE_MODE>(),
            };
            _child = firmware.CreateController([.. nic, .. SimulatedPath.Of(SimulatedPath.Node(
                EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, IPv4_DEVICE_PATH.MSG_IPv4_DP, new byte[23]))]);
            firmware.Install(_child, pxe);
            firmware.Install(_child, network);
            driver.OpenForChild(controller, _child);
        }

        public override string Name => "PXE";
        public override string ControllerName => "PXE";
        public override string ChildName => "PXE over IPv4";
        public override bool HasChild(EFI_HANDLE child) => child == _child;
        public override bool CanStartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining) => false;
        public override EFI_STATUS StartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining) => EFI_STATUS.EFI_SUCCESS;
        public override EFI_STATUS StopChild(EFI_HANDLE child) => StopChildren();

        public override EFI_STATUS StopChildren()
        {
            if (!_child.IsNull)
            {
                _driver.CloseForChild(Controller, _child);
                _firmware.Uninstall<EFI_SIMPLE_NETWORK_PROTOCOL>(_child);
                _firmware.Uninstall<EFI_PXE_BASE_CODE_PROTOCOL>(_child);
                _firmware.Uninstall<EFI_DEVICE_PATH_PROTOCOL>(_child);
                _child = default;
            }

            return EFI_STATUS.EFI_SUCCESS;
        }

        public override void Dispose()
        {
            _network->Shutdown(_network);
            _network->Stop(_network);
        }
    }
}
