using System;
using System.Buffers.Binary;

namespace NetBoot.NetworkStack.Wire;

/// <summary>A hello of either end (RFC 5246, 7.4.1; RFC 8446, 4.1), as far as it is read here.</summary>
internal readonly ref struct TlsHello
{
    public const ushort ServerName = 0;
    public const ushort SupportedGroups = 10;
    public const ushort SupportedVersions = 43;
    private const int RandomSize = 32;

    private readonly ReadOnlySpan<byte> _extensions;

    private TlsHello(ushort version, ushort cipher, ReadOnlySpan<byte> extensions)
    {
        Version = version;
        Cipher = cipher;
        _extensions = extensions;
    }

    /// <summary>What a server chose, such as 0x0303 for TLS 1.2; of a client's hello what it says in the place of old.</summary>
    public ushort Version { get; }

    /// <summary>The suite that a server chose; 0 in a client's hello.</summary>
    public ushort Cipher { get; }

    /// <summary>Reads a hello's body.</summary>
    /// <param name="body">Behind the handshake's header.</param>
    /// <param name="isClient">Whose it is.</param>
    /// <param name="hello">It.</param>
    /// <returns>False when its lengths do not fit each other.</returns>
    public static bool TryParse(ReadOnlySpan<byte> body, bool isClient, out TlsHello hello)
    {
        hello = default;
        if (body.Length < 2 + RandomSize)
        {
            return false;
        }

        ushort version = BinaryPrimitives.ReadUInt16BigEndian(body);
        ushort cipher = 0;
        body = body.Slice(2 + RandomSize);
        if (!TryTake(ref body, 1, out _)) // session
        {
            return false;
        }

        if (isClient)
        {
            if (!TryTake(ref body, 2, out _) || !TryTake(ref body, 1, out _)) // ciphers, compression methods
            {
                return false;
            }
        }
        else
        {
            if (body.Length < 3)
            {
                return false;
            }

            cipher = BinaryPrimitives.ReadUInt16BigEndian(body);
            body = body.Slice(3);
        }

        ReadOnlySpan<byte> extensions = default;
        if (!body.IsEmpty && (!TryTake(ref body, 2, out extensions) || !body.IsEmpty))
        {
            return false;
        }

        hello = new TlsHello(version, cipher, extensions);
        if (!isClient && hello.TryFind(SupportedVersions, out ReadOnlySpan<byte> chosen) && chosen.Length == 2)
        {
            hello = new TlsHello(BinaryPrimitives.ReadUInt16BigEndian(chosen), cipher, extensions);
        }

        return true;
    }

    /// <summary>Whether it carries an extension.</summary>
    public bool Has(ushort type) => TryFind(type, out _);

    private bool TryFind(ushort type, out ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> rest = _extensions;
        content = default;
        while (rest.Length >= 4)
        {
            ushort found = BinaryPrimitives.ReadUInt16BigEndian(rest);
            rest = rest.Slice(2);
            if (!TryTake(ref rest, 2, out content))
            {
                return false;
            }

            if (found == type)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes a vector off the front, whose length stands before it in one or two bytes.</summary>
    private static bool TryTake(scoped ref ReadOnlySpan<byte> rest, int lengthSize, out ReadOnlySpan<byte> vector)
    {
        vector = default;
        if (rest.Length < lengthSize)
        {
            return false;
        }

        int length = lengthSize == 1 ? rest[0] : BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (rest.Length < lengthSize + length)
        {
            return false;
        }

        vector = rest.Slice(lengthSize, length);
        rest = rest.Slice(lengthSize + length);
        return true;
    }
}
