namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A piece of a frame to transmit. UEFI 2.10, 25.1 (Transmit).</summary>
public unsafe struct EFI_MANAGED_NETWORK_FRAGMENT_DATA
{
    /// <summary>Bytes of the piece.</summary>
    public uint FragmentLength;

    /// <summary>The caller's, and left alone until the token is done.</summary>
    public void* FragmentBuffer;
}
