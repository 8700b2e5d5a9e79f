using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Walks over the blocks of a text (RFC 7468, 2): "-----BEGIN CERTIFICATE-----", Base64, "-----END CERTIFICATE-----".</summary>
public ref struct PemReader(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _body;

    /// <summary>What is behind the block.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; } = text;

    /// <summary>What the block says that it is: "CERTIFICATE".</summary>
    public ReadOnlySpan<byte> Label { get; private set; }

    /// <summary>Moves to the next block; false when there is none, or its end is not there.</summary>
    public bool Read()
    {
        int begin = Rest.IndexOf("-----BEGIN "u8);
        if (begin < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = Rest.Slice(begin + 11);
        int label = rest.IndexOf("-----"u8);
        int body = label < 0 ? -1 : rest.Slice(label + 5).IndexOf("-----END "u8);
        if (body < 0)
        {
            return false;
        }

        Label = rest.Slice(0, label);
        _body = rest.Slice(label + 5, body);
        Rest = rest.Slice(label + 5 + body + 9);
        return true;
    }

    /// <summary>The block's bytes, in the current arena; null when they are not Base64 (of an encrypted key there are words in front).</summary>
    public readonly byte[]? Decode()
    {
        char[] digits = new char[_body.Length];
        int padding = 0;
        int count = 0;
        foreach (byte b in _body)
        {
            if (b is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                padding += b == (byte)'=' ? 1 : 0;
                digits[count++] = (char)b;
            }
        }

        byte[] bytes = new byte[Math.Max(count / 4 * 3 - padding, 0)];
        return Convert.TryFromBase64Chars(new ReadOnlySpan<char>(digits, 0, count), bytes, out int length) && length == bytes.Length ? bytes : null;
    }
}
