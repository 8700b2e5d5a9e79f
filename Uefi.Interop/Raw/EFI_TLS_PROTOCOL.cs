namespace NetBoot.Uefi.Interop.Raw;

/// <summary>One TLS session as a state machine: records go in and come out, and the caller carries them. UEFI 2.10, 28.10.2.</summary>
public unsafe struct EFI_TLS_PROTOCOL : IProtocol
{
    /// <summary>EFI_TLS_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x00CA959F, 0x6CFA, 0x4DB1, 0x95, 0xBC, 0xE4, 0x6C, 0x47, 0x51, 0x43, 0x90);

    /// <summary>
    /// Sets what the session is to be; EFI_NOT_READY once it has begun, but for its state. (This, DataType, Data, DataSize)
    /// </summary>
    public delegate* unmanaged<EFI_TLS_PROTOCOL*, EFI_TLS_SESSION_DATA_TYPE, void*, nuint, EFI_STATUS> SetSessionData;

    /// <summary>Tells what the session is; EFI_BUFFER_TOO_SMALL with the size that it takes. (This, DataType, Data, DataSize)</summary>
    public delegate* unmanaged<EFI_TLS_PROTOCOL*, EFI_TLS_SESSION_DATA_TYPE, void*, nuint*, EFI_STATUS> GetSessionData;

    /// <summary>
    /// Takes a record of a handshake or an alert, and gives the records to be sent in answer, if any; without a record it gives the ClientHello, or
    /// in the states that say so close_notify or an alert. EFI_BUFFER_TOO_SMALL with the size: to be called again with the same. (This,
    /// RequestBuffer, RequestSize, Buffer, BufferSize)
    /// </summary>
    public delegate* unmanaged<EFI_TLS_PROTOCOL*, byte*, nuint, byte*, nuint*, EFI_STATUS> BuildResponsePacket;

    /// <summary>
    /// Enciphers or deciphers records of application data. The table that comes back, and what it points to, are of the pool and the caller's; the
    /// table that was given stays the caller's. A plain record has its length in the order of the processor. (This, FragmentTable, FragmentCount,
    /// CryptMode)
    /// </summary>
    public delegate* unmanaged<EFI_TLS_PROTOCOL*, EFI_TLS_FRAGMENT_DATA**, uint*, EFI_TLS_CRYPT_MODE, EFI_STATUS> ProcessPacket;
}
