namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Is told of what the PXE base code of its handle waits for, and may end it. UEFI 2.10, 24.4.</summary>
public unsafe struct EFI_PXE_BASE_CODE_CALLBACK_PROTOCOL : IProtocol
{
    /// <summary>The only revision.</summary>
    public const ulong EFI_PXE_BASE_CODE_CALLBACK_PROTOCOL_REVISION = 0x00010000;

    /// <summary>EFI_PXE_BASE_CODE_CALLBACK_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x245DCA21, 0xFB7B, 0x11D3, 0x8F, 0x01, 0x00, 0xA0, 0xC9, 0x69, 0x72, 0x3B);

    /// <summary>EFI_PXE_BASE_CODE_CALLBACK_PROTOCOL_REVISION.</summary>
    public ulong Revision;

    /// <summary>
    /// Says whether to go on. Received is a BOOLEAN; PacketLen is 0 while a packet is waited for. (This, Function, Received, PacketLen, Packet or null)
    /// </summary>
    public delegate* unmanaged<
        EFI_PXE_BASE_CODE_CALLBACK_PROTOCOL*, EFI_PXE_BASE_CODE_FUNCTION, byte, uint, EFI_PXE_BASE_CODE_PACKET*, EFI_PXE_BASE_CODE_CALLBACK_STATUS>
        Callback;
}
