using System;

namespace NetBoot.NicDrivers.VirtioNet;

/// <summary>Memory that the device and the processor share, zeroed, in whole pages. Whoever allocated it disposes it, after the device has stopped.</summary>
/// <param name="host">Where the processor sees it.</param>
/// <param name="deviceAddress">Where the device sees it.</param>
internal abstract unsafe class VirtioMemory(byte* host, ulong deviceAddress) : IDisposable
{
    internal byte* Host { get; } = host;

    internal ulong DeviceAddress { get; } = deviceAddress;

    public abstract void Dispose();
}
