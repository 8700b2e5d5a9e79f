using System;
using System.Runtime.CompilerServices;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// Walks over values of ASN.1's distinguished encoding (X.690, 8.1 and 10.1): a tag of one byte, a length that is stated, the content. What is
/// inside a value is walked over by a reader of its own.
/// </summary>
public ref struct DerReader(ReadOnlySpan<byte> values)
{
    /// <summary>BOOLEAN.</summary>
    public const byte Boolean = 0x01;

    /// <summary>INTEGER.</summary>
    public const byte Integer = 0x02;

    /// <summary>BIT STRING.</summary>
    public const byte BitString = 0x03;

    /// <summary>OCTET STRING.</summary>
    public const byte OctetString = 0x04;

    /// <summary>OBJECT IDENTIFIER.</summary>
    public const byte ObjectIdentifier = 0x06;

    /// <summary>UTF8String.</summary>
    public const byte Utf8String = 0x0C;

    /// <summary>PrintableString.</summary>
    public const byte PrintableString = 0x13;

    /// <summary>TeletexString, which people take for Latin-1.</summary>
    public const byte TeletexString = 0x14;

    /// <summary>IA5String: ASCII.</summary>
    public const byte IA5String = 0x16;

    /// <summary>UTCTime.</summary>
    public const byte UtcTime = 0x17;

    /// <summary>GeneralizedTime.</summary>
    public const byte GeneralizedTime = 0x18;

    /// <summary>BMPString: UCS-2.</summary>
    public const byte BmpString = 0x1E;

    /// <summary>SEQUENCE.</summary>
    public const byte Sequence = 0x30;

    /// <summary>SET.</summary>
    public const byte Set = 0x31;

    private const int LongTag = 0x1F;
    private const int LongLength = 0x80;
    private const int MaximumLengthBytes = 3; // No certificate has 16 MiB.

    /// <summary>What was not read yet.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; } = values;

    /// <summary>Class, form and number, as they are encoded.</summary>
    public byte Tag { get; private set; }

    /// <summary>The value's content.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The value with its tag and length.</summary>
    public ReadOnlySpan<byte> Whole { get; private set; }

    /// <summary>There was something that is no value; nothing behind it is read.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>The tag of a context's own number (X.690, 8.1.2), its content as it is.</summary>
    /// <param name="number">0 to 30.</param>
    public static byte Context(int number) => (byte)(0x80 | number);

    /// <summary>The same, its content values.</summary>
    /// <param name="number">0 to 30.</param>
    public static byte ContextConstructed(int number) => (byte)(0xA0 | number);

    /// <summary>Moves to the next value; false when there is none.</summary>
    public bool Read()
    {
        ReadOnlySpan<byte> rest = Rest;
        Rest = default;
        if (rest.IsEmpty)
        {
            return false;
        }

        if (rest.Length < 2 || (rest[0] & LongTag) == LongTag)
        {
            IsDamaged = true;
            return false;
        }

        int start = 2;
        int length = rest[1];
        if (length >= LongLength)
        {
            int count = length - LongLength;
            length = 0;
            if (count is 0 or > MaximumLengthBytes || rest.Length - start < count)
            {
                IsDamaged = true;
                return false;
            }

            for (; count > 0; count--)
            {
                length = (length << 8) | rest[start++];
            }
        }

        if (rest.Length - start < length)
        {
            IsDamaged = true;
            return false;
        }

        Tag = rest[0];
        Value = rest.Slice(start, length);
        Whole = rest.Slice(0, start + length);
        Rest = rest.Slice(start + length);
        return true;
    }

    /// <summary>Moves to the next value, which has to have a tag; false, and damaged, when it has not, or there is none.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool Read(byte tag)
    {
        bool isThere = Read() && Tag == tag;
        IsDamaged |= !isThere;
        return isThere;
    }

    /// <summary>Whether the next value has a tag.</summary>
    public readonly bool IsNext(byte tag) => !Rest.IsEmpty && Rest[0] == tag;
}
