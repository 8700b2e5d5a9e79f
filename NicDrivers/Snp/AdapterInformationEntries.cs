using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Snp;

/// <summary>
/// EFI_ADAPTER_INFORMATION_PROTOCOL (UEFI 2.10, 11.12) beside the SNP, with one type of information: the media state.
/// </summary>
internal static unsafe class AdapterInformationEntries
{
    public static void Fill(EFI_ADAPTER_INFORMATION_PROTOCOL* protocol)
    {
        protocol->GetInformation = &GetInformation;
        protocol->SetInformation = &SetInformation;
        protocol->GetSupportedTypes = &GetSupportedTypes;
    }

    private struct Call
    {
        public SimpleNetwork Network;
        public void* Block;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetInformation(EFI_ADAPTER_INFORMATION_PROTOCOL* self, EFI_GUID* type, void** block, nuint* size)
    {
        if (self == null || type == null || block == null || size == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (*type != EFI_ADAPTER_INFO_MEDIA_STATE.Guid)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        Call call = new() { Network = ProtocolInstance<EFI_ADAPTER_INFORMATION_PROTOCOL>.OwnerOf<SimpleNetwork>(self) };
        EFI_STATUS status = FirmwareEntry.Run(call.Network.Device, SimpleNetwork.Tpl, ref call, &GetMediaState);
        if (!status.IsError)
        {
            *block = call.Block;
            *size = (nuint)sizeof(EFI_ADAPTER_INFO_MEDIA_STATE);
        }

        return status;
    }

    private static EFI_STATUS GetMediaState(ref Call call)
    {
        EFI_ADAPTER_INFO_MEDIA_STATE* block = Pool.Allocate<EFI_ADAPTER_INFO_MEDIA_STATE>();
        if (block == null)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        block->MediaState = call.Network.MediaState();
        call.Block = block;
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetInformation(EFI_ADAPTER_INFORMATION_PROTOCOL* self, EFI_GUID* type, void* block, nuint size)
    {
        if (self == null || type == null || block == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        return *type == EFI_ADAPTER_INFO_MEDIA_STATE.Guid ? EFI_STATUS.EFI_WRITE_PROTECTED : EFI_STATUS.EFI_UNSUPPORTED;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetSupportedTypes(EFI_ADAPTER_INFORMATION_PROTOCOL* self, EFI_GUID** types, nuint* count)
    {
        if (self == null || types == null || count == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        EFI_GUID* list = Pool.Allocate<EFI_GUID>();
        if (list == null)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        list[0] = EFI_ADAPTER_INFO_MEDIA_STATE.Guid;
        *types = list;
        *count = 1;
        return EFI_STATUS.EFI_SUCCESS;
    }
}
