using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using NetBoot.Uefi.Interop.DevicePaths;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>
/// A firmware's variable store file, written before the first power-on: boot and driver options as a vendor or an
/// installer would have left them. The format is edk2's authenticated variable store (MdeModulePkg
/// VariableFormat.h) in a firmware volume (PI 1.7 volume 3, 3.2.1).
/// </summary>
public sealed class VariableStore
{
    private const int VolumeHeaderSize = 0x48;
    private const int StoreHeaderSize = 28;
    private const int VariableHeaderSize = 60;
    private static readonly Guid s_global = new("8BE4DF61-93CA-11D2-AA0D-00E098032B8C");
    private static readonly Guid s_database = new("D719B2CB-3D3A-4596-A3BC-DAD00E67656F");
    private static readonly Guid s_volumeGuid = new("FFF12B8D-7696-4C8B-A985-2747075B4F50");
    private static readonly Guid s_storeGuid = new("AAF32C78-947B-439A-A180-2E144EC37792");

    private static readonly Guid s_x509 = new("A5C059A1-94E4-4AA7-87B5-AB155C2BF072");
    private static readonly Guid s_tlsAuthorities = new("FD2340D0-3DAB-4349-A6C7-3B4F12B48EAE");

    private static readonly Guid s_iscsi = new("4B47D616-A8D6-4552-9D44-CCAD2E0F4CF9");
    private static readonly Guid s_initiatorName = new("59324945-EC44-4C0D-B1CD-9DB139DF070C");

    private readonly Architecture _architecture;
    private readonly byte[] _store;
    private readonly int _end;
    private int _next = VolumeHeaderSize + StoreHeaderSize;
    private readonly List<ushort> _drivers = [];
    private readonly List<ushort> _boots = [];

