using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Protocols;

/// <summary>What a <see cref="PeerHost"/> is connected to: one client, and a clock.</summary>
internal interface IPeerMedium
{
    MacAddress ClientMac { get; }

    /// <summary>Microseconds.</summary>
    ulong Now { get; }

    void Carry(bool toClient, byte[] frame);

    /// <param name="delay">Microseconds.</param>
    void After(ulong delay, Action action);
}
