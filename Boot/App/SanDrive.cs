using System;
using NetBoot.NetworkStack.Protocols.Iscsi;
using NetBoot.NetworkStack.Protocols.San;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App;

/// <summary>A disk over the network that is hooked, in an arena of its own.</summary>
/// <param name="arena">Has all of it, and goes with it.</param>
/// <param name="number">The drive's, from 0 on.</param>
/// <param name="uri">Of its URIs the one by which it was opened.</param>
/// <param name="device">What is read.</param>
public sealed class SanDrive(Arena arena, ulong number, string uri, SanDevice device) : IDisposable
{
    /// <summary>As scripts call it: 0x80 is the first.</summary>
    public ulong Number => number;

    /// <summary>Where it is.</summary>
    public string Uri => uri;

    public SanDevice Device => device;

    /// <summary>Where new objects of it belong.</summary>
    public Arena Arena => arena;

    /// <summary>How the platform shows it; null while it does not.</summary>
    public IDisposable? Shown { get; set; }

    /// <summary>What the operating system is told of: the device itself, without its cache; null for nothing.</summary>
    public IscsiDisk? Described { get; set; }

    public void Dispose()
    {
        device.Dispose();
        arena.Dispose();
    }
}
