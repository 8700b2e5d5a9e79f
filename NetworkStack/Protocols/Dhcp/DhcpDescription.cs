using System;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Protocols.Dhcp;

/// <summary>What a client says of itself to every DHCP and boot server.</summary>
internal static class DhcpDescription
{
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
        WriteVendorClass(ref writer, options);
        Span<byte> identifier = stackalloc byte[17];
        identifier[0] = 1; // Ethernet address: what the boot loader before and the system after this use as well
        address.CopyTo(identifier.Slice(1));
        writer.Option(DhcpTag.ClientIdentifier, identifier.Slice(0, 1 + MacAddress.Size));
        // As iPXE writes it, without the length bytes of RFC 3004: that is what servers compare with.
        WriteText(ref writer, DhcpTag.UserClass, options.UserClass);
        WriteText(ref writer, DhcpTag.HostName, options.HostName);
        writer.Option(DhcpTag.ClientArchitecture, options.ClientArchitecture);
        writer.Option(DhcpTag.NetworkInterfaceIdentifier, [1, 3, 10]); // UNDI 3.10, as in the vendor class
        if (options.Uuid is byte[] uuid && uuid.Length == 16)
        {
            identifier[0] = 0; // the only type that there is
            uuid.AsSpan().CopyTo(identifier.Slice(1));
            writer.Option(DhcpTag.ClientMachineIdentifier, identifier);
        }

        writer.Option(DhcpTag.Ipxe, Features);
    }

    /// <summary>
    /// Option 175 as iPXE encapsulates it: what of that list is there. HTTP (19), TFTP (21), DNS (23), EFI images (36), VLANs (38),
    /// each with version 1. No iPXE version (235) is claimed.
    /// </summary>
    private static ReadOnlySpan<byte> Features => [19, 1, 1, 21, 1, 1, 23, 1, 1, 36, 1, 1, 38, 1, 1];

    private static void WriteVendorClass(ref DhcpWriter writer, DhcpOptions options)
    {
        if (!string.IsNullOrEmpty(options.VendorClass))
        {
            WriteText(ref writer, DhcpTag.VendorClass, options.VendorClass);
            return;
        }

        Span<byte> vendorClass = stackalloc byte[32];
        "PXEClient:Arch:00000:UNDI:003010"u8.CopyTo(vendorClass);
        uint architecture = options.ClientArchitecture;
        for (int i = 19; architecture != 0; i--)
        {
            vendorClass[i] = (byte)('0' + architecture % 10);
            architecture /= 10;
        }

        writer.Option(DhcpTag.VendorClass, vendorClass);
    }

    private static void WriteText(ref DhcpWriter writer, byte tag, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        Span<byte> bytes = stackalloc byte[255];
        int length = Math.Min(text.Length, bytes.Length);
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)text[i];
        }

        writer.Option(tag, bytes.Slice(0, length));
    }
}
