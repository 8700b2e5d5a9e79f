namespace NetBoot.Uefi.Interop;

/// <summary>
/// What a programming fault takes out of service: a bound device, a driver, or the application. Every entry from firmware
/// belongs to one (see <see cref="FirmwareEntry"/>).
/// </summary>
public abstract class FaultDomain
{
    /// <summary>Driver and device as a person knows them: "e1000 PciRoot(0x0)/Pci(0x3,0x0)".</summary>
    public abstract string Name { get; }

    /// <summary>True after a fault: every later entry answers EFI_DEVICE_ERROR, except those that undo (Stop, Unload).</summary>
    public bool IsOutOfService { get; private set; }

    internal void TakeOutOfService()
    {
        IsOutOfService = true;
        Quiesce();
    }

    /// <summary>Stops DMA and leaves the hardware reset; neither allocates nor frees, waits only for bounded times.</summary>
    protected virtual void Quiesce()
    {
    }
}
