using System;
using System.Buffers.Binary;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>Addresses and packets as EFI_PXE_BASE_CODE_PROTOCOL has them (UEFI 2.10, 24.3.1).</summary>
public static unsafe class PxeAddress
{
    private const int IPv4Size = 4;

    /// <summary>Zeros for an address of no version.</summary>
    public static EFI_IP_ADDRESS ToFirmware(IPAddress address)
    {
        EFI_IP_ADDRESS value = default;
        if (address.Family == AddressFamily.IPv6)
        {
            address.CopyTo(new Span<byte>(value.v6.Addr, IPAddress.IPv6Size));
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(value.v4.Addr, IPv4Size), address.IPv4.Value);
        }

        return value;
    }

    /// <summary>An address of the version that is spoken.</summary>
    public static IPAddress FromFirmware(EFI_IP_ADDRESS address, bool isIPv6) => isIPv6
        ? new IPAddress(new ReadOnlySpan<byte>(address.v6.Addr, IPAddress.IPv6Size))
        : new IPv4Address(BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(address.v4.Addr, IPv4Size)));

    /// <summary>What is longer than the structure is cut.</summary>
    public static EFI_PXE_BASE_CODE_PACKET ToFirmware(ReadOnlySpan<byte> packet)
    {
        EFI_PXE_BASE_CODE_PACKET value = default;
        packet.Slice(0, Math.Min(packet.Length, EFI_PXE_BASE_CODE_PACKET.Size)).CopyTo(new Span<byte>(value.Raw, EFI_PXE_BASE_CODE_PACKET.Size));
        return value;
    }

    /// <summary>The netmask of a prefix.</summary>
    /// <param name="length">In bits, to 128.</param>
    public static EFI_IP_ADDRESS MaskOf(int length)
    {
        EFI_IP_ADDRESS value = default;
        for (int i = 0; i < length; i++)
        {
            value.v6.Addr[i / 8] |= (byte)(0x80 >> (i % 8));
        }

        return value;
    }
}
