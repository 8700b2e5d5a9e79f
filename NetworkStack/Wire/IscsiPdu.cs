using System;
using System.Buffers.Binary;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// The basic header segment of iSCSI's protocol data units (RFC 7143, 11.2.1): 48 bytes, behind which stand additional segments, data, and
/// digests. Offsets are those of RFC 7143, 11.3 to 11.19.
/// </summary>
/// <param name="header">Of <see cref="HeaderSize"/> bytes.</param>
internal readonly ref struct IscsiPdu(ReadOnlySpan<byte> header)
{
    public const int HeaderSize = 48;
    public const ushort Port = 3260;

    /// <summary>A tag that names nothing.</summary>
    public const uint NoTag = 0xFFFFFFFF;

    /// <summary>What each end takes before more is agreed on (RFC 7143, 13.12).</summary>
    public const int DefaultSegment = 8192;

    public const byte Immediate = 0x40;
    public const byte NopOut = 0x00;
    public const byte Command = 0x01;
    public const byte TaskRequest = 0x02;
    public const byte LoginRequest = 0x03;
    public const byte DataOut = 0x05;
    public const byte LogoutRequest = 0x06;
    public const byte NopIn = 0x20;
    public const byte Response = 0x21;
    public const byte TaskResponse = 0x22;
    public const byte LoginResponse = 0x23;
    public const byte TextResponse = 0x24;
    public const byte DataIn = 0x25;
    public const byte LogoutResponse = 0x26;
    public const byte ReadyToTransfer = 0x31;
    public const byte Asynchronous = 0x32;
    public const byte Reject = 0x3F;

    /// <summary>The last of a sequence; a login's wish to go on to the next stage (T).</summary>
    public const byte Final = 0x80;

    /// <summary>A text that the next PDU goes on with (C).</summary>
    public const byte Continues = 0x40;
    public const byte Reads = 0x40;
    public const byte Writes = 0x20;
    public const byte SimpleTask = 0x01;
    public const byte Overflow = 0x04;
    public const byte Underflow = 0x02;

    /// <summary>What a task request is for (RFC 7143, 11.5.1).</summary>
    public const byte AbortTask = 1;

    /// <summary>Data-In that brings the status too (S).</summary>
    public const byte HasStatus = 0x01;

    private const int LunOffset = 8;
    private const int TagOffset = 16;
    private const int TransferTagOffset = 20;
    private const int CommandNumberOffset = 24;
    private const int StatusNumberOffset = 28;

    private readonly ReadOnlySpan<byte> _header = header.Slice(0, HeaderSize);

    public byte Opcode => (byte)(_header[0] & 0x3F);
    public byte Flags => _header[1];

    /// <summary>Bytes of the segments between header and data.</summary>
    public int AdditionalLength => _header[4] * 4;

    /// <summary>Bytes of data, without padding: below 2^24.</summary>
    public int DataLength => (_header[5] << 16) | (_header[6] << 8) | _header[7];
    public ulong Lun => BinaryPrimitives.ReadUInt64BigEndian(_header.Slice(LunOffset));

    /// <summary>The initiator's task tag.</summary>
    public uint Tag => Read(TagOffset);
    public uint TransferTag => Read(TransferTagOffset);

    /// <summary>StatSN.</summary>
    public uint StatusNumber => Read(24);

    /// <summary>ExpCmdSN.</summary>
    public uint ExpectedCommand => Read(28);

    /// <summary>MaxCmdSN.</summary>
    public uint MaximumCommand => Read(32);

    /// <summary>Of a response to a command or a task request, a logout, a reject.</summary>
    public byte Reason => _header[2];

    /// <summary>SCSI's status (SAM-5, 5.3).</summary>
    public byte Status => _header[3];

    /// <summary>Of data and R2T: where in the transfer.</summary>
    public uint BufferOffset => Read(40);

    /// <summary>Of R2T: how many bytes are asked for.</summary>
    public uint DesiredLength => Read(44);

    /// <summary>Of responses and data with a status: bytes that are missing or too many.</summary>
    public uint Residual => Read(44);

    public byte StatusClass => _header[36];
    public byte StatusDetail => _header[37];
    public byte AsyncEvent => _header[36];
    public int CurrentStage => (_header[1] >> 2) & 3;
    public int NextStage => _header[1] & 3;
    public ushort SessionHandle => BinaryPrimitives.ReadUInt16BigEndian(_header.Slice(14));

    /// <summary>Zeros behind data up to the next word.</summary>
    public static int Padding(int length) => -length & 3;

    /// <summary>Writes what all have, and zeros elsewhere.</summary>
    public static void Write(Span<byte> header, byte opcode, byte flags, int dataLength, ulong lun, uint tag, uint transferTag, uint commandNumber, uint expectedStatus)
    {
        header.Slice(0, HeaderSize).Clear();
        header[0] = opcode;
        header[1] = flags;
        header[5] = (byte)(dataLength >> 16);
        header[6] = (byte)(dataLength >> 8);
        header[7] = (byte)dataLength;
        BinaryPrimitives.WriteUInt64BigEndian(header.Slice(LunOffset), lun);
        Put(header, TagOffset, tag);
        Put(header, TransferTagOffset, transferTag);
        Put(header, CommandNumberOffset, commandNumber);
        Put(header, StatusNumberOffset, expectedStatus);
    }

    /// <summary>A login's ISID stands where others have a LUN (RFC 7143, 11.12.5), its connection where they have a transfer tag: 0.</summary>
    public static void WriteLogin(Span<byte> header, byte flags, int dataLength, ulong isid, uint tag, uint commandNumber, uint expectedStatus) =>
        Write(header, LoginRequest | Immediate, flags, dataLength, isid << 16, tag, 0, commandNumber, expectedStatus);

    /// <summary>The rest of a command: bytes that it moves, and its descriptor block.</summary>
    public static void WriteCommand(Span<byte> header, uint length, ReadOnlySpan<byte> block)
    {
        Put(header, TransferTagOffset, length);
        block.CopyTo(header.Slice(32, 16));
    }

    /// <summary>The rest of Data-Out, which has no CmdSN.</summary>
    public static void WriteData(Span<byte> header, uint number, uint offset)
    {
        Put(header, 36, number);
        Put(header, 40, offset);
    }

    /// <summary>The rest of a task request: the CmdSN of what it is about.</summary>
    public static void WriteTask(Span<byte> header, uint commandNumber) => Put(header, 32, commandNumber);

    private static void Put(Span<byte> header, int offset, uint value) => BinaryPrimitives.WriteUInt32BigEndian(header.Slice(offset), value);

    private uint Read(int offset) => BinaryPrimitives.ReadUInt32BigEndian(_header.Slice(offset));
}
