using System;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Protocols.Dhcp;

/// <summary>What a client says of itself to every DHCP and boot server.</summary>
internal static class DhcpDescription
{
    /// <summary>Bytes of the longest text that an option holds.</summary>
    public const int MaximumText = 255;

    /// <summary>Type, major and minor version of the network interface: UNDI 3.10, as in the vendor class.</summary>
    public static ReadOnlySpan<byte> InterfaceIdentifier => [1, 3, 10];

    /// <summary>The options in every message: what servers choose a boot file by.</summary>
    public static void Write(ref DhcpWriter writer, MacAddress address, DhcpOptions options)
    {
        writer.Option(DhcpTag.MaximumMessageSize, (ushort)DhcpMessage.MaximumSize);
        writer.Option(DhcpTag.ParameterRequestList,
        [
            DhcpTag.SubnetMask, DhcpTag.Routers, DhcpTag.DnsServers, DhcpTag.LogServers, DhcpTag.HostName, DhcpTag.DomainName,
            DhcpTag.RootPath, DhcpTag.Mtu, DhcpTag.NtpServers, DhcpTag.VendorSpecific, DhcpTag.VendorClass, DhcpTag.TftpServerName,
            DhcpTag.BootFileName, DhcpTag.DomainSearch, DhcpTag.ClasslessStaticRoutes, 128, 129, 130, 131, 132, 133, 134, 135,
            DhcpTag.Ipxe, DhcpTag.InitiatorName,
        ]);
        Span<byte> vendorClass = stackalloc byte[MaximumText];
        writer.Option(DhcpTag.VendorClass, vendorClass.Slice(0, WriteVendorClass(options, vendorClass)));
        Span<byte> identifier = stackalloc byte[17];
        identifier[0] = 1; // Ethernet address: what the boot loader before and the system after this use as well
        address.CopyTo(identifier.Slice(1));
        ReadOnlySpan<byte> client = options.ClientIdentifier is null ? identifier.Slice(0, 1 + MacAddress.Size) : options.ClientIdentifier;
        if (!client.IsEmpty)
        {
            writer.Option(DhcpTag.ClientIdentifier, client);
        }

        // As iPXE writes it, without the length bytes of RFC 3004: that is what servers compare with.
        WriteText(ref writer, DhcpTag.UserClass, options.UserClass);
        WriteText(ref writer, DhcpTag.HostName, options.HostName);
        writer.Option(DhcpTag.ClientArchitecture, options.ClientArchitecture);
        writer.Option(DhcpTag.NetworkInterfaceIdentifier, InterfaceIdentifier);
        if (options.Uuid is byte[] uuid && uuid.Length == 16)
        {
            identifier[0] = 0; // the only type that there is
            uuid.AsSpan().CopyTo(identifier.Slice(1));
            writer.Option(DhcpTag.ClientMachineIdentifier, identifier);
        }

        writer.Option(DhcpTag.Ipxe, options.HasTls ? FeaturesWithTls : Features);
    }

    /// <summary>
    /// Option 175 as iPXE encapsulates it: what of that list is there. iSCSI (17), HTTP (19), TFTP (21), DNS (23), EFI images (36), VLANs (38),
    /// each with version 1. No iPXE version (235) is claimed.
    /// </summary>
    private static ReadOnlySpan<byte> Features => FeaturesWithTls.Slice(3);

    /// <summary>With HTTPS (20) in front.</summary>
    private static ReadOnlySpan<byte> FeaturesWithTls => [20, 1, 1, 17, 1, 1, 19, 1, 1, 21, 1, 1, 23, 1, 1, 36, 1, 1, 38, 1, 1];

    /// <summary>What the vendor class is: the user's, or PXE's with the architecture.</summary>
    /// <param name="options">Have it.</param>
    /// <param name="text">At least <see cref="MaximumText"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteVendorClass(DhcpOptions options, Span<byte> text)
    {
        if (!string.IsNullOrEmpty(options.VendorClass))
        {
            return WriteText(options.VendorClass, text);
        }

        ReadOnlySpan<byte> vendorClass = "PXEClient:Arch:00000:UNDI:003010"u8;
        vendorClass.CopyTo(text);
        uint architecture = options.ClientArchitecture;
        for (int i = 19; architecture != 0; i--)
        {
            text[i] = (byte)('0' + architecture % 10);
            architecture /= 10;
        }

        return vendorClass.Length;
    }

    /// <summary>Writes what fits of a text, one byte a character; returns how many.</summary>
    public static int WriteText(string? text, Span<byte> bytes)
    {
        int length = Math.Min(text?.Length ?? 0, bytes.Length);
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)text![i];
        }

        return length;
    }

    private static void WriteText(ref DhcpWriter writer, byte tag, string? text)
    {
        Span<byte> bytes = stackalloc byte[MaximumText];
        int length = WriteText(text, bytes);
        if (length > 0)
        {
            writer.Option(tag, bytes.Slice(0, length));
        }
    }
}
