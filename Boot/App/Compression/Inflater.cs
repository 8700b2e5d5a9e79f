using System;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Compression;

/// <summary>
/// Decompresses DEFLATE (RFC 1951). What comes out goes on in pieces of the window's size, so that a target may move while it grows; how much
/// comes out only the target limits.
/// </summary>
/// <param name="input">The compressed bytes.</param>
/// <param name="length">How many there are, with whatever follows them.</param>
/// <param name="start">Where the first block is.</param>
public sealed unsafe class Inflater(byte* input, ulong length, ulong start)
{
    /// <summary>The longest distance (RFC 1951, 3.2.5).</summary>
    private const int WindowSize = 32768;

    /// <summary>The user is asked after so many bytes whether to go on.</summary>
    private const ulong TurnSize = 1 << 20;

    private const int LiteralCodes = 288;
    private const int DistanceCodes = 30;
    private const int LengthCodes = 29;
    private const int EndOfBlock = 256;

    private readonly byte[] _window = new byte[WindowSize];
    private readonly byte[] _lengths = new byte[LiteralCodes + 32];
    private readonly HuffmanDecoder _literals = new(LiteralCodes);
    private readonly HuffmanDecoder _distances = new(32);

    private ulong _at = start;
    private ulong _bits;
    private int _bitCount;
    private int _filled;
    private ulong _flushed;
    private DownloadTarget _to = null!;
    private Checksum _checksum = null!;
    private EventLoop _loop = null!;
    private Error? _error;

    /// <summary>The first byte that was not used.</summary>
    public ulong Position => _at - (ulong)(_bitCount / 8);

    /// <summary>Bytes that came out.</summary>
    public ulong Produced => _flushed + (ulong)_filled;

    private static ReadOnlySpan<ushort> LengthBases =>
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    private static ReadOnlySpan<byte> LengthBits =>
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    private static ReadOnlySpan<ushort> DistanceBases =>
    [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385,
        24577,
    ];

    /// <summary>In which order the lengths of the code length code are stored (RFC 1951, 3.2.7).</summary>
    private static ReadOnlySpan<byte> CodeLengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    /// <summary>Decompresses to the end of the last block.</summary>
    /// <param name="to">Was begun; gets what comes out.</param>
    /// <param name="checksum">Takes what comes out.</param>
    /// <param name="loop">Turns now and then, and stops the work when the user does.</param>
    /// <returns>What is wrong with the data, with the byte at which that was seen; or the target's error.</returns>
    public Error? Run(DownloadTarget to, Checksum checksum, EventLoop loop)
    {
        _to = to;
        _checksum = checksum;
        _loop = loop;
        bool isLast = false;
        while (!isLast && TryTake(3, out int header))
        {
            isLast = (header & 1) != 0;
            bool isDone = (header >> 1) switch
            {
                0 => Store(),
                1 => BuildFixed() && Expand(),
                2 => BuildDynamic() && Expand(),
                _ => Fail("a block of no known type"),
            };
            if (!isDone)
            {
                break;
            }
        }

        if (_error is null)
        {
            Flush();
        }

        return _error;
    }

