using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>
/// A disk behind a SCSI controller, on any stream: memory or a file. It answers as OpenVMM's does (vm/devices/storage/scsidisk/src/lib.rs
/// and inquiry.rs), with the commands that firmware and operating systems use to read, write and find out.
/// </summary>
public sealed class ScsiDisk
{
    private const byte IllegalCommand = 0x20;
    private const byte IllegalBlock = 0x21;
    private const byte InvalidCdb = 0x24;
    private const byte NoSense = 0;
    private const byte MediumError = 3;
    private const byte UnitAttention = 6;
    private const byte DataProtect = 7;
    private const byte CachingPage = 8;
    private const byte AllPages = 0x3F;

    private readonly Stream _storage;
    private byte[]? _lastSense;

    /// <param name="storage">As long as the disk is, a multiple of the sector.</param>
    /// <param name="sectorSize">512 or 4096.</param>
    public ScsiDisk(Stream storage, int sectorSize = 512)
    {
        _storage = storage;
        SectorSize = sectorSize;
    }

    /// <summary>A disk in memory.</summary>
    public ScsiDisk(byte[] content, int sectorSize = 512)
        : this(new MemoryStream(content), sectorSize)
    {
    }

    public int SectorSize { get; }

    public long SectorCount => _storage.Length / SectorSize;

    public bool IsReadOnly { get; set; }

    /// <summary>Reading and writing this sector fails; -1 for none.</summary>
    public long BadSector { get; set; } = -1;

    /// <summary>The next command but INQUIRY and REQUEST SENSE is refused: the capacity has changed.</summary>
    public bool HasChanged { get; set; }

    /// <summary>The commands that came.</summary>
    public List<byte[]> Log { get; } = [];

    public int ReadCount { get; private set; }

    public int WriteCount { get; private set; }

    /// <summary>Executes a command.</summary>
    /// <param name="cdb">16 bytes, be the command shorter or not.</param>
    /// <param name="sent">The guest's data, when it sends some.</param>
    /// <param name="room">Bytes of the guest's memory for data.</param>
    public ScsiResult Execute(byte[] cdb, ReadOnlySpan<byte> sent, int room)
    {
        Log.Add(cdb);
        byte operation = cdb[0];
        ScsiResult result;
        if (HasChanged && operation is not (0x12 or 0x03))
        {
            HasChanged = false;
            result = ScsiResult.Refused(ScsiResult.Error, UnitAttention, 0x2A, 9);
        }
        else
        {
            result = operation switch
            {
                0x00 or 0x1E => ScsiResult.Done([]), // TEST UNIT READY, PREVENT ALLOW MEDIUM REMOVAL
                0x03 => RequestSense(cdb, room),
                0x12 => Inquiry(cdb, room),
                0x1A => ModeSense(cdb[2], cdb[4], room, 4),
                0x5A => ModeSense(cdb[2], Big16(cdb, 7), room, 8),
                0x25 => ReadCapacity(room),
                0x9E when (cdb[1] & 0x1F) == 0x10 => ReadCapacity16(room),
                0x08 => Read(Big32(cdb, 0) & 0x1F_FFFF, cdb[4], room),
                0x28 => Read(Big32(cdb, 2), Big16(cdb, 7), room),
                0xA8 => Read(Big32(cdb, 2), Big32(cdb, 6), room),
                0x88 => Read((long)BinaryPrimitives.ReadUInt64BigEndian(cdb.AsSpan(2)), Big32(cdb, 10), room),
                0x0A => Write(Big32(cdb, 0) & 0x1F_FFFF, cdb[4], sent),
                0x2A => Write(Big32(cdb, 2), Big16(cdb, 7), sent),
                0xAA => Write(Big32(cdb, 2), Big32(cdb, 6), sent),
                0x8A => Write((long)BinaryPrimitives.ReadUInt64BigEndian(cdb.AsSpan(2)), Big32(cdb, 10), sent),
                0x35 or 0x91 => Flush(),
                _ => ScsiResult.Refused(ScsiResult.InvalidRequest, ScsiResult.IllegalRequest, IllegalCommand),
            };
        }

        if (operation != 0x03)
        {
            _lastSense = result.Sense;
        }

        return result;
    }

