using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// Reads one HTTP/1.x response from a stream of bytes cut anywhere (RFC 9112), and hands the body on without copying it. Made once for
/// a connection; reading makes no objects.
/// </summary>
internal sealed class HttpResponseReader
{
    /// <summary>Longer lines are cut off here: what is needed of a head is far shorter.</summary>
    public const int MaximumLine = 4096;

    /// <summary>The most bytes of heads, trailers and chunk size lines that a response may bring before they are endless.</summary>
    public const int MaximumHead = 65536;

    private const int MaximumLocation = 2048;
    /// <summary>A longer validator is none.</summary>
    internal const int MaximumValidator = 256;
    private const int MaximumChallenge = 512;

    private readonly byte[] _line = new byte[MaximumLine];
    private readonly byte[] _location = new byte[MaximumLocation];
    private readonly byte[] _validator = new byte[MaximumValidator];
    private readonly byte[] _reason = new byte[64];
    private readonly byte[] _coding = new byte[16];
    private readonly byte[] _challenge = new byte[MaximumChallenge];
    private int _lineLength;
    private int _headLength;
    private int _locationLength;
    private int _validatorLength;
    private int _reasonLength;
    private int _codingLength;
    private int _challengeLength;
    private bool _isLineCut;
    private bool _isChunked;
    private bool _hasLength;
    private State _state;
    private ulong _contentLength;
    private ulong _rest;
    private IHttpBody? _body;

    private enum State
    {
        StatusLine,
        Fields,
        SizedBody,
        BodyUntilClose,
        ChunkSize,
        ChunkData,
        ChunkEnd,
        Trailer,
        Complete,
        Failed,
    }

    /// <summary>The three digits, 100 to 999; 0 before they are read.</summary>
    public int Status { get; private set; }

    /// <summary>The body's length as the head tells it, if it does (not for chunks).</summary>
    public ulong? ContentLength => _hasLength && !_isChunked ? _contentLength : null;

    /// <summary>The connection can carry another request after this response.</summary>
    public bool KeepsAlive { get; private set; }

    /// <summary>Of a 206: where the body belongs (RFC 9110, 14.4); null when the head does not say.</summary>
    public ulong? RangeStart { get; private set; }

    /// <summary>Of a 206: the size of the whole, if the server knows it.</summary>
    public ulong? RangeTotal { get; private set; }

    public ReadOnlySpan<byte> Location => new(_location, 0, _locationLength);

    /// <summary>
    /// What proves later that the file is still the same: a strong ETag, or else Last-Modified (RFC 9110, 13.1.5); empty when
    /// there is none.
    /// </summary>
    public ReadOnlySpan<byte> Validator => new(_validator, 0, _validatorLength);

    /// <summary>The validator is a strong ETag.</summary>
    public bool HasStrongTag { get; private set; }

    /// <summary>What the body is coded in, at most 16 bytes of the last coding's name; empty when it is the file itself (RFC 9110, 8.4).</summary>
    public ReadOnlySpan<byte> ContentCoding => new(_coding, 0, _codingLength);

    /// <summary>Of a 401: WWW-Authenticate, that of Digest where there are several (RFC 9110, 11.6.1); empty when there is none.</summary>
    public ReadOnlySpan<byte> Challenge => new(_challenge, 0, _challengeLength);

    /// <summary>When to ask again, in seconds from now (RFC 9110, 10.2.3); null when it is not said, or as a date.</summary>
    public ulong? RetryAfter { get; private set; }

    /// <summary>The status line's text ("Not Found"), at most 64 bytes of it.</summary>
    public ReadOnlySpan<byte> Reason => new(_reason, 0, _reasonLength);

    /// <summary>Not a byte was read.</summary>
    public bool IsUntouched => _state == State.StatusLine && _headLength == 0;

    public bool IsComplete => _state == State.Complete;

    /// <summary>The body has begun, or is over.</summary>
    public bool HasHead => _state > State.Fields && _state != State.Failed;

    /// <summary>What made no sense, or null. <see cref="FailedLine"/> shows the line.</summary>
    public string? Failure { get; private set; }

    /// <summary>The first bytes of the line that <see cref="Failure"/> is about.</summary>
    public ReadOnlySpan<byte> FailedLine => new(_line, 0, Math.Min(_lineLength, 60));

    /// <summary>Makes the reader ready for the next response.</summary>
    public void Reset(IHttpBody body)
    {
        _body = body;
        _headLength = 0;
        Failure = null;
        StartHead();
    }

    /// <summary>Reads on.</summary>
    /// <returns>How many bytes belong to this response; fewer than all only when it is complete or has failed.</returns>
    public int Read(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> rest = data;
        while (!rest.IsEmpty && _state < State.Complete)
        {
            if (_state is State.SizedBody or State.ChunkData or State.BodyUntilClose)
            {
                int count = _state == State.BodyUntilClose ? rest.Length : (int)Math.Min((ulong)rest.Length, _rest);
                _rest -= _state == State.BodyUntilClose ? 0 : (ulong)count;
                _body!.OnBody(rest.Slice(0, count));
                rest = rest.Slice(count);
                if (_rest == 0 && _state != State.BodyUntilClose)
                {
                    _state = _state == State.ChunkData ? State.ChunkEnd : State.Complete;
                }
            }
            else if (TakeLine(ref rest))
            {
                OnLine(new ReadOnlySpan<byte>(_line, 0, _lineLength));
                if (_state != State.Failed)
                {
                    _lineLength = 0;
                    _isLineCut = false;
                }
            }
        }

        return data.Length - rest.Length;
    }

