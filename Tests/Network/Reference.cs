using System;
using System.Buffers.Binary;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Tests.Network;

/// <summary>The same sums as the product's, written as the RFCs say them.</summary>
internal static class Reference
{
    /// <summary>RFC 1071, byte by byte.</summary>
    public static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            sum += i % 2 == 0 ? (ulong)bytes[i] << 8 : bytes[i];
        }

        while (sum >> 16 != 0)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)~sum;
    }

    /// <summary>What two addresses add to a pseudo-header's sum, as the product's headers take it.</summary>
    public static ulong Addresses(IPAddress source, IPAddress destination) => source.ChecksumSum + destination.ChecksumSum;

    public static byte[] UdpChecksummed(ReadOnlySpan<byte> packet, IPv4Address source, IPv4Address destination)
    {
        byte[] result = packet.ToArray();
        byte[] pseudo = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(pseudo, source.Value);
        BinaryPrimitives.WriteUInt32BigEndian(pseudo.AsSpan(4), destination.Value);
        pseudo[9] = 17;
        BinaryPrimitives.WriteUInt16BigEndian(pseudo.AsSpan(10), (ushort)packet.Length);
        result[6] = 0;
        result[7] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(result.AsSpan(6), Checksum([.. pseudo, .. result]));
        return result;
    }
}
