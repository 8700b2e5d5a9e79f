using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Xen.Store;

/// <summary>
/// Messages in xenstore's rings (Xen, public/io/xs_wire.h): one request at a time and its answer, and between them events. Everything that
/// comes from the store is checked; nothing is waited for longer than <see cref="AnswerTime"/>.
/// </summary>
/// <remarks>
/// What a request that was given up has left in the rings (half of it not yet said, its answer not yet heard) is gone through by the next
/// one, and by <see cref="Drain"/>, so that whoever uses the rings next finds them between two messages.
/// </remarks>
internal abstract class XenStoreConnection
{
    /// <summary>How long an answer may take, in microseconds.</summary>
    public const uint AnswerTime = 5_000_000;

    // { u32 type, u32 id, u32 transaction, u32 length }, and the payload.
    private const int HeaderSize = 16;
    private const int IdOffset = 4;
    private const int TransactionOffset = 8;
    private const int LengthOffset = 12;
    private const int MaximumPayload = 4096;
    private const uint Step = 10;

    private readonly XenStoreRing _ring;
    private readonly byte[] _request = new byte[HeaderSize + MaximumPayload];
    private readonly byte[] _response = new byte[HeaderSize + MaximumPayload];
    private int _requestLength;
    private int _requestSent;
    private int _responseLength;
    private EFI_STATUS _building;
    private uint _unanswered;
    private uint _lastId;
    private bool _isBroken;

    protected XenStoreConnection(XenStoreRing ring)
    {
        _ring = ring;
        _lastId = (uint)Machine.ReadCounter(); // What an earlier user left unanswered is not to be taken for ours.
    }

    /// <summary>What the store answered to the last request.</summary>
    public XenStoreError Error { get; private set; }

    /// <summary>The payload of the request that is being made.</summary>
    protected ReadOnlySpan<byte> Payload => new(_request, HeaderSize, Math.Max(0, _requestLength - HeaderSize));

    private bool IsBroken => _isBroken || _ring.IsBroken;

    /// <summary>What is watched has changed; at most <see cref="MaximumPayload"/> bytes, which nobody has looked at.</summary>
    protected abstract void OnEvent(ReadOnlySpan<byte> payload);

