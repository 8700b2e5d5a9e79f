using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Signatures in the cryptographic message syntax (RFC 5652, 5.1): a view. None is checked.</summary>
public readonly ref struct CmsSignature
{
    /// <summary>id-signedData (RFC 5652, 5.1).</summary>
    private static ReadOnlySpan<byte> SignedData => [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];

    private CmsSignature(ReadOnlySpan<byte> values, out bool isGood)
    {
        DerReader body = new(values);
        body.Read(DerReader.Integer);
        body.Read(DerReader.Set);
        body.Read(DerReader.Sequence);
        DerReader content = new(body.Value);
        content.Read(DerReader.ObjectIdentifier);
        IsDetached = content.Rest.IsEmpty;
        Certificates = body.IsNext(DerReader.ContextConstructed(0)) && body.Read() ? body.Value : default;
        if (body.IsNext(DerReader.ContextConstructed(1)))
        {
            body.Read();
        }

        body.Read(DerReader.Set);
        Signers = body.Value;
        isGood = !body.IsDamaged;
    }

    /// <summary>What was signed is not inside.</summary>
    public readonly bool IsDetached;

    /// <summary>The certificates that come with it, in any order, a value each.</summary>
    public readonly ReadOnlySpan<byte> Certificates;

    /// <summary>Who signed it, for <see cref="CmsSigner"/>, a value each.</summary>
    public readonly ReadOnlySpan<byte> Signers;

    /// <summary>Reads it; false when it is none, or anything is behind it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out CmsSignature signature)
    {
        signature = default;
        DerReader file = new(bytes);
        if (!file.Read(DerReader.Sequence) || !file.Rest.IsEmpty)
        {
            return false;
        }

        DerReader message = new(file.Value);
        if (!message.Read(DerReader.ObjectIdentifier) || !message.Value.SequenceEqual(SignedData) || !message.Read(DerReader.ContextConstructed(0)))
        {
            return false;
        }

        DerReader content = new(message.Value);
        content.Read(DerReader.Sequence);
        signature = new CmsSignature(content.Value, out bool isGood);
        return isGood;
    }
}
