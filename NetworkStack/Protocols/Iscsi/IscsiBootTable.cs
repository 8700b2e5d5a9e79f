using System;
using System.Buffers.Binary;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>
/// The iSCSI Boot Firmware Table, by which operating systems find the disk that they were booted from: Microsoft's and IBM's "iBFT" 1.03, an ACPI table of
/// an initiator, a NIC and a target, with their texts behind.
/// </summary>
public static class IscsiBootTable
{
    /// <summary>The longest table, in bytes.</summary>
    public const int MaximumSize = 2048;

    private const int ControlAt = 48;
    private const int ControlSize = 18;
    private const int InitiatorAt = 72;
    private const int InitiatorSize = 74;
    private const int NicAt = 152;
    private const int NicSize = 102;
    private const int TargetAt = 256;
    private const int TargetSize = 54;
    private const int TextsAt = 312;

    private const byte Valid = 1;
    private const byte Selected = 2;
    private const byte Global = 4;

    /// <summary>Writes the table of a disk.</summary>
    /// <param name="disk">By the path that it uses now.</param>
    /// <param name="nic">The interface that the path goes over.</param>
    /// <param name="location">Its PCI bus, device and function, a byte and five and three bits; 0 for none.</param>
    /// <param name="table">Room for <see cref="MaximumSize"/> bytes.</param>
    /// <returns>The table's length; -1 when its texts are too long.</returns>
    public static int Write(IscsiDisk disk, in IscsiBootNic nic, ushort location, Span<byte> table)
    {
        IscsiPath path = disk.Path;
        IscsiInitiator initiator = disk.Initiator;
        table = table.Slice(0, MaximumSize);
        table.Clear();
        int end = TextsAt;
        "iBFT"u8.CopyTo(table);
        table[8] = 1;
        "NETBOT"u8.CopyTo(table.Slice(10));
        "NETBOOT "u8.CopyTo(table.Slice(16));

        Begin(table, ControlAt, 1, ControlSize, 0);
        Put16(table, ControlAt + 8, InitiatorAt);
        Put16(table, ControlAt + 10, NicAt);
        Put16(table, ControlAt + 12, TargetAt);

        Begin(table, InitiatorAt, 2, InitiatorSize, Valid | Selected);
        bool fits = PutText(table, InitiatorAt + 70, ref end, initiator.Name);

        bool isGlobal = path.Portal.Address.Family != AddressFamily.IPv6 || !nic.Address.IsLinkLocal;
        Begin(table, NicAt, 3, NicSize, (byte)(Valid | Selected | (isGlobal ? Global : 0)));
        PutAddress(table, NicAt + 6, nic.Address);
        table[NicAt + 22] = nic.PrefixLength;
        table[NicAt + 23] = (byte)nic.Origin;
        PutAddress(table, NicAt + 24, nic.Gateway);
        PutAddress(table, NicAt + 40, nic.PrimaryDns);
        PutAddress(table, NicAt + 56, nic.SecondaryDns);
        PutAddress(table, NicAt + 72, nic.DhcpServer);
        Put16(table, NicAt + 88, nic.Vlan);
        nic.Mac.CopyTo(table.Slice(NicAt + 90));
        Put16(table, NicAt + 96, location);
        fits &= PutText(table, NicAt + 98, ref end, nic.HostName);

        bool isMutual = path.User is not null && initiator.ReverseUser is not null;
        Begin(table, TargetAt, 4, TargetSize, Valid | Selected);
        PutAddress(table, TargetAt + 6, path.Portal.Address);
        Put16(table, TargetAt + 22, path.Portal.Port);
        BinaryPrimitives.WriteUInt64BigEndian(table.Slice(TargetAt + 24), path.Lun);
        table[TargetAt + 32] = (byte)(path.User is null ? 0 : isMutual ? 2 : 1);
        fits &= PutText(table, TargetAt + 34, ref end, path.Target);
        fits &= PutText(table, TargetAt + 38, ref end, path.User);
        fits &= PutText(table, TargetAt + 42, ref end, path.User is null ? null : path.Password);
        fits &= PutText(table, TargetAt + 46, ref end, isMutual ? initiator.ReverseUser : null);
        fits &= PutText(table, TargetAt + 50, ref end, isMutual ? initiator.ReversePassword : null);
        if (!fits)
        {
            return -1;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(table.Slice(4), (uint)end);
        int sum = 0;
        foreach (byte b in table.Slice(0, end))
        {
            sum += b;
        }

        table[9] = (byte)-sum;
        return end;
    }

    private static void Begin(Span<byte> table, int at, byte kind, ushort size, byte flags)
    {
        table[at] = kind;
        table[at + 1] = 1;
        Put16(table, at + 2, size);
        table[at + 5] = flags;
    }

    private static void Put16(Span<byte> table, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(table.Slice(at), value);

    /// <summary>16 bytes; of IPv4 those of an address that is mapped into IPv6 (RFC 4291, 2.5.5.2).</summary>
    private static void PutAddress(Span<byte> table, int at, IPAddress address)
    {
        if (address.Family == AddressFamily.IPv6)
        {
            address.CopyTo(table.Slice(at));
        }
        else if (!address.IsAny)
        {
            Put16(table, at + 10, 0xFFFF);
            BinaryPrimitives.WriteUInt32BigEndian(table.Slice(at + 12), address.IPv4.Value);
        }
    }

    /// <summary>Length and offset of a text, and the text with a zero behind it; nothing for none.</summary>
    private static bool PutText(Span<byte> table, int at, ref int end, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (text!.Length >= table.Length - end)
        {
            return false;
        }

        Put16(table, at, (ushort)text.Length);
        Put16(table, at + 2, (ushort)end);
        foreach (char c in text)
        {
            table[end++] = (byte)c;
        }

        end++;
        return true;
    }
}
