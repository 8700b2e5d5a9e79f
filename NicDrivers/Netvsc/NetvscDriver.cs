using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Netvsc;

/// <summary>Drives Hyper-V's synthetic network adapters on our VMBus.</summary>
public sealed unsafe class NetvscDriver : NicDriver<NETBOOT_VMBUS_PROTOCOL>
{
    /// <inheritdoc/>
    public override string Name => "NetBoot Hyper-V network driver";

    /// <inheritdoc/>
    protected override bool Matches(NETBOOT_VMBUS_PROTOCOL* parent) =>
        parent->InterfaceType == NetvscNic.InterfaceType && parent->SubChannelIndex == 0;

    /// <inheritdoc/>
    protected override Nic? CreateNic(EFI_HANDLE controller, NETBOOT_VMBUS_PROTOCOL* parent, out EFI_STATUS status) =>
        NetvscNic.Create(new ProtocolChannel(parent), isPathAnonymous: false, out status);
}
