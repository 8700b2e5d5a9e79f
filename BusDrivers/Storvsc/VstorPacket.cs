using System;
using System.Buffers.Binary;

namespace NetBoot.BusDrivers.Storvsc;

/// <summary>
/// A packet of the protocol between a guest and Hyper-V's SCSI controllers, which has no public document. Names and layout as in
/// Microsoft's own sources (mu_msvm's StorvscDxe, OpenVMM's storvsp_protocol).
/// </summary>
/// <remarks>
/// <code>
///    0 operation    4 flags    8 status (an NTSTATUS)    12 what the operation has:
///
///   SCSI request:  12 its size  14 SRB status  15 SCSI status  17 path  18 target  19 LUN  20 CDB's size  21 sense data's size
///                  22 whether data comes in  24 bytes of data  28 CDB, 16 bytes; in the completion sense data
///      newer hosts 48 queue  52 SRB flags  56 seconds  60 sort key
///   version:       12 minor and major in a byte each  14 build
///   properties:    16 sub-channels  20 flags  24 bytes of data in a request at most
/// </code>
/// </remarks>
internal static class VstorPacket
{
    /// <summary>Bytes of a packet, before a version is agreed on and with hosts older than Windows 8.</summary>
    public const int OlderSize = 48;

    /// <summary>Bytes of a packet from Windows 8 on.</summary>
    public const int Size = 64;

    /// <summary>Bytes of the longest command.</summary>
    public const int MaximumCdbSize = 16;

    /// <summary>From Windows 8 on packets have their larger size.</summary>
    public const ushort FirstLargerVersion = 0x0501;

    /// <summary>In <see cref="SrbStatus"/>: there is sense data.</summary>
    public const byte AutosenseValid = 0x80;

    private const uint RequestCompletion = 1;
    private const int HeaderSize = 12;
    private const int CdbOffset = 28;
    private const int SecondsOffset = 56;
    private const int OlderSenseSize = 18;
    private const int SenseSize = 20;

    /// <summary>Every version, the newest first: Windows 10, 8.1, 8, 7 and Vista.</summary>
    public static ReadOnlySpan<ushort> Versions => [0x0602, 0x0600, FirstLargerVersion, 0x0402, 0x0200];

    /// <summary>Writes a packet that is no SCSI request: the operation alone.</summary>
    /// <param name="packet">As long as the version has it.</param>
    /// <param name="operation">What is asked for.</param>
    public static void Write(Span<byte> packet, VstorOperation operation)
    {
        packet.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(packet, (uint)operation);
        BinaryPrimitives.WriteUInt32LittleEndian(packet.Slice(4), RequestCompletion);
    }

    /// <summary>Adds the version that is asked for.</summary>
    public static void WriteVersion(Span<byte> packet, ushort version) =>
        BinaryPrimitives.WriteUInt16LittleEndian(packet.Slice(HeaderSize), version);

    /// <summary>Adds which device it is about.</summary>
    public static void WriteAddress(Span<byte> packet, byte target, byte lun)
    {
        packet[18] = target;
        packet[19] = lun;
    }

    /// <summary>Adds a SCSI request to the device that it is about.</summary>
    /// <param name="packet">As long as the version has it.</param>
    /// <param name="cdb">The command.</param>
    /// <param name="isRead">Whether data comes from the device.</param>
    /// <param name="length">Bytes of data.</param>
    /// <param name="seconds">How long the host shall try, where it can be told.</param>
    public static void WriteRequest(Span<byte> packet, ReadOnlySpan<byte> cdb, bool isRead, uint length, uint seconds)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(packet.Slice(HeaderSize), (ushort)(packet.Length - HeaderSize));
        packet[20] = (byte)cdb.Length;
        packet[21] = (byte)SenseSizeOf(packet.Length);
        packet[22] = isRead ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(packet.Slice(24), length);
        cdb.CopyTo(packet.Slice(CdbOffset));
        if (packet.Length >= Size)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(packet.Slice(SecondsOffset), seconds);
        }
    }

    /// <summary>Whether it is a whole completion.</summary>
    public static bool IsCompletion(ReadOnlySpan<byte> packet) =>
        packet.Length >= OlderSize && OperationOf(packet) == VstorOperation.CompleteIo;

    /// <summary>What the packet is; nothing when it is too short to tell.</summary>
    public static VstorOperation OperationOf(ReadOnlySpan<byte> packet) =>
        packet.Length >= sizeof(uint) ? (VstorOperation)BinaryPrimitives.ReadUInt32LittleEndian(packet) : 0;

    /// <summary>Whether a completion says that what was asked for is done.</summary>
    public static bool IsSuccess(ReadOnlySpan<byte> completion) => BinaryPrimitives.ReadUInt32LittleEndian(completion.Slice(8)) == 0;

    /// <summary>Of the completion of properties: how many bytes of data a request may have.</summary>
    public static uint MaximumTransfer(ReadOnlySpan<byte> completion) => BinaryPrimitives.ReadUInt32LittleEndian(completion.Slice(24));

    /// <summary>Of a completed SCSI request: how the host fared, with <see cref="AutosenseValid"/>.</summary>
    public static byte SrbStatus(ReadOnlySpan<byte> completion) => completion[14];

    /// <summary>Of a completed SCSI request: what the device says.</summary>
    public static byte ScsiStatus(ReadOnlySpan<byte> completion) => completion[15];

    /// <summary>Of a completed SCSI request: how many bytes of data there were. Not checked.</summary>
    public static uint Transferred(ReadOnlySpan<byte> completion) => BinaryPrimitives.ReadUInt32LittleEndian(completion.Slice(24));

    /// <summary>Of a completed SCSI request: its sense data, as much as a packet has.</summary>
    public static ReadOnlySpan<byte> Sense(ReadOnlySpan<byte> completion) =>
        completion.Slice(CdbOffset, Math.Min(completion[21], SenseSizeOf(completion.Length)));

    private static int SenseSizeOf(int packetSize) => packetSize >= Size ? SenseSize : OlderSenseSize;
}
