namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>VMBus's control messages. Each begins with its type and 4 bytes of zero; those that are not here are not used here.</summary>
internal enum MessageType : uint
{
    /// <summary>From the host: see <see cref="ChannelOffer"/>.</summary>
    OfferChannel = 1,

    /// <summary>From the host: channel.</summary>
    RescindChannelOffer = 2,

    RequestOffers = 3,

    /// <summary>From the host.</summary>
    AllOffersDelivered = 4,

    /// <summary>Channel, open id, GPADL of the rings, target processor, page of the host's ring, 120 bytes for the class.</summary>
    OpenChannel = 5,

    /// <summary>From the host: channel, open id, status.</summary>
    OpenChannelResult = 6,

    /// <summary>Channel.</summary>
    CloseChannel = 7,

    /// <summary>Channel, GPADL, u16 size of all ranges, u16 their number; a range: bytes, offset, u64 frame numbers.</summary>
    GpadlHeader = 8,

    /// <summary>Number of the message, GPADL, more frame numbers.</summary>
    GpadlBody = 9,

    /// <summary>From the host: channel, GPADL, status.</summary>
    GpadlCreated = 10,

    /// <summary>Channel, GPADL.</summary>
    GpadlTeardown = 11,

    /// <summary>From the host: GPADL.</summary>
    GpadlTorndown = 12,

    /// <summary>Channel: the host may use its number again.</summary>
    RelIdReleased = 13,

    /// <summary>Version, target processor, u64 interrupt page, u64 monitor pages from and to the host.</summary>
    InitiateContact = 14,

    /// <summary>From the host: u8 supported, u8 state of the connection.</summary>
    VersionResponse = 15,

    Unload = 16,

    /// <summary>From the host.</summary>
    UnloadComplete = 17,
}
