namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A DHCPv6 packet as it was on the wire. UEFI 2.10, 24.3.1.</summary>
public unsafe struct EFI_PXE_BASE_CODE_DHCPV6_PACKET
{
    /// <summary>The message type in the lowest 8 bits, the transaction id in the others.</summary>
    public uint MessageTypeAndTransactionId;

    /// <summary>The options; they go on to the end of <see cref="EFI_PXE_BASE_CODE_PACKET"/>.</summary>
    public fixed byte DhcpOptions[1024];
}
