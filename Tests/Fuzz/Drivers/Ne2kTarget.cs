using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Ne2k;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Fuzz.Drivers;

internal sealed class Ne2kTarget : CardTarget<SimulatedNe2k>
{
    public override string Name => "ne2k";

    protected override SimulatedNe2k CreateCard(byte variant) => new(size: (variant & 1) == 0 ? 32 : 16) { IsWide = (variant & 2) == 0, RemoteHangs = (variant & 4) != 0 };

    protected override Nic? TryCreate(PciDevice device, out EFI_STATUS status) => Ne2kNic.Create(device, out status);
}
