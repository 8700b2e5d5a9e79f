using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Options;

/// <summary>
/// Makes boot options of applications in the firmware volume that the running image is in: at the end of the order, and only those to
/// which no option leads. So nothing of the user's own order changes, and an option that was moved or switched off stays so.
/// </summary>
/// <remarks>
/// Which applications: a raw section of the image's own file holds their GUIDs. A firmware that has no order yet (its very first start)
/// makes one from what it finds, behind which ours go when it starts the first option: else they would be the first.
/// </remarks>
public sealed unsafe class VolumeBootOptions : FaultDomain
{
    private static VolumeBootOptions? s_self;

    private Event? _readyToBoot;

    public override string Name => "boot options";

    /// <summary>What the entry point does.</summary>
    public static EFI_STATUS Start(EFI_HANDLE image, EFI_SYSTEM_TABLE* table)
    {
        VolumeBootOptions self = new();
        s_self = self;
        EFI_STATUS status = FirmwareEntry.Run(self, 0, ref self, &Start);
        if (status.IsError)
        {
            self._readyToBoot?.Dispose();
            s_self = null;
        }

        return status;
    }

    private static EFI_STATUS Start(ref VolumeBootOptions self)
    {
        EFI_LOADED_IMAGE_PROTOCOL* loaded = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(Firmware.ImageHandle);
        if (loaded == null)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        bool hasOrder;
        using (Arena scratch = Arena.Create())
        {
            using (scratch.Enter())
            {
                hasOrder = BootOptions.HasOrder;
            }
        }

        if (hasOrder)
        {
            self.Add();
        }
        else
        {
            using (Arena.OfImage.Enter())
            {
                self._readyToBoot = Event.CreateInGroup(
                    EFI_EVENT_GROUP.EFI_EVENT_GROUP_READY_TO_BOOT, EFI_TPL.TPL_CALLBACK, self, self.Add, out EFI_STATUS status);
                if (status.IsError)
                {
                    return status;
                }
            }
        }

        loaded->Unload = &OnUnload;
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS OnUnload(EFI_HANDLE image)
    {
        if (s_self is null || image != Firmware.ImageHandle)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        s_self._readyToBoot?.Dispose();
        s_self = null;
        Arena.OfImage.Dispose();
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>Adds what is missing, from the image's own file. Nothing is said when that is not there: firmware has no one to say it to.</summary>
    private void Add()
    {
        using Arena scratch = Arena.Create();
        using (scratch.Enter())
        {
            EFI_LOADED_IMAGE_PROTOCOL* loaded = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(Firmware.ImageHandle);
            if (loaded == null)
            {
                return;
            }

            EFI_FIRMWARE_VOLUME2_PROTOCOL* volume = Firmware.Get<EFI_FIRMWARE_VOLUME2_PROTOCOL>(loaded->DeviceHandle);
            if (volume == null || !TryFindFile(loaded->FilePath, out EFI_GUID own))
            {
                return;
            }

            ReadOnlySpan<byte> volumePath = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(loaded->DeviceHandle));
            using PoolBuffer<byte> list = ReadSection(volume, own, EFI_FIRMWARE_VOLUME2_PROTOCOL.EFI_SECTION_RAW);
            for (int at = 0; at + sizeof(EFI_GUID) <= list.Count; at += sizeof(EFI_GUID))
            {
                ReadOnlySpan<byte> file = list.Span.Slice(at, sizeof(EFI_GUID));
                byte[] path = new DevicePathBuilder().Path(volumePath)
                    .Node(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, MEDIA_FW_VOL_FILEPATH_DEVICE_PATH.MEDIA_PIWG_FW_FILE_DP, file).ToArray();
                if (!BootOptions.Has(path))
                {
                    BootOptions.Append(NameOf(volume, MemoryMarshal.Read<EFI_GUID>(file)), path);
                }
            }
        }
    }

    /// <summary>The file that an image was loaded from, as its path within the volume says.</summary>
    private static bool TryFindFile(EFI_DEVICE_PATH_PROTOCOL* path, out EFI_GUID file)
    {
        foreach (DevicePathNode node in new DevicePathReader(DevicePath.Measure(path)))
        {
            if (node.Is(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, MEDIA_FW_VOL_FILEPATH_DEVICE_PATH.MEDIA_PIWG_FW_FILE_DP, sizeof(EFI_GUID)))
            {
                file = MemoryMarshal.Read<EFI_GUID>(node.Data);
                return true;
            }
        }

        file = default;
        return false;
    }

    /// <summary>What the file is called for people.</summary>
    private static string NameOf(EFI_FIRMWARE_VOLUME2_PROTOCOL* volume, EFI_GUID file)
    {
        using PoolBuffer<byte> name = ReadSection(volume, file, EFI_FIRMWARE_VOLUME2_PROTOCOL.EFI_SECTION_USER_INTERFACE);
        ReadOnlySpan<char> text = MemoryMarshal.Cast<byte, char>(name.Span);
        int end = text.IndexOf('\0');
        return end <= 0 ? "NetBoot" : new string(text.Slice(0, end));
    }

    private static PoolBuffer<byte> ReadSection(EFI_FIRMWARE_VOLUME2_PROTOCOL* volume, EFI_GUID file, byte type)
    {
        void* content = null;
        nuint size = 0;
        uint authentication = 0;
        EFI_STATUS status = volume->ReadSection(volume, &file, type, 0, &content, &size, &authentication);
        return status.IsError || size > int.MaxValue ? default : new PoolBuffer<byte>((byte*)content, (int)size);
    }
}
