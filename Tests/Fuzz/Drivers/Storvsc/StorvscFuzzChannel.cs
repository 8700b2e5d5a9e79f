using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using NetBoot.BusDrivers.Storvsc;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Fuzz.Drivers.Storvsc;

/// <summary>
/// The channel of a SCSI controller, whose disks have in all of a sector the byte that is the lowest of its number in commands of ten bytes, and
/// take nothing else to be written.
/// </summary>
internal sealed unsafe class StorvscFuzzChannel(FuzzReader reader) : FuzzChannel(reader)
{
    /// <summary>The honest completion of a packet, be it the second: which packet, the newest being 0; then as <see cref="Patched"/>.</summary>
    public const byte Earlier = 0xF0;

    /// <summary>The honest completion of the oldest packet, but for some bytes: place, how many, bytes.</summary>
    public const byte Patched = 0xF3;

    /// <summary>Bytes into the memory of a packet under way: which packet, as <see cref="Earlier"/>, place (of 16 bytes), how many, bytes.</summary>
    public const byte Write = 0xF4;

    /// <summary>Nothing comes for so many looks (times 16).</summary>
    public const byte Silence = 0xF8;

    private const int CdbOffset = 28;
    private const byte ReportLuns = 0xA0;
    private const uint MaximumTransfer = 0x4_0000;

    private readonly List<Sent> _sent = [];
    private int _silence;
    private bool _isToBeRenewed;

    /// <summary>A packet that the driver has sent.</summary>
    private sealed record Sent(ulong Transaction, byte[] Answer, nint Data, int Length, byte? Written)
    {
        /// <summary>Whether the host may still read and write the memory.</summary>
        public bool IsUnderWay { get; set; } = Length != 0;

        /// <summary>Whether a connection that it was sent on is gone, so that it is not.</summary>
        public bool IsLost { get; set; }

        public Span<byte> Memory => new((byte*)Data, Length);
    }

    public override EFI_GUID InterfaceType => default;

    /// <summary>Whether there may be other bytes in what is read, or in what is to be written.</summary>
    public bool HasTampered { get; private set; }

    /// <summary>How many buffers the host may still write to.</summary>
    public int HeldBuffers => _sent.Where(each => each.IsUnderWay && !each.IsLost).Select(each => each.Data).Distinct().Count();

    /// <summary>The same, with those of connections of which the driver may not know yet that they are gone.</summary>
    public int KeptBuffers => _sent.Where(each => each.IsUnderWay).Select(each => each.Data).Distinct().Count();

    /// <summary>The byte that a command's data is of.</summary>
    public static byte PatternOf(ReadOnlySpan<byte> cdb) => cdb.Length > 5 ? cdb[5] : (byte)0;

    public override bool TryReceive(out VmbusPacket packet)
    {
        if (_silence == 0)
        {
            return base.TryReceive(out packet);
        }

        _silence--;
        packet = default;
        return false;
    }

    public override EFI_STATUS Poll()
    {
        if (_isToBeRenewed)
        {
            _isToBeRenewed = false;
            base.BeRenewed();
            _sent.ForEach(each => each.IsLost = true);
        }

        return base.Poll();
    }

    protected override byte[] AnswerTo(ReadOnlySpan<byte> payload, ulong transaction, Span<byte> data)
    {
        _sent.ForEach(each => each.IsUnderWay &= !each.IsLost); // Who sends on a connection knows that the one before is gone.
        byte[] answer = new byte[payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(answer, (uint)VstorOperation.CompleteIo);
        byte? written = null;
        switch ((VstorOperation)Word(payload, 0))
        {
            case VstorOperation.QueryProperties:
                BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(24), MaximumTransfer);
                break;
            case VstorOperation.ExecuteSrb:
                bool isRead = payload[22] != 0;
                written = isRead || data.IsEmpty ? null : payload[CdbOffset + 5];
                answer[14] = 1; // SRB_STATUS_SUCCESS
                BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(24), isRead ? Read(payload, data) : data.Length);
                break;
            default:
                break;
        }

        fixed (byte* address = data)
        {
            _sent.Add(new Sent(transaction, answer, (nint)address, data.Length, written));
        }

        CheckWritten(_sent[^1]);
        return answer;
    }

    protected override bool TryDo(byte step, ref VmbusPacket packet)
    {
        switch (step)
        {
            case Earlier when TryFind(out Sent? sent):
                packet = NewCompletion(sent.Transaction, Patch(sent.Answer));
                return true;
            case Patched when TryTakeAnswer(out ulong transaction, out byte[] answer):
                packet = NewCompletion(transaction, Patch(answer));
                return true;
            case Write when TryFind(out Sent? sent):
                int at = Reader.Byte() * 16;
                ReadOnlySpan<byte> bytes = Reader.Take(Reader.Byte());
                if (sent.IsUnderWay && !sent.IsLost && at + bytes.Length <= sent.Length)
                {
                    HasTampered = true;
                    bytes.CopyTo(sent.Memory[at..]);
                }

                return true;
            case Silence:
                _silence = Reader.Byte() * 16;
                return true;
            default:
                return false;
        }
    }

    /// <summary>In <see cref="Poll"/>, as for every driver that runs at TPL_NOTIFY.</summary>
    protected override void BeRenewed() => _isToBeRenewed = true;

    protected override void OnCompleting(ulong transaction)
    {
        if (_sent.Find(each => each.Transaction == transaction) is { IsUnderWay: true, IsLost: false } sent)
        {
            CheckWritten(sent);
            sent.IsUnderWay = false;
        }
    }

    /// <summary>What is to be written is what the client gave, for as long as the host may read it.</summary>
    private void CheckWritten(Sent sent)
    {
        if (sent.Written is { } written && !HasTampered)
        {
            FuzzFinding.Unless(!sent.Memory.ContainsAnyExcept(written), "another's data would be written");
        }
    }

    /// <summary>The device's data, at once: that it is there is told later.</summary>
    private static int Read(ReadOnlySpan<byte> payload, Span<byte> data)
    {
        if (payload[CdbOffset] != ReportLuns)
        {
            data.Fill(payload[CdbOffset + 5]);
            return data.Length;
        }

        ReadOnlySpan<byte> units = payload[18] == 0 ? [0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] : [0, 0, 0, 0, 0, 0, 0, 0];
        int length = Math.Min(units.Length, data.Length);
        units[..length].CopyTo(data);
        return length;
    }

    private bool TryFind([NotNullWhen(true)] out Sent? sent)
    {
        int back = Reader.Byte();
        sent = back < _sent.Count ? _sent[^(back + 1)] : null;
        return sent is not null;
    }

    private byte[] Patch(byte[] answer)
    {
        byte[] patched = [.. answer];
        int at = Reader.Byte();
        ReadOnlySpan<byte> bytes = Reader.Take(Reader.Byte() & 63);
        if (at + bytes.Length <= patched.Length)
        {
            bytes.CopyTo(patched.AsSpan(at));
        }

        return patched;
    }
}
