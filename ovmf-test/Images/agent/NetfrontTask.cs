using System;
using NetBoot.BusDrivers.Xen;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>
/// Stops and starts the NIC on XenBus many times: it comes back each time, it is the only one while it runs, and no memory is lost. A PCI NIC
/// of the same machine, its twin, is free while it does not run.
/// </summary>
internal static unsafe class NetfrontTask
{
    private const int WarmUp = 3;

    /// <param name="times">How often, in decimal.</param>
    public static void Run(ReadOnlySpan<char> times)
    {
        EFI_HANDLE* devices = Agent.Locate<NETBOOT_XENBUS_PROTOCOL>(out int count);
        Agent.Check(count == 1, "XenBus has one device");
        if (count != 1)
        {
            return;
        }

        EFI_HANDLE device = devices[0];
        byte* type = Agent.Get<NETBOOT_XENBUS_PROTOCOL>(device)->Type;
        Agent.Check(type[0] == 'v' && type[1] == 'i' && type[2] == 'f' && type[3] == 0, "it is a network interface");
        EFI_HANDLE* cards = Agent.Locate<EFI_PCI_IO_PROTOCOL>(out int pci);
        int twins = Agent.KeepNics(cards, pci);
        Agent.Line($"agent: {twins} PCI NICs");
        CheckOnlyNic(device);

        int cycles = Agent.Number(times);
        long before = 0;
        for (int i = 0; i < WarmUp + cycles; i++)
        {
            if (i == WarmUp)
            {
                before = Agent.FreePages();
            }

            Expect(Agent.BootServices->DisconnectController(device, default, default), "disconnect");
            for (int twin = 0; twin < twins; twin++)
            {
                Agent.BootServices->ConnectController(cards[twin], null, null, 0);
            }

            if (CountNics() != twins)
            {
                Agent.Check(false, "while it is stopped, its twin alone is there");
            }

            // Not recursively: what the firmware's own network stack keeps is not on trial.
            Expect(Agent.BootServices->ConnectController(device, null, null, 0), "connect");
            CheckOnlyNic(device);
        }

        long after = Agent.FreePages();
        Agent.Line($"agent: {cycles} cycles, free pages before {before}, after {after}");
        if (twins == 0)
        {
            // To give a twin back, the driver connects it with the firmware's stack on it, which keeps some.
            Agent.Check(before == after, "as many free pages after as before");
        }

        Agent.BootServices->ConnectController(device, null, null, 1); // for the firmware's PXE
    }

    /// <summary>There is one NIC, and its path goes over the device's.</summary>
    private static void CheckOnlyNic(EFI_HANDLE device)
    {
        EFI_HANDLE* nics = Agent.LocateNics(out int count);
        Agent.Check(count == 1, "there is one NIC");
        if (count == 1)
        {
            byte* path = (byte*)Agent.Get<EFI_DEVICE_PATH_PROTOCOL>(nics[0]);
            byte* parent = (byte*)Agent.Get<EFI_DEVICE_PATH_PROTOCOL>(device);
            bool same = path != null && parent != null;
            while (same && parent[0] != 0x7F)
            {
                int length = parent[2] | (parent[3] << 8);
                same = new ReadOnlySpan<byte>(path, length).SequenceEqual(new ReadOnlySpan<byte>(parent, length));
                path += length;
                parent += length;
            }

            Agent.Check(same, "it is XenBus's");
        }

        if (nics != null)
        {
            Agent.BootServices->FreePool(nics);
        }
    }

    private static int CountNics()
    {
        EFI_HANDLE* nics = Agent.LocateNics(out int count);
        if (nics != null)
        {
            Agent.BootServices->FreePool(nics);
        }

        return count;
    }

    private static void Expect(EFI_STATUS status, string what)
    {
        if (!status.IsSuccess)
        {
            Agent.Check(status, EFI_STATUS.EFI_SUCCESS, what);
        }
    }
}
