using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>A point in time, kept by a timer of the firmware.</summary>
internal readonly unsafe ref struct Deadline : IDisposable
{
    private readonly EFI_EVENT _timer;

    /// <param name="milliseconds">From now.</param>
    public Deadline(uint milliseconds)
    {
        EFI_EVENT created;
        Agent.BootServices->CreateEvent(EVT.EVT_TIMER, 0, null, null, &created);
        Agent.BootServices->SetTimer(created, EFI_TIMER_DELAY.TimerRelative, milliseconds * 10_000UL);
        _timer = created;
    }

    public bool HasPassed => Agent.BootServices->CheckEvent(_timer).IsSuccess;

    public void Dispose() => Agent.BootServices->CloseEvent(_timer);
}
