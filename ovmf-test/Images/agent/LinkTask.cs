using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>NICs whose link is down from power-on: they come up all the same, say so, and work once the cable is in.</summary>
internal static unsafe class LinkTask
{
    private const int MaximumNics = 8;
    private const uint LinkLimit = 20_000; // In milliseconds.
    private const nuint PollTime = 50_000; // In microseconds.

    public static void Run()
    {
        NetworkInUse* networks = stackalloc NetworkInUse[MaximumNics];
        int count = NetworkInUse.TakeAll(networks, MaximumNics);
        for (int i = 0; i < count; i++)
        {
            bool tells = networks[i].Snp->Mode->MediaPresentSupported != 0;
            Agent.Check(networks[i].HasMedia() != tells, "Mode says that there is no media, or cannot tell");
            SnpTask.SendArp(networks[i].Snp, true); // A NIC without a link takes what it is given.
        }

        Agent.Line($"agent: {count} NICs without a link");
        using Deadline deadline = new(LinkLimit);
        for (int i = 0; i < count; i++)
        {
            while (!(networks[i].HasMedia() && Receives(networks[i].Snp)) && !deadline.HasPassed)
            {
                SnpTask.SendArp(networks[i].Snp, true); // Not every NIC can tell.
                Agent.BootServices->Stall(PollTime);
            }

            SnpTask.AnswersArp(networks[i].Snp, "an answer to ARP once the link is up");
        }
    }

    private static bool Receives(EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        byte* buffer = stackalloc byte[2048];
        nuint size = 2048;
        return snp->Receive(snp, null, &size, buffer, null, null, null).IsSuccess;
    }
}
