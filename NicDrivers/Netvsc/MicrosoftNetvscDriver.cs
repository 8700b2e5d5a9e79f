using NetBoot.BusDrivers.Foreign.Microsoft;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Netvsc;

/// <summary>
/// Drives Hyper-V's synthetic network adapters on the VMBus of Hyper-V's own firmware. The firmware's driver, NetvscDxe, has a lower
/// version, so that this one is asked first; a device path keeps its form, with a MAC node of zeros, which the host's management
/// writes into boot entries.
/// </summary>
public sealed unsafe class MicrosoftNetvscDriver : NicDriver<EFI_VMBUS_PROTOCOL>
{
    /// <inheritdoc/>
    public override string Name => "NetBoot Hyper-V network driver (firmware's VMBus)";

    /// <summary>
    /// A second start of the firmware's driver on a channel fails: mu_msvm's EmclDxe, which it stands on, leaves a protocol behind when it stops. So
    /// what it has it keeps, and its SNP is used.
    /// </summary>
    public override bool TakesOver => false;

    /// <inheritdoc/>
    protected override bool Matches(EFI_VMBUS_PROTOCOL* parent) => false; // Only its handle tells what it is.

    /// <inheritdoc/>
    protected override bool Matches(EFI_HANDLE controller, EFI_VMBUS_PROTOCOL* parent) =>
        MicrosoftVmbus.TryReadIdentity(controller, out EFI_GUID type, out _) && type == NetvscNic.InterfaceType &&
        !MicrosoftVmbus.IsIsolated(controller);

    /// <inheritdoc/>
    protected override Nic? CreateNic(EFI_HANDLE controller, EFI_VMBUS_PROTOCOL* parent, out EFI_STATUS status)
    {
        MicrosoftVmbus.TryReadIdentity(controller, out EFI_GUID type, out EFI_GUID instance);
        return NetvscNic.Create(new CurrentMicrosoftChannel(parent, type, instance), isPathAnonymous: true, out status);
    }
}
