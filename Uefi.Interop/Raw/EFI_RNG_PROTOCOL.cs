namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Random numbers. UEFI 2.10, 37.5.</summary>
public unsafe struct EFI_RNG_PROTOCOL : IProtocol
{
    /// <summary>EFI_RNG_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x3152BCA5, 0xEADE, 0x433D, 0x86, 0x2E, 0xC0, 0x1C, 0xDC, 0x29, 0x1F, 0x44);

    /// <summary>What comes from the source of entropy itself, without a generator.</summary>
    public static EFI_GUID EFI_RNG_ALGORITHM_RAW => new(0xE43176D7, 0xB6E8, 0x4827, 0xB7, 0x84, 0x7F, 0xFD, 0xC4, 0xB6, 0x85, 0x61);

    /// <summary>
    /// The algorithms there are, the default first; EFI_BUFFER_TOO_SMALL tells the size that the list takes. (This, RNGAlgorithmListSize in
    /// bytes, RNGAlgorithmList)
    /// </summary>
    public delegate* unmanaged<EFI_RNG_PROTOCOL*, nuint*, EFI_GUID*, EFI_STATUS> GetInfo;

    /// <summary>
    /// Random bytes; EFI_NOT_READY when there are not enough yet. (This, RNGAlgorithm or null for the default, RNGValueLength, RNGValue)
    /// </summary>
    public delegate* unmanaged<EFI_RNG_PROTOCOL*, EFI_GUID*, nuint, byte*, EFI_STATUS> GetRNG;
}
