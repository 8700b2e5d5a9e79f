using System;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Protocols.Dhcp6;

/// <summary>What a client says of itself to every DHCPv6 server: the same as by DHCPv4, in the options of version 6.</summary>
internal static class Dhcp6Description
{
    /// <summary>PXE's number in a vendor class: Intel's, as firmware sends it.</summary>
    private const uint PxeEnterprise = 343;

    /// <summary>The options in every message, the client's DUID first.</summary>
    /// <param name="writer">Of options alone.</param>
    /// <param name="address">Stands for a UUID where there is none (RFC 8415, 11.4).</param>
    /// <param name="options">Needed during the call only.</param>
    public static void Write(ref Dhcp6Writer writer, MacAddress address, DhcpOptions options)
    {
        Span<byte> bytes = stackalloc byte[DhcpDescription.MaximumText];
        int option = writer.Begin(Dhcp6Tag.ClientIdentifier);
        if (options.Uuid is byte[] uuid && uuid.Length == 16)
        {
            writer.Append([0, 4]); // RFC 6355, 4
            writer.Append(uuid);
        }
        else
        {
            address.CopyTo(bytes);
            writer.Append([0, 3, 0, 1]);
            writer.Append(bytes.Slice(0, MacAddress.Size));
        }

        writer.End(option);
        int length = DhcpDescription.WriteText(options.UserClass, bytes);
        if (length > 0)
        {
            option = writer.Begin(Dhcp6Tag.UserClass);
            writer.AppendText(bytes.Slice(0, length));
            writer.End(option);
        }

        option = writer.Begin(Dhcp6Tag.VendorClass);
        writer.Append(PxeEnterprise);
        writer.AppendText(bytes.Slice(0, DhcpDescription.WriteVendorClass(options, bytes)));
        writer.End(option);
        writer.Option(Dhcp6Tag.ClientArchitecture, options.ClientArchitecture);
        writer.Option(Dhcp6Tag.NetworkInterfaceIdentifier, DhcpDescription.InterfaceIdentifier);
    }

    /// <summary>Bytes of <see cref="Wanted"/> where an address is wanted too.</summary>
    public const int WantedWithAddress = 10;

    /// <summary>What is wanted; the last two are for requests for information alone (RFC 8415, 21.7).</summary>
    public static ReadOnlySpan<byte> Wanted =>
    [
        0, (byte)Dhcp6Tag.DnsServers, 0, (byte)Dhcp6Tag.DomainList, 0, (byte)Dhcp6Tag.BootFileUrl, 0, (byte)Dhcp6Tag.BootFileParameters,
        0, (byte)Dhcp6Tag.SolicitMaximumTime, 0, (byte)Dhcp6Tag.InformationMaximumTime, 0, (byte)Dhcp6Tag.InformationRefreshTime,
    ];
}
