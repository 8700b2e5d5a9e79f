using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// Values that were set, packed in one buffer that is freed when it is outgrown: setting, replacing and clearing for ever uses the memory
/// of the largest moment. A record is its name's length (2 bytes), tag (8), type (1), value's length (4), name and value.
/// </summary>
public sealed class SettingStore : IDisposable
{
    /// <summary>More than this in one block is a script that runs away.</summary>
    public const int MaximumSize = 4 << 20;

    private const int HeaderSize = 15;
    private const int ObjectSize = 64; // of an array beside its bytes, and more
    private const int TagAt = 2;
    private const int TypeAt = 10;
    private const int ValueLengthAt = 11;

    private Arena? _arena;
    private byte[] _records = [];
    private int _length;

    /// <summary>The bytes that all values take up together with their names.</summary>
    public int Size => _length;

    /// <summary>Everything, to be kept elsewhere; valid until the store changes.</summary>
    public ReadOnlySpan<byte> Records => new(_records, 0, _length);

    /// <summary>Takes back what <see cref="Records"/> were in place of what is here, up to the first that cannot be one.</summary>
    public void Load(ReadOnlySpan<byte> records)
    {
        Dispose();
        int length = 0;
        while (records.Length - length >= HeaderSize)
        {
            ReadOnlySpan<byte> record = records.Slice(length);
            int size = HeaderSize + BinaryPrimitives.ReadUInt16LittleEndian(record);
            int value = BinaryPrimitives.ReadInt32LittleEndian(record.Slice(ValueLengthAt));
            if ((record[TypeAt] & ~(byte)SettingType.Foreign) > (byte)SettingType.DnsSearchList || value <= 0 || value > record.Length - size)
            {
                break;
            }

            length += size + value;
        }

        if (length > 0 && length <= MaximumSize && TryReserve(length))
        {
            records.Slice(0, length).CopyTo(_records);
            _length = length;
        }
    }

    /// <summary>Finds a value by tag, when the name has one, or by name. It stays valid until the store changes.</summary>
    public bool TryFetch(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        int at = Find(name);
        if (at < 0)
        {
            value = default;
            type = SettingType.None;
            return false;
        }

        type = (SettingType)_records[at + TypeAt] & ~SettingType.Foreign;
        value = new ReadOnlySpan<byte>(_records, at + HeaderSize + NameLength(at), ValueLength(at));
        return true;
    }

    /// <summary>Whether a value was stored as <see cref="SettingType.Foreign"/>.</summary>
    public bool IsForeign(in SettingName name) => Find(name) is int at and >= 0 && (_records[at + TypeAt] & (byte)SettingType.Foreign) != 0;

    /// <summary>Sets a value, or deletes it when it is empty; does nothing for the empty name. False when there is no more room.</summary>
    public bool TryStore(in SettingName name, SettingType type, ReadOnlySpan<byte> value)
    {
        int at = Find(name);
        if (at >= 0)
        {
            int end = at + RecordSize(at);
            new ReadOnlySpan<byte>(_records, end, _length - end).CopyTo(new Span<byte>(_records, at, _length - end));
            _length -= end - at;
        }

        if (value.Length == 0 || name.Name.Length == 0)
        {
            return true;
        }

        int size = HeaderSize + name.Name.Length + value.Length;
        if (name.Name.Length > ushort.MaxValue || size > MaximumSize - _length || !TryReserve(size))
        {
            return false;
        }

        Span<byte> record = new(_records, _length, size);
        BinaryPrimitives.WriteUInt16LittleEndian(record, (ushort)name.Name.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(record.Slice(TagAt), name.Tag);
        record[TypeAt] = (byte)type;
        BinaryPrimitives.WriteInt32LittleEndian(record.Slice(ValueLengthAt), value.Length);
        for (int i = 0; i < name.Name.Length; i++)
        {
            record[HeaderSize + i] = (byte)name.Name[i];
        }

        value.CopyTo(record.Slice(HeaderSize + name.Name.Length));
        _length += size;
        return true;
    }

    /// <summary>The names of what is set, one after the other.</summary>
    /// <param name="at">0 at first.</param>
    /// <param name="name">In the current arena.</param>
    public bool TryNextName(ref int at, out string name)
    {
        name = "";
        if (at >= _length)
        {
            return false;
        }

        char[] characters = new char[NameLength(at)];
        for (int i = 0; i < characters.Length; i++)
        {
            characters[i] = (char)_records[at + HeaderSize + i];
        }

        name = new string(characters);
        at += RecordSize(at);
        return true;
    }

    /// <summary>Deletes everything and frees the memory.</summary>
    public void Dispose()
    {
        _records = [];
        _length = 0;
        _arena?.Dispose();
        _arena = null;
    }

    private int Find(in SettingName name)
    {
        for (int at = 0; at < _length; at += RecordSize(at))
        {
            ulong tag = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(_records, at + TagAt, 8));
            if ((tag != 0 && tag == name.Tag) || IsNamed(at, name.Name))
            {
                return at;
            }
        }

        return -1;
    }

    private bool IsNamed(int at, ReadOnlySpan<char> name)
    {
        if (NameLength(at) != name.Length)
        {
            return false;
        }

        for (int i = 0; i < name.Length; i++)
        {
            if (_records[at + HeaderSize + i] != (byte)name[i])
            {
                return false;
            }
        }

        return true;
    }

    private int NameLength(int at) => BinaryPrimitives.ReadUInt16LittleEndian(new ReadOnlySpan<byte>(_records, at, 2));

    private int ValueLength(int at) => BinaryPrimitives.ReadInt32LittleEndian(new ReadOnlySpan<byte>(_records, at + ValueLengthAt, 4));

    private int RecordSize(int at) => HeaderSize + NameLength(at) + ValueLength(at);

    // False when there is not so much memory.
    private bool TryReserve(int more)
    {
        if (_records.Length - _length >= more)
        {
            return true;
        }

        int size = Math.Max(1024, (_length + more) * 2);
        Arena? arena = Arena.TryCreate(size + ObjectSize);
        if (arena is null)
        {
            return false;
        }

        byte[] larger;
        using (arena.Enter())
        {
            larger = new byte[size];
        }

        new ReadOnlySpan<byte>(_records, 0, _length).CopyTo(larger);
        _records = larger;
        _arena?.Dispose();
        _arena = arena;
        return true;
    }
}
