using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>
/// A verifier of signatures (UEFI 2.10, 37.4), which checks what it is given as the specification has it, and leaves the verdict on signature, content
/// and root to the test.
/// </summary>
public sealed unsafe class SimulatedSignatureVerifier
{
    public SimulatedSignatureVerifier(SimulatedFirmware firmware)
    {
        EFI_PKCS7_VERIFY_PROTOCOL* verifier = firmware.Allocate<EFI_PKCS7_VERIFY_PROTOCOL>(this);
        verifier->VerifyBuffer = &VerifyBuffer;
        firmware.Install(default, verifier);
    }

    /// <summary>Signature, content and root, all in DER but the content.</summary>
    public Func<byte[], byte[], byte[], EFI_STATUS> OnVerify { get; set; } = (_, _, _) => EFI_STATUS.EFI_SUCCESS;

    private EFI_STATUS Verify(void* signature, nuint signatureSize, void* data, nuint dataSize, EFI_SIGNATURE_LIST** allowed)
    {
        if (signature == null || signatureSize == 0 || data == null || allowed == null || *allowed == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        EFI_SIGNATURE_LIST* list = *allowed;
        if (list->SignatureListSize != (uint)sizeof(EFI_SIGNATURE_LIST) + list->SignatureHeaderSize + list->SignatureSize ||
            list->SignatureType != EFI_SIGNATURE_LIST.EFI_CERT_X509_GUID || allowed[1] != null)
        {
            return EFI_STATUS.EFI_ABORTED;
        }

        ReadOnlySpan<byte> all = new(list, (int)list->SignatureListSize);
        byte[] root = all[(sizeof(EFI_SIGNATURE_LIST) + (int)list->SignatureHeaderSize + sizeof(EFI_GUID))..].ToArray();
        return OnVerify(new ReadOnlySpan<byte>(signature, (int)signatureSize).ToArray(), new ReadOnlySpan<byte>(data, (int)dataSize).ToArray(), root);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS VerifyBuffer(
        EFI_PKCS7_VERIFY_PROTOCOL* self, void* signature, nuint signatureSize, void* data, nuint dataSize, EFI_SIGNATURE_LIST** allowed,
        EFI_SIGNATURE_LIST** revoked, EFI_SIGNATURE_LIST** timeStamps, void* content, nuint* contentSize) =>
        ProtocolInstance<EFI_PKCS7_VERIFY_PROTOCOL>.OwnerOf<SimulatedSignatureVerifier>(self).Verify(signature, signatureSize, data, dataSize, allowed);
}
