using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Gathers records from a stream that segments cut anywhere, in a room of its own.</summary>
internal sealed class TlsRecordReader
{
    /// <summary>Bytes of memory.</summary>
    public const int Room = TlsRecord.HeaderSize + TlsRecord.MaximumLength;

    private readonly byte[] _record = new byte[Room];
    private int _filled;

    /// <summary>Nothing of a record has come.</summary>
    public bool IsEmpty => _filled == 0;

    /// <summary>What is wrong with what the server sent; nothing is read any more.</summary>
    public string? Failure { get; private set; }

    /// <summary>Takes the next record, or as much of it as there is.</summary>
    /// <param name="data">What came; what is left of it is behind the record.</param>
    /// <param name="record">Whole, with its header; valid until the next call.</param>
    /// <returns>False when more has to come, or with a <see cref="Failure"/>.</returns>
    public bool TryRead(scoped ref ReadOnlySpan<byte> data, out Span<byte> record)
    {
        record = default;
        if (_filled < TlsRecord.HeaderSize)
        {
            Take(ref data, TlsRecord.HeaderSize);
            if (_filled < TlsRecord.HeaderSize)
            {
                return false;
            }

            Failure = Check(_record);
        }

        if (Failure is not null)
        {
            return false;
        }

        int wanted = TlsRecord.HeaderSize + TlsRecord.Length(_record);
        Take(ref data, wanted);
        if (_filled < wanted)
        {
            return false;
        }

        _filled = 0;
        record = new Span<byte>(_record, 0, wanted);
        return true;
    }

    private void Take(scoped ref ReadOnlySpan<byte> data, int wanted)
    {
        int part = Math.Min(wanted - _filled, data.Length);
        data.Slice(0, part).CopyTo(new Span<byte>(_record, _filled, part));
        data = data.Slice(part);
        _filled += part;
    }

    private static string? Check(ReadOnlySpan<byte> header)
    {
        if (!TlsRecord.IsHeader(header))
        {
            return TextBuilder.Format(
                $"the server does not speak TLS here: it sent {header[0]:x2} {header[1]:x2} {header[2]:x2} {header[3]:x2} {header[4]:x2}");
        }

        int length = TlsRecord.Length(header);
        return length > TlsRecord.MaximumLength
            ? TextBuilder.Format($"the server sent a record of {length} bytes, and {TlsRecord.MaximumLength} are the most")
            : length == 0 && header[0] != TlsRecord.ApplicationData ? TextBuilder.Format($"the server sent an empty record of type {header[0]}")
            : null;
    }
}
