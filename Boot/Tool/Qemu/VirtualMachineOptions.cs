using System;
using System.Collections.Generic;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>What machine to start.</summary>
public sealed class VirtualMachineOptions
{
    public Architecture Architecture { get; init; } = Architecture.X64;

    /// <summary>Other firmware than the architecture's: the file with its code.</summary>
    public string? Firmware { get; init; }

    public int MemoryMiB { get; init; } = 512;

    public string? Cpu { get; init; }

    /// <summary>QEMU's accelerator with its properties; null is what NETBOOT_ACCEL says, or tcg.</summary>
    public string? Accelerator { get; init; }

    /// <summary>Overrides the board, for example <c>pc</c> instead of q35.</summary>
    public string? Machine { get; init; }

    public IReadOnlyList<GuestNic> Nics { get; init; } = [];

    /// <summary>A folder that becomes the disk with the EFI system partition; null leaves the disk out.</summary>
    public string? SystemPartition { get; init; }

    /// <summary>Writes boot and driver options before the first power-on.</summary>
    public Action<VariableStore>? Variables { get; init; }

    /// <summary>After this, in the guest's time (<see cref="GuestDeadline"/>), the machine is killed, whatever it does.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Device trace events to record (QEMU's names and patterns), for example <c>virtio_*</c>.</summary>
    public IReadOnlyList<string> Trace { get; init; } = [];

    /// <summary>Shows the screen in a window.</summary>
    public bool Gui { get; init; }

    /// <summary>A reset ends the machine rather than starting it again.</summary>
    public bool ExitOnReset { get; init; } = true;

    /// <summary>Gives the firmware a source of random numbers (newer firmware has no network without one).</summary>
    public bool RandomDevice { get; init; }

    /// <summary>A network namespace to run in (for TAP networks).</summary>
    public NetBoot.Boot.Tool.Servers.NetworkNamespace? Namespace { get; init; }

    /// <summary>Everything else, as QEMU takes it.</summary>
    public IReadOnlyList<string> More { get; init; } = [];

    /// <summary>Called with each piece of serial output as it arrives (on the reader's thread).</summary>
    public Action<string>? OnSerial { get; init; }
}