    /// <summary>A block that is not compressed (RFC 1951, 3.2.4).</summary>
    private bool Store()
    {
        _at = Position;
        _bits = 0;
        _bitCount = 0;
        if (!TryTake(16, out int count) || !TryTake(16, out int complement))
        {
            return false;
        }

        if ((count ^ complement) != 0xFFFF)
        {
            return Fail("a stored block's two lengths do not agree");
        }

        _at = Position;
        _bits = 0;
        _bitCount = 0;
        if ((ulong)count > length - _at)
        {
            return Fail("the data ends too early");
        }

        for (; count > 0; count--)
        {
            if (!Put(input[_at++]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The codes of RFC 1951, 3.2.6.</summary>
    private bool BuildFixed()
    {
        Span<byte> lengths = _lengths;
        lengths.Slice(0, 144).Fill(8);
        lengths.Slice(144, 112).Fill(9);
        lengths.Slice(256, 24).Fill(7);
        lengths.Slice(280, 8).Fill(8);
        lengths.Slice(LiteralCodes, 32).Fill(5);
        return _literals.TryBuild(lengths.Slice(0, LiteralCodes)) && _distances.TryBuild(lengths.Slice(LiteralCodes, 32));
    }

    /// <summary>Reads a block's own codes (RFC 1951, 3.2.7).</summary>
    private bool BuildDynamic()
    {
        if (!TryTake(5, out int literals) || !TryTake(5, out int distances) || !TryTake(4, out int codeLengths))
        {
            return false;
        }

        literals += 257;
        distances += 1;
        if (literals > LiteralCodes - 2 || distances > DistanceCodes)
        {
            return Fail("more codes than there are");
        }

        Span<byte> lengths = _lengths;
        lengths.Slice(0, CodeLengthOrder.Length).Clear();
        for (int i = 0; i < codeLengths + 4; i++)
        {
            if (!TryTake(3, out int each))
            {
                return false;
            }

            lengths[CodeLengthOrder[i]] = (byte)each;
        }

        // The code of the code lengths is needed no more when the literals' is built.
        if (!_literals.TryBuild(lengths.Slice(0, CodeLengthOrder.Length)))
        {
            return Fail("the code of the code lengths is none");
        }

        int count = literals + distances;
        int at = 0;
        while (at < count)
        {
            if (!TryDecode(_literals, out int symbol))
            {
                return false;
            }

            int repeat = 1;
            byte value = (byte)symbol;
            if (symbol >= 16)
            {
                if (symbol == 16 && at == 0)
                {
                    return Fail("a repeated code length, but none before it");
                }

                value = symbol == 16 ? lengths[at - 1] : (byte)0;
                if (!TryTake(symbol == 16 ? 2 : symbol == 17 ? 3 : 7, out repeat))
                {
                    return false;
                }

                repeat += symbol == 18 ? 11 : 3;
            }

            if (repeat > count - at)
            {
                return Fail("more code lengths than codes");
            }

            lengths.Slice(at, repeat).Fill(value);
            at += repeat;
        }

        return lengths[EndOfBlock] == 0 ? Fail("a block without an end")
            : !_literals.TryBuild(lengths.Slice(0, literals)) ? Fail("the code of the literals is none")
            : _distances.TryBuild(lengths.Slice(literals, distances)) || Fail("the code of the distances is none");
    }

    /// <summary>Literals and references to what came before (RFC 1951, 3.2.3), with the codes that were built.</summary>
    private bool Expand()
    {
        while (TryDecode(_literals, out int symbol))
        {
            if (symbol < EndOfBlock)
            {
                if (!Put((byte)symbol))
                {
                    return false;
                }

                continue;
            }

            if (symbol == EndOfBlock)
            {
                return true;
            }

            symbol -= EndOfBlock + 1;
            if (symbol >= LengthCodes)
            {
                return Fail("a length that is none");
            }

            if (!TryTake(LengthBits[symbol], out int count) || !TryDecode(_distances, out int code))
            {
                return false;
            }

            if (code >= DistanceCodes)
            {
                return Fail("a distance that is none");
            }

            if (!TryTake(code < 4 ? 0 : code / 2 - 1, out int distance))
            {
                return false;
            }

            count += LengthBases[symbol];
            distance += DistanceBases[code];
            if ((ulong)distance > Produced)
            {
                return Fail("a reference to before the beginning");
            }

            for (; count > 0; count--)
            {
                if (!Put(_window[(_filled - distance) & (WindowSize - 1)]))
                {
                    return false;
                }
            }
        }

        return false;
    }

    private bool Put(byte value)
    {
        _window[_filled++] = value;
        return _filled < WindowSize || Flush();
    }

    /// <summary>Hands on what the window has; its content stays for references.</summary>
    private bool Flush()
    {
        ReadOnlySpan<byte> piece = new(_window, 0, _filled);
        _checksum.Update(piece);
        _error = _to.Write(piece);
        _flushed += (ulong)_filled;
        _filled = 0;
        if (_error is null && _flushed % TurnSize == 0 && !_loop.RunOnce())
        {
            _error = new Error(EFI_STATUS.EFI_ABORTED, "interrupted");
        }

        return _error is null;
    }

    private bool TryDecode(HuffmanDecoder code, out int symbol)
    {
        Fill();
        symbol = code.Decode(_bits, out int size);
        return symbol < 0 ? Fail("a code that is none") : Drop(size);
    }

    private bool TryTake(int count, out int value)
    {
        Fill();
        value = (int)_bits & ((1 << count) - 1);
        return Drop(count);
    }

    private bool Drop(int count)
    {
        if (count > _bitCount)
        {
            return Fail("the data ends too early");
        }

        _bits >>= count;
        _bitCount -= count;
        return true;
    }

    /// <summary>Has at least 57 bits ready, or all that are left.</summary>
    private void Fill()
    {
        while (_bitCount <= 56 && _at < length)
        {
            _bits |= (ulong)input[_at++] << _bitCount;
            _bitCount += 8;
        }
    }

    private bool Fail(string what)
    {
        _error = new Error(EFI_STATUS.EFI_COMPROMISED_DATA, TextBuilder.Format($"byte {Position}: {what}"));
        return false;
    }
}
