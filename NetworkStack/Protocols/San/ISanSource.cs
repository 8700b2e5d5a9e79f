using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.San;

/// <summary>What a <see cref="SanCache"/> reads from.</summary>
internal unsafe interface ISanSource
{
    /// <summary>Reads bytes; returns when all are there, or with what went wrong.</summary>
    /// <param name="start">Of the disk, a multiple of <see cref="SanCache.LineSize"/> or of the disk's blocks.</param>
    /// <param name="length">As the start; not beyond the disk's end, where that is known.</param>
    /// <param name="to">Room for them.</param>
    EFI_STATUS Fetch(ulong start, ulong length, byte* to);
}