    /// <param name="architecture">Whose store it is.</param>
    /// <param name="content">What to start from, of a store that was in use; null is the store as it was installed.</param>
    public VariableStore(Architecture architecture, byte[]? content = null)
    {
        _architecture = architecture;
        byte[] file = content?.ToArray() ?? Read(architecture.Variables);
        _store = file;
        if (file.AsSpan(0x10, 16).SequenceEqual(new byte[16]))
        {
            FormatArmVirt(file); // AAVMF ships an empty flash, which it would format itself
        }

        if (!file.AsSpan(0x10, 16).SequenceEqual(s_volumeGuid.ToByteArray()) ||
            !file.AsSpan(VolumeHeaderSize, 16).SequenceEqual(s_storeGuid.ToByteArray()))
        {
            throw new ToolError($"{architecture.Variables} is no variable store.", $"Reinstall it: sudo apt-get install --reinstall {architecture.Packages}");
        }

        _end = VolumeHeaderSize + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(VolumeHeaderSize + 16));
        Delete(name => name.StartsWith("Boot", StringComparison.Ordinal)); // options of the machine on which the store was made
        Set("Timeout", [0, 0]); // do not wait for a key before booting
    }

    /// <summary>The part of a store's file that has the variables.</summary>
    public static byte[] Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        byte[] content = new byte[Math.Min(stream.Length, 0xC0000)];
        stream.ReadExactly(content);
        return content;
    }

    /// <summary>What <see cref="Read"/> would give of it.</summary>
    public byte[] Content => [.. _store];

    /// <summary>Adds a global variable: non-volatile, boot service and run-time access.</summary>
    public void Set(string name, ReadOnlySpan<byte> data) => Set(name, s_global, data);

    /// <summary>Adds a variable of a namespace: non-volatile, boot service and run-time access.</summary>
    public void Set(string name, Guid vendor, ReadOnlySpan<byte> data)
    {
        byte[] nameBytes = Encoding.Unicode.GetBytes(name + "\0");
        int size = VariableHeaderSize + nameBytes.Length + data.Length;
        Delete(each => each == name);
        if (_next + size > _end)
        {
            throw new ToolError($"The variable {name} does not fit the store of {_architecture.Variables}.");
        }

        Span<byte> at = _store.AsSpan(_next, size);
        at[..VariableHeaderSize].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(at, 0x55AA);
        at[2] = 0x3F; // VAR_ADDED
        BinaryPrimitives.WriteUInt32LittleEndian(at[4..], 7);
        BinaryPrimitives.WriteInt32LittleEndian(at[36..], nameBytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(at[40..], data.Length);
        vendor.TryWriteBytes(at[44..]);
        nameBytes.CopyTo(at[VariableHeaderSize..]);
        data.CopyTo(at[(VariableHeaderSize + nameBytes.Length)..]);
        _next = (_next + size + 3) & ~3;
    }

    /// <summary>Adds the keys that another store's db has to this one's: both are trusted then (UEFI 2.10, 32.4.1).</summary>
    /// <param name="store">A store file of the same firmware.</param>
    public void Trust(string store)
    {
        byte[] other = File.ReadAllBytes(store);
        Span<byte> theirs = FindDatabase(other);
        Span<byte> ours = FindDatabase(_store);
        byte[] both = [.. ours, .. theirs[HeadOf(theirs)..]];
        BinaryPrimitives.WriteInt32LittleEndian(both.AsSpan(40), both.Length - HeadOf(ours));
        ours[2] = 0x3D; // VAR_DELETED
        Delete(_ => false);
        both.CopyTo(_store, _next);
        _next = (_next + both.Length + 3) & ~3;

        static int HeadOf(ReadOnlySpan<byte> variable) => VariableHeaderSize + BinaryPrimitives.ReadInt32LittleEndian(variable[36..]);
    }

    /// <summary>Enrols an authority for the firmware's HTTPS, as its setup does (TlsCaCertificate: UEFI 2.10, 32.4.1, a list of one).</summary>
    /// <param name="certificate">In DER.</param>
    public void TrustForHttps(ReadOnlySpan<byte> certificate)
    {
        byte[] list = new byte[44 + certificate.Length];
        s_x509.TryWriteBytes(list);
        BinaryPrimitives.WriteInt32LittleEndian(list.AsSpan(16), list.Length);
        BinaryPrimitives.WriteInt32LittleEndian(list.AsSpan(24), 16 + certificate.Length);
        certificate.CopyTo(list.AsSpan(44));
        Set("TlsCaCertificate", s_tlsAuthorities, list);
    }

    /// <summary>
    /// Has the firmware's iSCSI log in to a target, its own address being DHCP's: what its setup keeps as the first of eight attempts (edk2's
    /// NetworkPkg/IScsiDxe as of 2022: IScsiConfig.h and IScsiMisc.h, packed).
    /// </summary>
    /// <param name="mac">Of the NIC.</param>
    /// <param name="server">Of version 4.</param>
    /// <param name="port">The server's.</param>
    /// <param name="lun">Below 256.</param>
    /// <param name="target">Its name.</param>
    public void AddIscsi(MacText mac, IPAddress server, int port, byte lun, string target)
    {
        byte[] attempt = new byte[1049];
        attempt[17] = 1; // its number
        Encoding.ASCII.GetBytes("Attempt 1", attempt.AsSpan(26));
        Encoding.ASCII.GetBytes(mac.Text.ToUpperInvariant(), attempt.AsSpan(38));
        BinaryPrimitives.WriteUInt16LittleEndian(attempt.AsSpan(182), (ushort)port);
        attempt[184] = 1; // enabled, and by IPv4
        attempt[222] = 1; // DHCP says who we are
        Encoding.ASCII.GetBytes(target, attempt.AsSpan(224));
        server.TryWriteBytes(attempt.AsSpan(448), out _);
        attempt[466] = lun; // of eight bytes, the second
        BinaryPrimitives.WriteUInt16LittleEndian(attempt.AsSpan(473), 5000); // milliseconds to connect
        attempt[475] = 3; // times
        attempt[476] = 0x80; // ISID: random
        attempt[1048] = 1; // active
        Set("Attempt 1", s_initiatorName, attempt);
        Set("I_NAME", s_initiatorName, "iqn.2024-01.test:firmware\0"u8);
        Set("InitialAttemptOrder", s_iscsi, [1, 2, 3, 4, 5, 6, 7, 8]);
        Set("AttemptOrder", s_iscsi, [1]);
    }

    /// <summary>
    /// Adds a Driver#### option: the firmware loads it before it connects other devices and boots. A path from the PCI root keeps it so: to
    /// find a short one, edk2 connects everything first, and the firmware's own drivers take what they know.
    /// </summary>
    public void AddDriver(string description, DevicePathBuilder path) =>
        AddOption("Driver", _drivers, description, path, []);

    /// <summary>Adds a Boot#### option, tried in the order of adding before all that the firmware finds itself.</summary>
    public void AddBoot(string description, DevicePathBuilder path, string loadOptions = "") =>
        AddOption("Boot", _boots, description, path, loadOptions.Length == 0 ? [] : Encoding.Unicode.GetBytes(loadOptions + "\0"));

    /// <summary>Writes the file that QEMU maps as flash.</summary>
    public void Save(string path)
    {
        WriteOrder("DriverOrder", _drivers);
        WriteOrder("BootOrder", _boots);
        using FileStream stream = File.Create(path);
        stream.SetLength(new FileInfo(_architecture.Variables).Length);
        stream.Write(_store);
    }

    private void AddOption(string kind, List<ushort> order, string description, DevicePathBuilder path, byte[] optional)
    {
        // Boot#### numbers start high: firmware hands out the low ones itself.
        ushort number = (ushort)(0x100 + order.Count);
        byte[] pathBytes = path.ToArray();
        byte[] head = new byte[6];
        BinaryPrimitives.WriteUInt32LittleEndian(head, 1); // LOAD_OPTION_ACTIVE: UEFI 2.10, 3.1.3
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(4), (ushort)pathBytes.Length);
        Set($"{kind}{number:X4}", [.. head, .. Encoding.Unicode.GetBytes(description + "\0"), .. pathBytes, .. optional]);
        order.Add(number);
    }

    private void WriteOrder(string name, List<ushort> order)
    {
        if (order.Count != 0)
        {
            Set(name, [.. order.SelectMany(number => new[] { (byte)number, (byte)(number >> 8) })]);
        }
    }

    /// <summary>
    /// Takes from global variables the attribute of being there at run time. The firmware, whose SetVariable() asks for it, then cannot change
    /// them any more (UEFI 2.10, 8.2.3: not with other attributes).
    /// </summary>
    public void Pin(params string[] names)
    {
        foreach (int at in Find(names.Contains))
        {
            _store[at + 4] = 3;
        }
    }

    /// <summary>Marks global variables as deleted, as a write that replaces them does; the next one goes to the end of what is there.</summary>
    private void Delete(Func<string, bool> isMeant)
    {
        foreach (int at in Find(isMeant))
        {
            _store[at + 2] = 0x3D; // VAR_DELETED
        }
    }

    /// <summary>Where global variables are, by their names; the next one goes to the end of what is there.</summary>
    private List<int> Find(Func<string, bool> isMeant)
    {
        List<int> found = [];
        _next = ForEach(_store, (at, name, vendor) =>
        {
            if (vendor == s_global && isMeant(name))
            {
                found.Add(at);
            }
        });
        return found;
    }

    /// <summary>The variable db of a store, with its header.</summary>
    private static Span<byte> FindDatabase(byte[] store)
    {
        int found = 0;
        ForEach(store, (at, name, vendor) => found = vendor == s_database && name == "db" ? at : found);
        return store.AsSpan(found, VariableHeaderSize + BinaryPrimitives.ReadInt32LittleEndian(store.AsSpan(found + 36)) + BinaryPrimitives.ReadInt32LittleEndian(store.AsSpan(found + 40)));
    }

    /// <summary>Goes through the variables that are not deleted.</summary>
    /// <returns>Where they end.</returns>
    private static int ForEach(byte[] store, Action<int, string, Guid> visit)
    {
        int at = VolumeHeaderSize + StoreHeaderSize;
        int end = VolumeHeaderSize + BinaryPrimitives.ReadInt32LittleEndian(store.AsSpan(VolumeHeaderSize + 16));
        while (at + VariableHeaderSize <= end && BinaryPrimitives.ReadUInt16LittleEndian(store.AsSpan(at)) == 0x55AA)
        {
            int nameSize = BinaryPrimitives.ReadInt32LittleEndian(store.AsSpan(at + 36));
            int dataSize = BinaryPrimitives.ReadInt32LittleEndian(store.AsSpan(at + 40));
            if (store[at + 2] == 0x3F) // VAR_ADDED
            {
                visit(at, Encoding.Unicode.GetString(store, at + VariableHeaderSize, nameSize).TrimEnd('\0'), new Guid(store.AsSpan(at + 44, 16)));
            }

            at = (at + VariableHeaderSize + nameSize + dataSize + 3) & ~3;
        }

        return at;
    }

    /// <summary>ArmVirtQemu's layout: three flash blocks of 256 KiB for variables, work space and spare.</summary>
    private static void FormatArmVirt(byte[] file)
    {
        const int block = 0x40000;
        file.AsSpan().Fill(0xFF);
        Span<byte> volume = file.AsSpan(0, VolumeHeaderSize);
        volume.Clear();
        s_volumeGuid.TryWriteBytes(volume[0x10..]);
        BinaryPrimitives.WriteInt64LittleEndian(volume[0x20..], 3 * block);
        "_FVH"u8.CopyTo(volume[0x28..]);
        BinaryPrimitives.WriteUInt32LittleEndian(volume[0x2C..], 0x0E36); // readable, writable, sticky, memory mapped, erases to ones
        BinaryPrimitives.WriteUInt16LittleEndian(volume[0x30..], VolumeHeaderSize);
        volume[0x37] = 2; // revision
        BinaryPrimitives.WriteInt32LittleEndian(volume[0x38..], 256); // blocks of the whole flash, 64 MiB
        BinaryPrimitives.WriteInt32LittleEndian(volume[0x3C..], block);
        ushort sum = 0;
        for (int i = 0; i < VolumeHeaderSize; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16LittleEndian(volume[i..]);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(volume[0x32..], (ushort)-sum);
        Span<byte> header = file.AsSpan(VolumeHeaderSize, StoreHeaderSize);
        header.Clear();
        s_storeGuid.TryWriteBytes(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], block - VolumeHeaderSize);
        header[20] = 0x5A; // formatted
        header[21] = 0xFE; // healthy
    }
}
