using System;
using System.Buffers.Binary;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Reads PDUs from a stream of bytes cut anywhere, and hands their data on without copying it. Reading makes no objects.</summary>
internal sealed class IscsiPduReader(IIscsiPduHandler handler)
{
    private const string TooMuchData = "a PDU has more data than was agreed on";

    private readonly byte[] _header = new byte[IscsiPdu.HeaderSize];
    private readonly byte[] _digest = new byte[Crc32C.Size];
    private Part _part;
    private int _rest = IscsiPdu.HeaderSize;
    private uint _crc;
    private bool _isStopped;

    private enum Part
    {
        Header,
        Additional,
        HeaderDigest,
        Data,
        Padding,
        DataDigest,
    }

    /// <summary>From the next PDU on.</summary>
    public bool HasHeaderDigest { get; set; }

    /// <summary>From the next PDU on.</summary>
    public bool HasDataDigest { get; set; }

    /// <summary>The most bytes of data that we have said to take.</summary>
    public int MaximumData { get; set; } = IscsiPdu.DefaultSegment;

    /// <summary>What made no sense, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>Begins a new stream, without digests.</summary>
    public void Reset()
    {
        _part = Part.Header;
        _rest = IscsiPdu.HeaderSize;
        _crc = 0;
        _isStopped = false;
        HasHeaderDigest = false;
        HasDataDigest = false;
        MaximumData = IscsiPdu.DefaultSegment;
        Failure = null;
    }

    /// <summary>Nothing more is read; legal in the handler's calls.</summary>
    public void Stop() => _isStopped = true;

    /// <summary>Reads on, up to the end or to what makes no sense.</summary>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && !_isStopped)
        {
            ReadOnlySpan<byte> piece = bytes.Slice(0, Math.Min(bytes.Length, _rest));
            bytes = bytes.Slice(piece.Length);
            switch (_part)
            {
                case Part.Header:
                    piece.CopyTo(new Span<byte>(_header, _header.Length - _rest, piece.Length));
                    break;
                case Part.HeaderDigest:
                case Part.DataDigest:
                    piece.CopyTo(new Span<byte>(_digest, _digest.Length - _rest, piece.Length));
                    break;
                case Part.Data:
                    handler.OnData(piece);
                    break;
            }

            if (_part < Part.HeaderDigest ? HasHeaderDigest : HasDataDigest && _part is Part.Data or Part.Padding)
            {
                _crc = Crc32C.Add(_crc, piece);
            }

            _rest -= piece.Length;
            while (_rest == 0 && !_isStopped)
            {
                GoOn();
            }
        }
    }

    private void Fail(string what)
    {
        Failure = what;
        _isStopped = true;
    }

    /// <summary>A part is over: begins the next, which may be empty.</summary>
    private void GoOn()
    {
        IscsiPdu pdu = new(_header);
        switch (_part)
        {
            case Part.Header:
                if (!HasHeaderDigest && pdu.DataLength > MaximumData)
                {
                    Fail(TooMuchData); // At once: of another protocol nothing more may come.
                    return;
                }

                _rest = pdu.AdditionalLength;
                break;
            case Part.Additional:
                _rest = HasHeaderDigest ? _digest.Length : 0;
                break;
            case Part.HeaderDigest:
                if (HasHeaderDigest && !IsDigestRight())
                {
                    Fail("a header digest is wrong");
                    return;
                }

                if (pdu.DataLength > MaximumData)
                {
                    Fail(TooMuchData);
                    return;
                }

                _crc = 0;
                _rest = pdu.DataLength;
                handler.OnHeader(pdu);
                break;
            case Part.Data:
                _rest = IscsiPdu.Padding(pdu.DataLength);
                break;
            case Part.Padding:
                _rest = HasDataDigest && pdu.DataLength > 0 ? _digest.Length : 0;
                break;
            case Part.DataDigest:
                if (HasDataDigest && pdu.DataLength > 0 && !IsDigestRight())
                {
                    Fail("a data digest is wrong");
                    return;
                }

                _crc = 0;
                _rest = IscsiPdu.HeaderSize;
                _part = Part.Header;
                handler.OnEnd(pdu);
                return;
        }

        _part++;
    }

    private bool IsDigestRight() => BinaryPrimitives.ReadUInt32LittleEndian(_digest) == _crc;
}