    /// <summary>The peer has sent all that it had: the end of a body that has no other end.</summary>
    /// <returns>True when the response is complete.</returns>
    public bool ReadEnd()
    {
        if (_state == State.BodyUntilClose)
        {
            _state = State.Complete;
        }

        return _state == State.Complete;
    }

    private void StartHead()
    {
        _state = State.StatusLine;
        _lineLength = 0;
        _isLineCut = false;
        _locationLength = 0;
        _validatorLength = 0;
        _reasonLength = 0;
        HasStrongTag = false;
        _codingLength = 0;
        _challengeLength = 0;
        RetryAfter = null;
        _isChunked = false;
        _hasLength = false;
        _contentLength = 0;
        _rest = 0;
        Status = 0;
        KeepsAlive = false;
        RangeStart = null;
        RangeTotal = null;
    }

    /// <summary>Takes bytes up to LF into the line, without the line's end; false when the data ended before it.</summary>
    private bool TakeLine(scoped ref ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOf((byte)'\n');
        int count = end < 0 ? rest.Length : end + 1;
        int wanted = end < 0 ? count : end;
        int room = Math.Min(wanted, MaximumLine - _lineLength);
        rest.Slice(0, room).CopyTo(_line.AsSpan(_lineLength));
        _lineLength += room;
        _isLineCut |= room < wanted;
        rest = rest.Slice(count);
        _headLength += Math.Min(count, MaximumHead + 1);
        if (_headLength > MaximumHead)
        {
            Fail("endless header fields");
            return false;
        }

        if (end >= 0 && _lineLength > 0 && _line[_lineLength - 1] == '\r' && !_isLineCut)
        {
            _lineLength--;
        }

        return end >= 0;
    }

    private void OnLine(ReadOnlySpan<byte> line)
    {
        switch (_state)
        {
            case State.StatusLine:
                OnStatusLine(line);
                break;
            case State.Fields when line.IsEmpty:
                OnHeadEnd();
                break;
            case State.Fields:
                OnField(line);
                break;
            case State.ChunkSize:
                OnChunkSize(line);
                break;
            case State.ChunkEnd when line.IsEmpty:
                _state = State.ChunkSize;
                break;
            case State.ChunkEnd:
                Fail("a chunk is longer than its size");
                break;
            case State.Trailer when line.IsEmpty:
                _state = State.Complete;
                break;
        }
    }

    /// <summary>"HTTP/1.1 200 OK" (RFC 9112, 4); the text may be missing, with or without its blank.</summary>
    private void OnStatusLine(ReadOnlySpan<byte> line)
    {
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || line[7] - (uint)'0' > 9 || line[8] != ' ' ||
            !AsciiText.TryReadDecimal(line.Slice(9, 3), out ulong status) || status < 100 ||
            (line.Length > 12 && line[12] != ' '))
        {
            Fail("bad status line");
            return;
        }

