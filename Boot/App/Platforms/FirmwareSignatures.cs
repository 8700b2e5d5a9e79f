using System;
using System.Runtime.CompilerServices;
using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>Verifies signatures by the firmware's own means (UEFI 2.10, 37.4), where it has them.</summary>
internal static unsafe class FirmwareSignatures
{
    private const int OwnerSize = 16; // EFI_SIGNATURE_DATA's SignatureOwner: nobody here.

    /// <inheritdoc cref="Platform.VerifySignature"/>
    public static Error? Verify(Image image, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> root)
    {
        EFI_PKCS7_VERIFY_PROTOCOL* verifier = Firmware.Locate<EFI_PKCS7_VERIFY_PROTOCOL>();
        if (verifier == null)
        {
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, "this firmware cannot verify signatures (it has no EFI_PKCS7_VERIFY_PROTOCOL)");
        }

        int size = sizeof(EFI_SIGNATURE_LIST) + OwnerSize + root.Length;
        byte* memory = (byte*)Pool.Allocate((nuint)size);
        if (memory == null)
        {
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, "not enough memory");
        }

        new Span<byte>(memory, size - root.Length).Clear();
        root.CopyTo(new Span<byte>(memory + size - root.Length, root.Length));
        Unsafe.WriteUnaligned(memory, new EFI_SIGNATURE_LIST
        {
            SignatureType = EFI_SIGNATURE_LIST.EFI_CERT_X509_GUID,
            SignatureListSize = (uint)size,
            SignatureSize = (uint)(OwnerSize + root.Length),
        });
        EFI_SIGNATURE_LIST** allowed = stackalloc EFI_SIGNATURE_LIST*[2] { (EFI_SIGNATURE_LIST*)memory, null };
        nuint contentSize = 0;
        EFI_STATUS status;
        fixed (byte* data = signature)
        {
            status = verifier->VerifyBuffer(
                verifier, data, (nuint)signature.Length, image.Content.Pointer, (nuint)image.Content.Length, allowed, null, null, null, &contentSize);
        }

        Pool.Free(memory);
        return status.IsError ? new Error(status, Explain(status)) : null;
    }

    // Firmware tells a wrong signature and one of a kind that it does not know apart by neither status.
    private static string Explain(EFI_STATUS status) =>
        status == EFI_STATUS.EFI_SECURITY_VIOLATION || status == EFI_STATUS.EFI_COMPROMISED_DATA
            ? "the signature is not of this file, or of a kind that the firmware does not know"
            : TextBuilder.Format($"the firmware cannot verify the signature: {status}");
}