    /// <summary>Begins a request; an earlier one that is not yet in the ring goes there first.</summary>
    protected void Begin(XenStoreOperation operation, uint transaction)
    {
        for (uint waited = 0; waited < AnswerTime && !IsBroken && !TrySend(); waited += Step)
        {
            Receive(0);
            Firmware.Stall(Step);
        }

        _building = IsBroken ? EFI_STATUS.EFI_DEVICE_ERROR
            : _requestSent < _requestLength ? EFI_STATUS.EFI_TIMEOUT : EFI_STATUS.EFI_SUCCESS;
        if (!_building.IsError)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_request, (uint)operation);
            BinaryPrimitives.WriteUInt32LittleEndian(_request.AsSpan(TransactionOffset), transaction);
            _requestLength = HeaderSize;
            _requestSent = HeaderSize; // Nothing to send while it is being made.
        }
    }

    protected void Append(ReadOnlySpan<byte> bytes)
    {
        if (!_building.IsError && bytes.Length > _request.Length - _requestLength)
        {
            _building = EFI_STATUS.EFI_BAD_BUFFER_SIZE;
        }

        if (!_building.IsError)
        {
            bytes.CopyTo(_request.AsSpan(_requestLength));
            _requestLength += bytes.Length;
            _requestSent = _requestLength;
        }
    }

    protected void Append(byte value) => Append(new ReadOnlySpan<byte>(in value));

    /// <summary>A number as text, ended by a zero byte.</summary>
    protected void Append(uint number)
    {
        Span<byte> digits = stackalloc byte[XenNumber.MaximumDigits];
        Append(digits.Slice(0, XenNumber.Format(number, digits)));
        Append((byte)0);
    }

    /// <summary>A name in a directory, either of which may be empty, ended by a zero byte.</summary>
    protected void AppendPath(ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name)
    {
        Append(directory);
        if (!directory.IsEmpty && !name.IsEmpty)
        {
            Append((byte)'/');
        }

        Append(name);
        Append((byte)0);
    }

    /// <summary>Sends the request, and waits for its answer.</summary>
    /// <param name="answer">What comes behind the answer's header; valid until the next request.</param>
    /// <returns>The nearest status to <see cref="Error"/>; EFI_TIMEOUT; EFI_PROTOCOL_ERROR for an answer to something else.</returns>
    protected EFI_STATUS Exchange(out ReadOnlySpan<byte> answer)
    {
        answer = default;
        Error = XenStoreError.Unknown;
        if (_building.IsError)
        {
            return _building;
        }

        uint operation = BinaryPrimitives.ReadUInt32LittleEndian(_request);
        uint id = ++_lastId;
        BinaryPrimitives.WriteUInt32LittleEndian(_request.AsSpan(IdOffset), id);
        BinaryPrimitives.WriteUInt32LittleEndian(_request.AsSpan(LengthOffset), (uint)(_requestLength - HeaderSize));
        _requestSent = 0;
        _unanswered++;
        for (uint waited = 0; waited < AnswerTime; waited += Step)
        {
            TrySend();
            if (Receive(id))
            {
                answer = _response.AsSpan(HeaderSize, LengthOfResponse);
                return Judge(BinaryPrimitives.ReadUInt32LittleEndian(_response), operation, answer);
            }

            if (IsBroken)
            {
                return EFI_STATUS.EFI_DEVICE_ERROR;
            }

            Firmware.Stall(Step);
        }

        return EFI_STATUS.EFI_TIMEOUT;
    }

    /// <summary>Hears the events that have come in.</summary>
    protected void Receive() => Receive(0);

    /// <summary>Goes through what requests that were given up have left: says them to their end, and takes their answers out.</summary>
    /// <returns>False when the store does not do its part in time.</returns>
    public bool Drain()
    {
        for (uint waited = 0; waited < AnswerTime && !IsBroken; waited += Step)
        {
            bool isSent = TrySend();
            Receive(0);
            if (isSent && _unanswered == 0 && _responseLength == 0)
            {
                return true;
            }

            Firmware.Stall(Step);
        }

        return false;
    }

    private int LengthOfResponse => (int)BinaryPrimitives.ReadUInt32LittleEndian(_response.AsSpan(LengthOffset));

    private bool TrySend()
    {
        if (_requestSent < _requestLength && !_ring.IsReconnecting)
        {
            _requestSent += _ring.Write(_request.AsSpan(_requestSent, _requestLength - _requestSent));
        }

        return _requestSent == _requestLength;
    }

    /// <summary>Takes messages out of the ring: all that are there, or up to the answer with this number.</summary>
    private bool Receive(uint awaited)
    {
        while (TryReceiveMessage())
        {
            _responseLength = 0;
            if (BinaryPrimitives.ReadUInt32LittleEndian(_response) == (uint)XenStoreOperation.WatchEvent)
            {
                OnEvent(_response.AsSpan(HeaderSize, LengthOfResponse));
                continue;
            }

            // An answer to a request that was given up is thrown away.
            _unanswered -= Math.Min(_unanswered, 1);
            if (awaited != 0 && BinaryPrimitives.ReadUInt32LittleEndian(_response.AsSpan(IdOffset)) == awaited)
            {
                return true;
            }
        }

        return false;
    }

    private bool TryReceiveMessage()
    {
        while (!IsBroken)
        {
            int wanted = HeaderSize;
            if (_responseLength >= HeaderSize)
            {
                uint length = BinaryPrimitives.ReadUInt32LittleEndian(_response.AsSpan(LengthOffset));
                if (length > MaximumPayload)
                {
                    _isBroken = true; // Where the next message begins is not known.
                    return false;
                }

                wanted += (int)length;
                if (_responseLength == wanted)
                {
                    return true;
                }
            }

            int count = _ring.Read(_response.AsSpan(_responseLength, wanted - _responseLength));
            if (count == 0)
            {
                return false;
            }

            _responseLength += count;
        }

        return false;
    }

    private EFI_STATUS Judge(uint type, uint operation, ReadOnlySpan<byte> answer)
    {
        if (type == operation)
        {
            Error = XenStoreError.None;
            return EFI_STATUS.EFI_SUCCESS;
        }

        if (type != (uint)XenStoreOperation.Error)
        {
            return EFI_STATUS.EFI_PROTOCOL_ERROR;
        }

        Error = XenStoreErrors.Parse(answer);
        return XenStoreErrors.ToStatus(Error);
    }
}