        Status = (int)status;
        KeepsAlive = line[7] != '0';
        ReadOnlySpan<byte> reason = AsciiText.Trim(line.Slice(12));
        _reasonLength = Math.Min(reason.Length, _reason.Length);
        reason.Slice(0, _reasonLength).CopyTo(_reason);
        _state = State.Fields;
    }

    private void OnField(ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf((byte)':');
        if (colon <= 0 || line[0] is (byte)' ' or (byte)'\t')
        {
            return; // not a field, or a folded line (RFC 9112, 5.2): none that matters here is ever folded
        }

        ReadOnlySpan<byte> name = line.Slice(0, colon);
        ReadOnlySpan<byte> value = AsciiText.Trim(line.Slice(colon + 1));
        if (AsciiText.EqualsIgnoreCase(name, "Content-Length"u8))
        {
            OnContentLength(value);
        }
        else if (AsciiText.EqualsIgnoreCase(name, "Transfer-Encoding"u8))
        {
            OnTransferEncoding(value);
        }
        else if (AsciiText.EqualsIgnoreCase(name, "Connection"u8))
        {
            while (AsciiText.TryCut(ref value, (byte)',', out ReadOnlySpan<byte> token))
            {
                KeepsAlive |= AsciiText.EqualsIgnoreCase(token, "keep-alive"u8);
                KeepsAlive &= !AsciiText.EqualsIgnoreCase(token, "close"u8);
            }
        }
        else if (AsciiText.EqualsIgnoreCase(name, "Location"u8))
        {
            if (value.Length > MaximumLocation || _isLineCut)
            {
                Fail("the redirect's address is too long");
                return;
            }

            value.CopyTo(_location);
            _locationLength = value.Length;
        }
        else if (AsciiText.EqualsIgnoreCase(name, "Content-Encoding"u8))
        {
            while (AsciiText.TryCut(ref value, (byte)',', out ReadOnlySpan<byte> coding))
            {
                if (!coding.IsEmpty && !AsciiText.EqualsIgnoreCase(coding, "identity"u8))
                {
                    _codingLength = Math.Min(coding.Length, _coding.Length);
                    coding.Slice(0, _codingLength).CopyTo(_coding);
                }
            }
        }
        else if (AsciiText.EqualsIgnoreCase(name, "Retry-After"u8))
        {
            RetryAfter = AsciiText.TryReadDecimal(value, out ulong seconds) ? seconds : null;
        }
        else if (AsciiText.EqualsIgnoreCase(name, "WWW-Authenticate"u8) && value.Length <= MaximumChallenge && !Challenge.StartsWith("Digest "u8))
        {
            value.CopyTo(_challenge);
            _challengeLength = value.Length;
        }
        else if (AsciiText.EqualsIgnoreCase(name, "Content-Range"u8))
        {
            OnContentRange(value);
        }
        else if (AsciiText.EqualsIgnoreCase(name, "ETag"u8) && value.Length is >= 2 and <= MaximumValidator && value[0] == '"')
        {
            value.CopyTo(_validator);
            _validatorLength = value.Length;
            HasStrongTag = true;
        }
        else if (AsciiText.EqualsIgnoreCase(name, "Last-Modified"u8) && value.Length <= MaximumValidator && !HasStrongTag)
        {
            value.CopyTo(_validator);
            _validatorLength = value.Length;
        }
    }

    /// <summary>RFC 9110, 8.6: a repeated length must be the same.</summary>
    private void OnContentLength(ReadOnlySpan<byte> value)
    {
        while (AsciiText.TryCut(ref value, (byte)',', out ReadOnlySpan<byte> number))
        {
            if (!AsciiText.TryReadDecimal(number, out ulong length) || (_hasLength && length != _contentLength))
            {
                Fail("bad Content-Length");
                return;
            }

            _contentLength = length;
            _hasLength = true;
        }
    }

    private void OnTransferEncoding(ReadOnlySpan<byte> value)
    {
        while (AsciiText.TryCut(ref value, (byte)',', out ReadOnlySpan<byte> coding))
        {
            if (AsciiText.EqualsIgnoreCase(coding, "chunked"u8))
            {
                _isChunked = true;
            }
            else if (!coding.IsEmpty && !AsciiText.EqualsIgnoreCase(coding, "identity"u8))
            {
                Fail("unknown Transfer-Encoding");
                return;
            }
        }
    }

    /// <summary>"bytes 500-999/1234", "bytes 500-999/*" (RFC 9110, 14.4); anything else says nothing.</summary>
    private void OnContentRange(ReadOnlySpan<byte> value)
    {
        if (!AsciiText.StartsWithIgnoreCase(value, "bytes "u8))
        {
            return;
        }

        ReadOnlySpan<byte> rest = value.Slice(6);
        if (AsciiText.TryCut(ref rest, (byte)'-', out ReadOnlySpan<byte> first) && AsciiText.TryReadDecimal(first, out ulong start) &&
            AsciiText.TryCut(ref rest, (byte)'/', out ReadOnlySpan<byte> last) && AsciiText.TryReadDecimal(last, out ulong end) &&
            end >= start)
        {
            bool hasTotal = AsciiText.TryReadDecimal(AsciiText.Trim(rest), out ulong total);
            RangeStart = hasTotal && total <= end ? null : start;
            RangeTotal = hasTotal ? total : null;
        }
    }

    private void OnHeadEnd()
    {
        if (Status < 200)
        {
            StartHead(); // 100 Continue and its kin: the real one follows (RFC 9110, 15.2)
            return;
        }

        bool isBodiless = Status is 204 or 304;
        KeepsAlive &= isBodiless || _isChunked != _hasLength; // both at once is how requests are smuggled (RFC 9112, 6.3)
        _rest = _contentLength;
        _state = isBodiless ? State.Complete
            : _isChunked ? State.ChunkSize
            : !_hasLength ? State.BodyUntilClose
            : _rest == 0 ? State.Complete
            : State.SizedBody;
        _body!.OnHead(this);
    }

    /// <summary>Hexadecimal, and extensions after ";", which mean nothing here (RFC 9112, 7.1).</summary>
    private void OnChunkSize(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = line;
        AsciiText.TryCut(ref rest, (byte)';', out ReadOnlySpan<byte> number);
        if (!AsciiText.TryReadHexadecimal(number, out _rest))
        {
            Fail("bad chunk size");
            return;
        }

        _headLength -= _rest > 0 ? Math.Min(_headLength, line.Length + 4) : 0; // only lines that bring nothing count
        _state = _rest > 0 ? State.ChunkData : State.Trailer;
    }

    private void Fail(string failure)
    {
        Failure = failure;
        _state = State.Failed;
    }
}
