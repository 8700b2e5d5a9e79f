using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>What the station at the other end of a link last said of itself by LLDP (IEEE 802.1AB-2016, 9), as long as that holds.</summary>
internal sealed class LldpNeighbour
{
    private const ulong Second = 1_000_000;

    private readonly byte[] _message = new byte[NetworkInterface.MaximumMtu];
    private int _length;
    private ulong _until;

    /// <summary>For an <see cref="LldpReader"/>; empty when nothing was said, or it does not hold any more.</summary>
    /// <param name="now">Microseconds.</param>
    public ReadOnlySpan<byte> GetMessage(ulong now) => now < _until ? new ReadOnlySpan<byte>(_message, 0, _length) : default;

    /// <summary>
    /// Takes a message over. False when it is none: too long, damaged, or without chassis, port and time to live at its beginning, in this order
    /// (IEEE 802.1AB-2016, 9.2.7.7.1).
    /// </summary>
    internal bool TryTake(ReadOnlySpan<byte> message, ulong now)
    {
        LldpReader reader = new(message);
        if (message.Length > _message.Length || !TryRead(ref reader, LldpReader.ChassisId, 2) || !TryRead(ref reader, LldpReader.PortId, 2) ||
            !TryRead(ref reader, LldpReader.TimeToLive, 2))
        {
            return false;
        }

        ulong time = WireBytes.Read16(reader.Value, 0);
        while (reader.Read())
        {
        }

        if (reader.IsDamaged)
        {
            return false;
        }

        message.CopyTo(_message);
        _length = message.Length;
        _until = now + time * Second;
        return true;
    }

    private static bool TryRead(ref LldpReader reader, int type, int minimum) => reader.Read() && reader.Type == type && reader.Value.Length >= minimum;
}
