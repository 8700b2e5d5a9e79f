using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>What a login agrees on for full feature phase (RFC 7143, 13); begins with the defaults.</summary>
internal sealed class IscsiAgreement
{
    /// <summary>What we take: our data goes where it belongs as it comes, so that its length matters little.</summary>
    public const int OwnSegment = 256 * 1024;
    private const uint OwnBurst = 1024 * 1024;
    private const uint OwnFirstBurst = 64 * 1024;
    private const uint LargestSegment = (1 << 24) - 1;

    public bool HasHeaderDigest { get; private set; }
    public bool HasDataDigest { get; private set; }

    /// <summary>Bytes of data in a PDU that the target takes.</summary>
    public uint Segment { get; private set; }

    /// <summary>Bytes that are asked for at once.</summary>
    public uint Burst { get; private set; }

    /// <summary>Bytes that may be sent without being asked for.</summary>
    public uint FirstBurst { get; private set; }

    /// <summary>Nothing but immediate data is sent without being asked for.</summary>
    public bool IsInitialR2T { get; private set; }

    /// <summary>A command may bring data.</summary>
    public bool HasImmediateData { get; private set; }

    public void Reset()
    {
        HasHeaderDigest = false;
        HasDataDigest = false;
        Segment = IscsiPdu.DefaultSegment;
        Burst = 262144;
        FirstBurst = 65536;
        IsInitialR2T = true;
        HasImmediateData = true;
    }

    public static void Offer(scoped ref IscsiTextWriter text)
    {
        ReadOnlySpan<byte> digests = "None,CRC32C"u8; // TCP's checksum does, unless the target thinks otherwise.
        text.Add("HeaderDigest"u8, digests);
        text.Add("DataDigest"u8, digests);
        text.Add("MaxRecvDataSegmentLength"u8, OwnSegment);
        text.Add("MaxBurstLength"u8, OwnBurst);
        text.Add("FirstBurstLength"u8, OwnFirstBurst);
        text.Add("InitialR2T"u8, "No"u8);
        text.Add("ImmediateData"u8, "Yes"u8);
        text.Add("MaxOutstandingR2T"u8, 1);
        text.Add("MaxConnections"u8, 1);
        text.Add("ErrorRecoveryLevel"u8, 0);
        text.Add("DataPDUInOrder"u8, "Yes"u8);
        text.Add("DataSequenceInOrder"u8, "Yes"u8);
        text.Add("DefaultTime2Wait"u8, 2);
        text.Add("DefaultTime2Retain"u8, 0);
    }

    /// <summary>Takes one answer, or says that a key is not understood.</summary>
    /// <returns>False for a value that we did not offer.</returns>
    public bool Take(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, scoped ref IscsiTextWriter answer)
    {
        if (value.SequenceEqual("NotUnderstood"u8) || value.SequenceEqual("Irrelevant"u8) || value.SequenceEqual("Reject"u8))
        {
            return true; // What it was before holds.
        }

        if (key.SequenceEqual("HeaderDigest"u8))
        {
            HasHeaderDigest = value.SequenceEqual("CRC32C"u8);
            return HasHeaderDigest || value.SequenceEqual("None"u8);
        }

        if (key.SequenceEqual("DataDigest"u8))
        {
            HasDataDigest = value.SequenceEqual("CRC32C"u8);
            return HasDataDigest || value.SequenceEqual("None"u8);
        }

        if (key.SequenceEqual("InitialR2T"u8) || key.SequenceEqual("ImmediateData"u8))
        {
            bool isYes = value.SequenceEqual("Yes"u8);
            if (key[0] == 'I' && key[1] == 'n')
            {
                IsInitialR2T = isYes;
            }
            else
            {
                HasImmediateData = isYes;
            }

            return isYes || value.SequenceEqual("No"u8);
        }

        if (key.SequenceEqual("DataPDUInOrder"u8) || key.SequenceEqual("DataSequenceInOrder"u8))
        {
            return value.SequenceEqual("Yes"u8);
        }

        bool isNumber = IscsiText.TryReadNumber(value, out ulong number);
        if (key.SequenceEqual("MaxRecvDataSegmentLength"u8))
        {
            Segment = (uint)Math.Min(number, LargestSegment);
            return isNumber && number is >= 512 and <= LargestSegment;
        }

        if (key.SequenceEqual("MaxBurstLength"u8))
        {
            Burst = (uint)Math.Min(number, OwnBurst);
            return isNumber && number is >= 512 and <= OwnBurst;
        }

        if (key.SequenceEqual("FirstBurstLength"u8))
        {
            FirstBurst = (uint)Math.Min(number, OwnFirstBurst);
            return isNumber && number is >= 512 and <= OwnFirstBurst;
        }

        if (key.SequenceEqual("MaxOutstandingR2T"u8) || key.SequenceEqual("MaxConnections"u8))
        {
            return isNumber && number == 1;
        }

        if (key.SequenceEqual("ErrorRecoveryLevel"u8) || key.SequenceEqual("DefaultTime2Retain"u8))
        {
            return isNumber && number == 0;
        }

        if (key.SequenceEqual("DefaultTime2Wait"u8))
        {
            return isNumber && number <= 3600;
        }

        if (!key.SequenceEqual("TargetPortalGroupTag"u8) && !key.SequenceEqual("TargetAlias"u8) && !key.SequenceEqual("AuthMethod"u8))
        {
            answer.Add(key, "NotUnderstood"u8);
        }

        return true;
    }
}
