using NetBoot.BusDrivers.Foreign.Microsoft;

namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>
/// Whether somebody else already talks with the hypervisor: then the connection is theirs, and is left alone. There is one per machine, and
/// whoever initialises it takes it away from whoever had it.
/// </summary>
internal static class Ownership
{
    /// <summary>What we call ourselves: open source (bit 63), no operating system of the list, "NB", revision 1.</summary>
    public const ulong OurGuestOsId = 0x8000_4E42_0001_0000;

    /// <summary>Why the connection is somebody else's; null when nobody has it. The hypervisor is known to be there.</summary>
    public static string? FindOwner()
    {
        if (MicrosoftVmbus.IsInstalled)
        {
            return "the firmware has a VMBus driver of its own";
        }

        HypervisorAccess access = HypervisorAccess.Current;
        ulong guest = access.Read(HypervisorRegister.GuestOsId);
        if (guest == OurGuestOsId)
        {
            return null; // Left by an image of ours that did not end well; one that lives has the root open.
        }

        if (guest != 0)
        {
            return "another guest has identified itself to the hypervisor";
        }

        ulong pages = access.Read(HypervisorRegister.MessagePage) | access.Read(HypervisorRegister.EventFlagsPage);
        return (pages & HypervisorRegister.Enable) != 0 ? "the synthetic interrupt controller is in use" : null;
    }
}
