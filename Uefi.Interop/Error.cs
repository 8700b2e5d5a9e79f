using System.Runtime.CompilerServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>
/// Why an operation failed: a status for programs and a sentence for people that names what and where
/// ("TFTP 192.0.2.1: file not found: /pxe/kernel (error 1)"). Functions that can fail return <c>Error?</c>, null for
/// success. It lives in the arena that was current when it was made (see <see cref="Arena"/>).
/// </summary>
[method: MethodImpl(MethodImplOptions.NoInlining)] // Images have hundreds of them.
public sealed class Error(EFI_STATUS status, string message)
{
    /// <summary>For programs: never EFI_SUCCESS.</summary>
    public EFI_STATUS Status { get; } = status;

    /// <summary>For people: a sentence without a full stop, that names what and where.</summary>
    public string Message { get; } = message;

    /// <summary>The <see cref="Message"/>.</summary>
    public override string ToString() => Message;
}