    private static int Big16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at));

    private static long Big32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));

    private static ScsiResult Invalid() => ScsiResult.Refused(ScsiResult.InvalidRequest, ScsiResult.IllegalRequest, InvalidCdb);

    private static ScsiResult Answer(byte[] data, int wanted) => ScsiResult.Done(data[..Math.Min(data.Length, wanted)]);

    private ScsiResult RequestSense(byte[] cdb, int room)
    {
        if (cdb[4] > room)
        {
            return Invalid();
        }

        byte[] sense = _lastSense ?? ScsiResult.NewSense(NoSense, 0);
        _lastSense = null;
        return Answer(sense, cdb[4]);
    }

    private static ScsiResult Inquiry(byte[] cdb, int room)
    {
        int wanted = Big16(cdb, 3);
        if (room < wanted || wanted < 5)
        {
            return Invalid();
        }

        if ((cdb[1] & 1) == 0)
        {
            return cdb[2] == 0 ? Answer(NewInquiryData(0), wanted) : Invalid();
        }

        return cdb[2] switch
        {
            0x00 => Answer([0, 0x00, 0, 2, 0x00, 0x83], wanted),
            0x83 => Answer([0, 0x83, 0, 12, 1, 3, 0, 8, 0x60, 0x02, 0x24, 0x80, 1, 2, 3, 4], wanted), // an NAA identifier
            _ => Invalid(),
        };
    }

    /// <summary>Standard INQUIRY data: OpenVMM, INQUIRY_DATA_TEMPLATE.</summary>
    /// <param name="type">Peripheral qualifier and device type: 0 a disk, 0x7F nothing.</param>
    internal static byte[] NewInquiryData(byte type)
    {
        byte[] data = new byte[104];
        data[0] = type;
        data[2] = 5; // SPC-3
        data[3] = 2;
        data[4] = (byte)(data.Length - 5);
        Encoding.ASCII.GetBytes("Msft    Virtual Disk    1.0 ").CopyTo(data, 8);
        return data;
    }

    private ScsiResult ModeSense(byte page, int wanted, int room, int headerSize)
    {
        if (room == 0 || wanted == 0)
        {
            return ScsiResult.Done([]);
        }

        if (wanted > room || wanted < headerSize || page >> 6 == 3 || (page & 0x3F) is not (CachingPage or AllPages))
        {
            return Invalid();
        }

        byte[] data = new byte[headerSize + 12];
        byte parameter = (byte)(IsReadOnly ? 0x80 : 0);
        if (headerSize == 4)
        {
            data[0] = (byte)(data.Length - 1);
            data[2] = parameter;
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)(data.Length - 2));
            data[3] = parameter;
        }

        data[headerSize] = CachingPage;
        data[headerSize + 1] = 10;
        return Answer(data, wanted);
    }

    private ScsiResult ReadCapacity(int room)
    {
        byte[] data = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(data, (uint)Math.Min(SectorCount - 1, uint.MaxValue));
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(4), SectorSize);
        return room < data.Length
            ? ScsiResult.Refused(ScsiResult.DataOverrun, ScsiResult.IllegalRequest, InvalidCdb) : ScsiResult.Done(data);
    }

    private ScsiResult ReadCapacity16(int room)
    {
        byte[] data = new byte[32];
        BinaryPrimitives.WriteInt64BigEndian(data, SectorCount - 1);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(8), SectorSize);
        return room < 12 ? ScsiResult.Refused(ScsiResult.DataOverrun, ScsiResult.IllegalRequest, InvalidCdb) : Answer(data, room);
    }

    private bool HasSectors(long first, long count, int room) =>
        count != 0 && count <= room / SectorSize && first < SectorCount && count <= SectorCount - first;

    private bool IsBad(long first, long count) => BadSector >= first && BadSector < first + count;

    private ScsiResult Read(long first, long count, int room)
    {
        ReadCount++;
        if (!HasSectors(first, count, room))
        {
            return ScsiResult.Refused(ScsiResult.InvalidRequest, ScsiResult.IllegalRequest, IllegalBlock);
        }

        if (IsBad(first, count))
        {
            return ScsiResult.Refused(ScsiResult.Error, MediumError, 0x11);
        }

        byte[] data = new byte[count * SectorSize];
        _storage.Position = first * SectorSize;
        _storage.ReadExactly(data);
        return ScsiResult.Done(data);
    }

    private ScsiResult Write(long first, long count, ReadOnlySpan<byte> sent)
    {
        WriteCount++;
        if (!HasSectors(first, count, sent.Length))
        {
            return ScsiResult.Refused(ScsiResult.InvalidRequest, ScsiResult.IllegalRequest, IllegalBlock);
        }

        if (IsReadOnly)
        {
            return ScsiResult.Refused(ScsiResult.Error, DataProtect, 0x27);
        }

        if (IsBad(first, count))
        {
            return ScsiResult.Refused(ScsiResult.Error, MediumError, 0x03);
        }

        _storage.Position = first * SectorSize;
        _storage.Write(sent[..(int)(count * SectorSize)]);
        return ScsiResult.Taken((int)(count * SectorSize));
    }

    private ScsiResult Flush()
    {
        _storage.Flush();
        return ScsiResult.Done([]);
    }
}
