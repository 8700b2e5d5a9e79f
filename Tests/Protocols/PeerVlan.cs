using System;
using System.Collections.Generic;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Protocols;

/// <summary>A VLAN of a wire, which a host on it has for its wire: an access port of a switch. Written apart from the product's own tags.</summary>
internal sealed class PeerVlan(IPeerMedium trunk, int tag) : IPeerMedium
{
    /// <summary>Takes what the client sends in this VLAN.</summary>
    public PeerHost? Host { get; set; }

    /// <summary>What the client sent in this VLAN, with its tag.</summary>
    public List<byte[]> Frames { get; } = [];

    public MacAddress ClientMac => trunk.ClientMac;

    public ulong Now => trunk.Now;

    public void Carry(bool toClient, byte[] frame) => trunk.Carry(toClient, Tag(frame, tag));

    public void After(ulong delay, Action action) => trunk.After(delay, action);

    /// <summary>A frame with a tag put in.</summary>
    public static byte[] Tag(byte[] frame, int control) => [.. frame[..12], 0x81, 0, (byte)(control >> 8), (byte)control, .. frame[12..]];

    /// <summary>Takes a frame of the client's; false when it is not of this VLAN.</summary>
    public bool TryReceive(byte[] frame)
    {
        if (frame.Length < 18 || frame[12] != 0x81 || frame[13] != 0 || ((frame[14] << 8) | frame[15]) % 0x1000 != tag)
        {
            return false;
        }

        Frames.Add(frame);
        Host?.OnFrame([.. frame[..12], .. frame[16..]]);
        return true;
    }
}
