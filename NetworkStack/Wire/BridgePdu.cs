using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// A configuration message of a spanning tree (IEEE 802.1D-2004, 9.3.1) or of a rapid one (IEEE 802.1D-2004, 9.3.3, as which those of several trees
/// begin), behind its LLC header (IEEE 802.1D-2004, 7.12.3). A view over bytes.
/// </summary>
internal readonly ref struct BridgePdu
{
    /// <summary>The group address of bridges, 01:80:C2:00:00:00, as <see cref="MacAddress.Value"/>.</summary>
    public const ulong Group = 0x0000_00C2_8001;

    private const int LlcSize = 3;
    private const int ConfigurationSize = 35;
    private const int RapidSize = 36;
    private const byte Configuration = 0;
    private const byte Rapid = 2;
    private const int TypeOffset = LlcSize + 3;
    private const int FlagsOffset = LlcSize + 4;
    private const int ForwardDelayOffset = LlcSize + 33;
    private const byte Forwarding = 0x20;

    private readonly ReadOnlySpan<byte> _bytes;

    private BridgePdu(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>A rapid one: it says whether the port that sent it forwards.</summary>
    public bool IsRapid => _bytes[TypeOffset] == Rapid;

    /// <summary>Whether the port forwards; of a rapid one.</summary>
    public bool IsForwarding => (_bytes[FlagsOffset] & Forwarding) != 0;

    /// <summary>How long the port listens, and again how long it learns, before it forwards: units of 1/256 s.</summary>
    public int ForwardDelay => WireBytes.Read16(_bytes, ForwardDelayOffset);

    /// <param name="payload">What follows the length field of an 802.3 frame, with its padding.</param>
    /// <param name="pdu">The message.</param>
    public static bool TryParse(ReadOnlySpan<byte> payload, out BridgePdu pdu)
    {
        pdu = default;
        if (payload.Length < LlcSize + ConfigurationSize || payload[0] != 0x42 || payload[1] != 0x42 || payload[2] != 3 ||
            payload[LlcSize] != 0 || payload[LlcSize + 1] != 0 ||
            !(payload[TypeOffset] == Configuration || (payload[TypeOffset] == Rapid && payload.Length >= LlcSize + RapidSize)))
        {
            return false;
        }

        pdu = new BridgePdu(payload);
        return true;
    }
}
