using System;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Sockets;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// Has the network go on while an image of somebody else's runs that reads disks over it: a timer of the firmware's polls it, at TPL_CALLBACK, with
/// memory that was there before and none of anybody's. Connections that are lost are made again with the memory that they had. At
/// ExitBootServices it is over at once.
/// </summary>
public sealed unsafe class NetworkKeeper : IDisposable
{
    /// <summary>In microseconds; the firmware's timer ticks no oftener. What is waited for is polled by who waits.</summary>
    private const ulong Period = 10_000;

    /// <summary>In bytes: why connections ended, which nobody asks for.</summary>
    private const int Room = 16 * 1024;

    private readonly FaultDomain _domain;
    private readonly Network _network;
    private readonly EventLoop _clock;
    private readonly Arena _arena;
    private readonly Arena _scratch;
    private Event? _timer;
    private Event? _exit;

    private NetworkKeeper(Network network, EventLoop clock, FaultDomain domain, Arena arena, Arena scratch)
    {
        _domain = domain;
        _network = network;
        _clock = clock;
        _arena = arena;
        _scratch = scratch;
    }

    /// <summary>ExitBootServices has begun: nothing is sent, received, allocated or freed any more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Makes one that rests.</summary>
    /// <param name="network">What is polled.</param>
    /// <param name="clock">Whose time it is polled with.</param>
    /// <param name="domain">Whose code it is.</param>
    /// <param name="status">Why there is none, when it is null.</param>
    public static NetworkKeeper? Create(Network network, EventLoop clock, FaultDomain domain, out EFI_STATUS status)
    {
        Arena? arena = Arena.TryCreate(Room);
        Arena? scratch = Arena.TryCreate(Room);
        status = EFI_STATUS.EFI_OUT_OF_RESOURCES;
        if (arena is null || scratch is null)
        {
            arena?.Dispose();
            scratch?.Dispose();
            return null;
        }

        NetworkKeeper keeper;
        using (arena.Enter())
        {
            keeper = new NetworkKeeper(network, clock, domain, arena, scratch);
            keeper._timer = Event.Create(EVT.EVT_TIMER | EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_CALLBACK, domain, keeper.OnTimer, out status);
            if (keeper._timer is not null)
            {
                keeper._exit = Event.Create(EVT.EVT_SIGNAL_EXIT_BOOT_SERVICES, EFI_TPL.TPL_CALLBACK, domain, keeper.OnExitBootServices, out status);
            }
        }

        if (keeper._exit is null)
        {
            keeper.Dispose();
            return null;
        }

        network.KeepsMemory = true;
        return keeper;
    }

    /// <summary>Somebody else's image begins to run.</summary>
    public void Begin() => _timer!.StartPeriodicTimer(Period);

    /// <summary>It has ended: the application polls itself.</summary>
    public void End() => _timer!.CancelTimer();

    public void Dispose()
    {
        _network.KeepsMemory = false;
        _exit?.Dispose();
        _timer?.Dispose();
        _scratch.Dispose();
        _arena.Dispose();
    }

    // No other entry at TPL_CALLBACK comes between. The guard is for who calls a disk from where he may not.
    private void OnTimer()
    {
        if (IsOver || _network.IsBusy)
        {
            return;
        }

        Turn turn = new() { Owner = this };
        _network.MayAllocate = false;
        NetworkCall.Run(_domain, ref turn, &Poll, &Abandon); // Where memory lacks even so, the next tick goes on.
        _network.MayAllocate = true;
        _scratch.Reset();
    }

    private static EFI_STATUS Poll(ref Turn turn)
    {
        using (turn.Owner._scratch.Enter())
        {
            turn.Owner._network.Poll(turn.Owner._clock.Now);
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    private static EFI_STATUS Abandon(ref Turn turn)
    {
        turn.Owner._network.AbandonPoll();
        return EFI_STATUS.EFI_SUCCESS;
    }

    private struct Turn
    {
        public NetworkKeeper Owner;
    }

    private void OnExitBootServices() => IsOver = true;
}
