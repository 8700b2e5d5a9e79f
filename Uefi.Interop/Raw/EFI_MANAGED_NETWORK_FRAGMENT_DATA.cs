namespace Uefi.Interop.Raw;

/// <summary>A piece of a frame to transmit. UEFI 2.10, 25.1 (Transmit).</summary>
public unsafe struct EFI_MANAGED_NETWORK_FRAGMENT_DATA
{
    public uint FragmentLength;
    public void* FragmentBuffer;
}
