using System;
using System.Buffers.Binary;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>
/// The iSCSI Boot Firmware Table, by which operating systems find the disks that they were booted from: Microsoft's and IBM's "iBFT" 1.03, an ACPI
/// table of an initiator and two targets at most, each with the NIC that leads to it, with their texts behind. The first target is the one that was
/// booted from.
/// </summary>
public ref struct IscsiBootTable
{
    /// <summary>The longest table, in bytes.</summary>
    public const int MaximumSize = 4096;

    private const int MaximumTargets = 2;

    private const int ControlAt = 48;
    private const int ControlSize = 18;
    private const int InitiatorAt = 72;
    private const int InitiatorSize = 74;
    private const int NicAt = 152;
    private const int NicSize = 102;
    private const int TargetAt = 256;
    private const int TargetSize = 54;
    private const int PairSize = 160; // A NIC and its target, the next behind it.
    private const int TextsAt = NicAt + MaximumTargets * PairSize;

    private const byte Valid = 1;
    private const byte Selected = 2;
    private const byte Global = 4;

    private readonly Span<byte> _table;
    private string _initiator = "";
    private int _targets;
    private int _end = TextsAt;

    /// <summary>Begins a table without targets.</summary>
    /// <param name="room">Of <see cref="MaximumSize"/> bytes at least.</param>
    public IscsiBootTable(Span<byte> room)
    {
        _table = room.Slice(0, MaximumSize);
        _table.Clear();
        "iBFT"u8.CopyTo(_table);
        _table[8] = 1;
        "NETBOT"u8.CopyTo(_table.Slice(10));
        "NETBOOT "u8.CopyTo(_table.Slice(16));
        Begin(ControlAt, 1, ControlSize, 0);
    }

    /// <summary>Adds a target.</summary>
    /// <param name="path">To its disk.</param>
    /// <param name="initiator">Who goes that way; the same name for all.</param>
    /// <param name="nic">The interface that the path goes over.</param>
    /// <returns>Why it is not in the table; null when it is.</returns>
    public string? Add(IscsiPath path, IscsiInitiator initiator, in IscsiBootNic nic)
    {
        if (_targets == MaximumTargets)
        {
            return "an iBFT has room for two";
        }

        int end = _end;
        bool fits = true;
        if (_targets == 0)
        {
            _initiator = initiator.Name;
            Begin(InitiatorAt, 2, InitiatorSize, Valid | Selected);
            fits = PutText(InitiatorAt + 70, ref end, initiator.Name);
        }
        else if (_initiator != initiator.Name)
        {
            return "the iBFT has the name of another initiator (initiator-iqn)";
        }

        byte selected = _targets == 0 ? Selected : (byte)0;
        int at = NicAt + _targets * PairSize;
        bool isGlobal = path.Portal.Address.Family != AddressFamily.IPv6 || !nic.Address.IsLinkLocal;
        Begin(at, 3, NicSize, (byte)(Valid | selected | (isGlobal ? Global : 0)));
        PutAddress(at + 6, nic.Address);
        _table[at + 22] = nic.PrefixLength;
        _table[at + 23] = (byte)nic.Origin;
        PutAddress(at + 24, nic.Gateway);
        PutAddress(at + 40, nic.PrimaryDns);
        PutAddress(at + 56, nic.SecondaryDns);
        PutAddress(at + 72, nic.DhcpServer);
        Put16(at + 88, nic.Vlan);
        nic.Mac.CopyTo(_table.Slice(at + 90));
        Put16(at + 96, nic.Location);
        fits &= PutText(at + 98, ref end, nic.HostName);

        at = TargetAt + _targets * PairSize;
        bool isMutual = path.User is not null && initiator.ReverseUser is not null;
        Begin(at, 4, TargetSize, (byte)(Valid | selected));
        PutAddress(at + 6, path.Portal.Address);
        Put16(at + 22, path.Portal.Port);
        BinaryPrimitives.WriteUInt64BigEndian(_table.Slice(at + 24), path.Lun);
        _table[at + 32] = (byte)(path.User is null ? 0 : isMutual ? 2 : 1);
        _table[at + 33] = (byte)_targets; // The NIC's index.
        fits &= PutText(at + 34, ref end, path.Target);
        fits &= PutText(at + 38, ref end, path.User);
        fits &= PutText(at + 42, ref end, path.User is null ? null : path.Password);
        fits &= PutText(at + 46, ref end, isMutual ? initiator.ReverseUser : null);
        fits &= PutText(at + 50, ref end, isMutual ? initiator.ReversePassword : null);
        if (!fits)
        {
            _table.Slice(NicAt + _targets * PairSize, PairSize).Clear();
            return "its names and passwords are too long for an iBFT";
        }

        Put16(ControlAt + 8, InitiatorAt);
        Put16(ControlAt + 10 + _targets * 4, NicAt + _targets * PairSize);
        Put16(ControlAt + 12 + _targets * 4, TargetAt + _targets * PairSize);
        _end = end;
        _targets++;
        return null;
    }

    /// <summary>Ends it.</summary>
    /// <returns>Its length; 0 for a table without targets, which is none.</returns>
    public int Finish()
    {
        if (_targets == 0)
        {
            return 0;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(_table.Slice(4), (uint)_end);
        int sum = 0;
        foreach (byte b in _table.Slice(0, _end))
        {
            sum += b;
        }

        _table[9] = (byte)-sum;
        return _end;
    }

    private void Begin(int at, byte kind, ushort size, byte flags)
    {
        _table[at] = kind;
        _table[at + 1] = 1;
        Put16(at + 2, size);
        _table[at + 4] = (byte)_targets;
        _table[at + 5] = flags;
    }

    private void Put16(int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(_table.Slice(at), (ushort)value);

    /// <summary>16 bytes; of IPv4 those of an address that is mapped into IPv6 (RFC 4291, 2.5.5.2).</summary>
    private void PutAddress(int at, IPAddress address)
    {
        if (address.Family == AddressFamily.IPv6)
        {
            address.CopyTo(_table.Slice(at));
        }
        else if (!address.IsAny)
        {
            Put16(at + 10, 0xFFFF);
            BinaryPrimitives.WriteUInt32BigEndian(_table.Slice(at + 12), address.IPv4.Value);
        }
    }

    /// <summary>Length and offset of a text, and the text with a zero behind it; nothing for none.</summary>
    private bool PutText(int at, ref int end, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (text!.Length >= _table.Length - end)
        {
            return false;
        }

        Put16(at, text.Length);
        Put16(at + 2, end);
        foreach (char c in text)
        {
            _table[end++] = (byte)c;
        }

        _table[end++] = 0;
        return true;
    }
}
