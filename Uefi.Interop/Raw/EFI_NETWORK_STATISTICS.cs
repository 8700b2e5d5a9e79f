namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Counters; one that is not kept has all bits set. UEFI 2.10, 24.1.9 (Statistics).</summary>
public struct EFI_NETWORK_STATISTICS
{
    /// <summary>Frames received, those with errors and those that were dropped too.</summary>
    public ulong RxTotalFrames;

    /// <summary>Frames received without error and kept.</summary>
    public ulong RxGoodFrames;

    /// <summary>Received frames shorter than the medium's minimum.</summary>
    public ulong RxUndersizeFrames;

    /// <summary>Received frames longer than the medium's maximum.</summary>
    public ulong RxOversizeFrames;

    /// <summary>Received frames that found no free buffer.</summary>
    public ulong RxDroppedFrames;

    /// <summary>Good frames to one station.</summary>
    public ulong RxUnicastFrames;

    /// <summary>Good frames to all.</summary>
    public ulong RxBroadcastFrames;

    /// <summary>Good frames to a group.</summary>
    public ulong RxMulticastFrames;

    /// <summary>Received frames with a wrong CRC or alignment.</summary>
    public ulong RxCrcErrorFrames;

    /// <summary>Bytes of all received frames, media headers included.</summary>
    public ulong RxTotalBytes;

    /// <summary>Frames given for transmission.</summary>
    public ulong TxTotalFrames;

    /// <summary>Frames transmitted without error.</summary>
    public ulong TxGoodFrames;

    /// <summary>Frames to transmit that were below the medium's minimum.</summary>
    public ulong TxUndersizeFrames;

    /// <summary>Frames to transmit that were above the medium's maximum.</summary>
    public ulong TxOversizeFrames;

    /// <summary>Frames that were not transmitted.</summary>
    public ulong TxDroppedFrames;

    /// <summary>Frames transmitted to one station.</summary>
    public ulong TxUnicastFrames;

    /// <summary>Frames transmitted to all.</summary>
    public ulong TxBroadcastFrames;

    /// <summary>Frames transmitted to a group.</summary>
    public ulong TxMulticastFrames;

    /// <summary>Frames transmitted with a wrong CRC or alignment.</summary>
    public ulong TxCrcErrorFrames;

    /// <summary>Bytes of all transmitted frames, media headers included.</summary>
    public ulong TxTotalBytes;

    /// <summary>Collisions on the subnet.</summary>
    public ulong Collisions;

    /// <summary>Received frames of a protocol that nobody takes.</summary>
    public ulong UnsupportedProtocol;

    /// <summary>Received frames that were there already.</summary>
    public ulong RxDuplicatedFrames;

    /// <summary>Received frames that could not be decrypted.</summary>
    public ulong RxDecryptErrorFrames;

    /// <summary>Frames whose transmission failed after all retries.</summary>
    public ulong TxErrorFrames;

    /// <summary>Frames that were transmitted more than once.</summary>
    public ulong TxRetryFrames;
}
