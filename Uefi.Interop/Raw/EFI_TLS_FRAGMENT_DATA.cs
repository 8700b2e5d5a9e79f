namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A piece of what ProcessPacket takes or gives. UEFI 2.10, 28.10.2.</summary>
public unsafe struct EFI_TLS_FRAGMENT_DATA
{
    /// <summary>Bytes of the piece.</summary>
    public uint FragmentLength;

    /// <summary>Where they are.</summary>
    public void* FragmentBuffer;
}
