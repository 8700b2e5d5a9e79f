using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>
/// Takes so many frames from the first SNP and drops them: the most that anything on it can reach. It sleeps until the ring is full and empties it
/// then, so that it works only when there is a frame; before, it wakes up a number of times for nothing, so that it is known what that costs.
/// </summary>
internal static unsafe class DropTask
{
    private const int WakeUps = 100;
    private const int WarmUp = 2000;
    private const int Room = 1536;
    private const ulong Tick = 100_000; // 10 ms in units of 100 ns: what firmware's timer can do

    /// <param name="frames">How many, in decimal.</param>
    public static void Run(ReadOnlySpan<char> frames)
    {
        EFI_HANDLE* handles = Agent.LocateNics(out int count);
        Agent.Check(count != 0, "a NIC has an SNP");
        if (count == 0)
        {
            return;
        }

        EFI_GUID guid = EFI_SIMPLE_NETWORK_PROTOCOL.Guid;
        EFI_SIMPLE_NETWORK_PROTOCOL* snp = null;
        EFI_EVENT timer;
        Agent.Check(
            Agent.BootServices->OpenProtocol(
                handles[0], &guid, (void**)&snp, Agent.Image, handles[0],
                EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER | EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_EXCLUSIVE),
            EFI_STATUS.EFI_SUCCESS, "exclusive open");
        Agent.Check(snp->Start(snp), EFI_STATUS.EFI_SUCCESS, "Start");
        Agent.Check(snp->Initialize(snp, 0, 0), EFI_STATUS.EFI_SUCCESS, "Initialize");
        Agent.Check(
            snp->ReceiveFilters(snp, EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST, 0, 1, 0, null), EFI_STATUS.EFI_SUCCESS, "ReceiveFilters");
        Agent.Check(Agent.BootServices->CreateEvent(EVT.EVT_TIMER, 0, null, null, &timer), EFI_STATUS.EFI_SUCCESS, "CreateEvent");
        Agent.Check(Agent.BootServices->SetTimer(timer, EFI_TIMER_DELAY.TimerPeriodic, Tick), EFI_STATUS.EFI_SUCCESS, "SetTimer");
        Agent.Line($"agent: wakes up for nothing");
        for (int i = 0; i < WakeUps; i++)
        {
            Drop(snp, timer);
        }

        Agent.Line($"agent: drops from now on");
        DropAll(snp, timer, WarmUp, out _);
        Agent.Line($"agent: begins");
        int dropped = DropAll(snp, timer, Agent.Number(frames), out int wakeUps);
        Agent.Line($"agent: ends with {dropped} frames of {wakeUps} times");
        Agent.BootServices->Stall(30_000_000); // The machine is asked what it has worked, and ended.
    }

    private static int DropAll(EFI_SIMPLE_NETWORK_PROTOCOL* snp, EFI_EVENT timer, int frames, out int wakeUps)
    {
        int dropped = 0;
        for (wakeUps = 0; dropped < frames; wakeUps++)
        {
            dropped += Drop(snp, timer);
        }

        return dropped;
    }

    /// <summary>Sleeps, and takes all that is there.</summary>
    private static int Drop(EFI_SIMPLE_NETWORK_PROTOCOL* snp, EFI_EVENT timer)
    {
        byte* frame = stackalloc byte[Room];
        nuint index;
        Agent.BootServices->WaitForEvent(1, &timer, &index);
        int dropped = 0;
        for (nuint size = Room; snp->Receive(snp, null, &size, frame, null, null, null).IsSuccess; size = Room)
        {
            dropped++;
        }

        return dropped;
    }
}
