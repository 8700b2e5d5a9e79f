using System;
using NetBoot.BusDrivers;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>What a hypervisor shows of itself without being asked for anything: CPUID leaves and PCI functions.</summary>
internal static unsafe class HypervisorTask
{
    private const uint FirstLeaf = 0x40000000;

    public static void HyperV()
    {
        // Hypervisor Top-Level Functional Specification, "Hypervisor CPUID Leaf Range".
        Span<uint> leaf = stackalloc uint[4];
        Processor.Cpuid(FirstLeaf + 1, 0, leaf);
        Agent.Check(leaf[0] == 0x31237648, "CPUID says Hv#1");
        Processor.Cpuid(FirstLeaf + 3, 0, leaf);
        Agent.Check((leaf[0] & 0x24) == 0x24, "hypercalls and the synthetic interrupt controller are allowed");
    }

    public static void Xen()
    {
        Span<uint> leaf = stackalloc uint[4];
        Processor.Cpuid(FirstLeaf, 0, leaf);
        Agent.Check(leaf[1] == 0x566E6558 && leaf[2] == 0x65584D4D && leaf[3] == 0x4D4D566E, "CPUID says XenVMMXenVMM");
        Agent.Check(HasPci(0x5853, 1), "there is a Xen platform device");
    }

    private static bool HasPci(ushort vendor, ushort device)
    {
        EFI_HANDLE* handles = Agent.Locate<EFI_PCI_IO_PROTOCOL>(out int count);
        bool found = false;
        for (int i = 0; i < count; i++)
        {
            EFI_PCI_IO_PROTOCOL* pci = Agent.Get<EFI_PCI_IO_PROTOCOL>(handles[i]);
            uint identity = 0;
            pci->Pci.Read(pci, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint32, 0, 1, &identity);
            found |= identity == (vendor | ((uint)device << 16));
        }

        return found;
    }
}
