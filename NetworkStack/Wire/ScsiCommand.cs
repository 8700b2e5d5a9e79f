using System;
using System.Buffers.Binary;

namespace NetBoot.NetworkStack.Wire;

/// <summary>SCSI's command descriptor blocks as a disk's reader needs them (SPC-4, 6; SBC-3, 5), and what is read of the answers.</summary>
internal static class ScsiCommand
{
    /// <summary>Room for any of them; what is behind a shorter one is zero.</summary>
    public const int Size = 16;

    /// <summary>The most blocks of a command of ten bytes.</summary>
    public const uint MaximumBlocks = 65535;

    public const byte TestUnitReady = 0x00;
    public const byte Inquiry = 0x12;
    public const byte ModeSense6 = 0x1A;
    public const byte ReadCapacity10 = 0x25;
    public const byte Read10 = 0x28;
    public const byte Write10 = 0x2A;
    public const byte SynchronizeCache10 = 0x35;
    public const byte Read16 = 0x88;
    public const byte Write16 = 0x8A;
    public const byte ServiceActionIn16 = 0x9E;
    public const byte ReportLuns = 0xA0;

    /// <summary>SAM-5, 5.3.1.</summary>
    public const byte Good = 0x00;
    public const byte CheckCondition = 0x02;
    public const byte Busy = 0x08;
    public const byte ReservationConflict = 0x18;
    public const byte TaskSetFull = 0x28;
    public const byte TaskAborted = 0x40;

    /// <summary>SPC-4, 6.4.2: standard data, or a page of vital product data.</summary>
    /// <param name="block">Of <see cref="Size"/> bytes.</param>
    /// <param name="page">Null for the standard data.</param>
    /// <param name="length">Of the answer at most.</param>
    public static void WriteInquiry(Span<byte> block, byte? page, byte length)
    {
        Write(block, Inquiry);
        block[1] = page is null ? (byte)0 : (byte)1;
        block[2] = page ?? 0;
        block[4] = length;
    }

    /// <summary>SPC-4, 6.9: all pages, without block descriptors.</summary>
    public static void WriteModeSense(Span<byte> block, byte length)
    {
        Write(block, ModeSense6);
        block[1] = 8;
        block[2] = 0x3F;
        block[4] = length;
    }

    /// <summary>SBC-3, 5.16.</summary>
    public static void WriteReadCapacity16(Span<byte> block, byte length)
    {
        Write(block, ServiceActionIn16);
        block[1] = 0x10;
        block[13] = length;
    }

    /// <summary>SPC-4, 6.33.</summary>
    public static void WriteReportLuns(Span<byte> block, uint length)
    {
        Write(block, ReportLuns);
        BinaryPrimitives.WriteUInt32BigEndian(block.Slice(6), length);
    }

    /// <summary>A command that says nothing but what it is.</summary>
    public static void Write(Span<byte> block, byte operation)
    {
        block.Slice(0, Size).Clear();
        block[0] = operation;
    }

    /// <summary>Reads or writes blocks (SBC-3, 5.11 and 5.13): by ten bytes as long as they do.</summary>
    /// <param name="block">Of <see cref="Size"/> bytes.</param>
    /// <param name="isWrite">Or a read.</param>
    /// <param name="lba">The first.</param>
    /// <param name="count">At most <see cref="MaximumBlocks"/>.</param>
    public static void WriteTransfer(Span<byte> block, bool isWrite, ulong lba, uint count)
    {
        bool isLong = lba + count > uint.MaxValue;
        Write(block, isWrite ? isLong ? Write16 : Write10 : isLong ? Read16 : Read10);
        if (isLong)
        {
            BinaryPrimitives.WriteUInt64BigEndian(block.Slice(2), lba);
            BinaryPrimitives.WriteUInt32BigEndian(block.Slice(10), count);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(block.Slice(2), (uint)lba);
            BinaryPrimitives.WriteUInt16BigEndian(block.Slice(7), (ushort)count);
        }
    }

    /// <summary>READ CAPACITY's answer: the last block, all ones where ten bytes cannot say it, and the size of one.</summary>
    public static bool TryReadCapacity(ReadOnlySpan<byte> answer, bool isLong, out ulong lastBlock, out uint blockSize)
    {
        int size = isLong ? 12 : 8;
        bool isWhole = answer.Length >= size;
        lastBlock = !isWhole ? 0 : isLong ? BinaryPrimitives.ReadUInt64BigEndian(answer) : BinaryPrimitives.ReadUInt32BigEndian(answer);
        blockSize = isWhole ? BinaryPrimitives.ReadUInt32BigEndian(answer.Slice(size - 4)) : 0;
        return isWhole;
    }

    /// <summary>What a status other than <see cref="CheckCondition"/> means.</summary>
    public static string Describe(byte status) => status switch
    {
        Good => "good",
        Busy => "busy",
        ReservationConflict => "reserved by another initiator",
        TaskSetFull => "task set full",
        TaskAborted => "task aborted",
        _ => "unknown status",
    };
}
