using System;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>CHAP both ways (RFC 7143, 12.1.3; RFC 1994). Computes in an arena of its own, which is empty again afterwards.</summary>
internal sealed class IscsiChap(IscsiInitiator initiator, IscsiPath path, RandomSource random) : IDisposable
{
    /// <summary>RFC 7143, 12.1.3: bytes of a challenge at most.</summary>
    private const int MaximumChallenge = 1024;
    private const int OwnChallenge = 16;
    private const int MaximumDigest = 32;

    private readonly Arena _arena = Arena.Create();
    private readonly byte[] _challenge = new byte[OwnChallenge];
    private byte _number;
    private HashAlgorithm _algorithm;

    /// <summary>Algorithms by number: MD5, SHA-1, SHA-256. Targets take the first that they know, and tgt takes 7 for SHA-1.</summary>
    public static ReadOnlySpan<byte> Algorithms => "5,6,7"u8;

    /// <summary>The target has to prove itself.</summary>
    public bool IsMutual => initiator.ReverseUser is not null;

    /// <summary>There is a name to prove, and what to compute with.</summary>
    public bool IsPossible => path.User is not null && initiator.Hashes is not null;

    /// <summary>Answers the target's challenge.</summary>
    /// <param name="text">All that the target said.</param>
    /// <param name="answer">Gets our keys.</param>
    /// <returns>What is wrong with the challenge, or null.</returns>
    public string? Answer(ReadOnlySpan<byte> text, scoped ref IscsiTextWriter answer)
    {
        Span<byte> challenge = stackalloc byte[MaximumChallenge];
        int length = -1;
        ulong algorithm = 0;
        ulong number = 256;
        while (IscsiText.TryRead(ref text, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            if (key.SequenceEqual("CHAP_A"u8))
            {
                IscsiText.TryReadNumber(value, out algorithm);
            }
            else if (key.SequenceEqual("CHAP_I"u8) && !IscsiText.TryReadNumber(value, out number))
            {
                number = 256;
            }
            else if (key.SequenceEqual("CHAP_C"u8))
            {
                length = IscsiText.ReadBytes(value, challenge);
            }
        }

        if (algorithm is not (5 or 6 or 7))
        {
            return "it chose an algorithm for CHAP that it was not offered";
        }

        if (number > 255 || length < 1)
        {
            return "its challenge for CHAP makes no sense";
        }

        _algorithm = algorithm == 5 ? HashAlgorithm.Md5 : algorithm == 6 ? HashAlgorithm.Sha1 : HashAlgorithm.Sha256;
        Span<byte> digest = stackalloc byte[MaximumDigest];
        int size = Compute((byte)number, path.Password ?? "", challenge.Slice(0, length), digest);
        answer.Add("CHAP_N"u8, path.User!);
        answer.AddBytes("CHAP_R"u8, digest.Slice(0, size));
        if (IsMutual)
        {
            _number = (byte)random.Next32();
            for (int i = 0; i < _challenge.Length; i++)
            {
                _challenge[i] = (byte)random.Next32();
            }

            answer.Add("CHAP_I"u8, _number);
            answer.AddBytes("CHAP_C"u8, _challenge);
        }

        return null;
    }

    /// <summary>Whether the target has proved who it is.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? Check(ReadOnlySpan<byte> text)
    {
        if (!IsMutual)
        {
            return null;
        }

        Span<byte> response = stackalloc byte[MaximumDigest];
        int length = -1;
        bool isNameRight = false;
        while (IscsiText.TryRead(ref text, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            if (key.SequenceEqual("CHAP_N"u8))
            {
                isNameRight = IsName(value);
            }
            else if (key.SequenceEqual("CHAP_R"u8))
            {
                length = IscsiText.ReadBytes(value, response);
            }
        }

        if (length < 0)
        {
            return "the target did not prove who it is (mutual CHAP)";
        }

        Span<byte> digest = stackalloc byte[MaximumDigest];
        int size = Compute(_number, initiator.ReversePassword ?? "", _challenge, digest);
        return !isNameRight ? "the target proved another name than reverse-username (mutual CHAP)"
            : !digest.Slice(0, size).SequenceEqual(response.Slice(0, length)) ? "the target's proof is wrong: another reverse-password (mutual CHAP)"
            : null;
    }

    public void Dispose() => _arena.Dispose();

    private bool IsName(ReadOnlySpan<byte> value)
    {
        string name = initiator.ReverseUser!;
        bool isSame = value.Length == name.Length;
        for (int i = 0; isSame && i < value.Length; i++)
        {
            isSame = value[i] == name[i];
        }

        return isSame;
    }

    private int Compute(byte number, string secret, ReadOnlySpan<byte> challenge, Span<byte> digest)
    {
        int size;
        using (_arena.Enter())
        {
            byte[] all = new byte[1 + secret.Length + challenge.Length];
            all[0] = number;
            for (int i = 0; i < secret.Length; i++)
            {
                all[1 + i] = (byte)secret[i];
            }

            challenge.CopyTo(new Span<byte>(all, 1 + secret.Length, challenge.Length));
            byte[] result = initiator.Hashes!.Hash(_algorithm, all);
            size = Math.Min(result.Length, digest.Length);
            result.AsSpan(0, size).CopyTo(digest);
        }

        _arena.Reset();
        return size;
    }
}
