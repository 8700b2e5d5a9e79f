using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop.DriverModel;

/// <summary>
/// A boot-service driver image: its entry point installs the drivers and returns, its unload function takes them away.
/// UEFI 2.10, 2.5, 11.1, 9.1 (Unload) and 11.13 (EFI_DRIVER_SUPPORTED_EFI_VERSION_PROTOCOL).
/// </summary>
public sealed unsafe class DriverImage : FaultDomain
{
    private static DriverImage? s_image;

    private readonly Arena _arena;
    private DriverSet? _drivers;
    private EFI_DRIVER_SUPPORTED_EFI_VERSION_PROTOCOL* _version;

    private DriverImage(Arena arena) => _arena = arena;

    /// <inheritdoc/>
    public override string Name => "driver image";

    /// <summary>What the entry point of a driver image does, all of it. When it fails, the caller disposes the image's arena.</summary>
    /// <param name="image">As firmware gave it.</param>
    /// <param name="table">As firmware gave it.</param>
    /// <param name="create">Makes the drivers, in the image's arena.</param>
    public static EFI_STATUS Start(EFI_HANDLE image, EFI_SYSTEM_TABLE* table, delegate*<Driver[]> create)
    {
        if (!Firmware.Initialize(image, table))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Arena arena = Arena.OfImage;
        using (arena.Enter())
        {
            s_image = new DriverImage(arena);
        }

        StartArguments arguments = new() { Image = s_image, Create = create };
        EFI_STATUS status = FirmwareEntry.Run(s_image, 0, ref arguments, &Start);
        if (status.IsError)
        {
            FirmwareEntry.Undo(s_image, 0, ref arguments, &UndoStart);
            s_image = null;
        }

        return status;
    }

    private struct StartArguments
    {
        public DriverImage Image;
        public delegate*<Driver[]> Create;
    }

    private static EFI_STATUS Start(ref StartArguments arguments)
    {
        DriverImage self = arguments.Image;
        EFI_LOADED_IMAGE_PROTOCOL* loaded = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(Firmware.ImageHandle);
        if (loaded == null)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        EFI_STATUS status = self.InstallVersion();
        if (status.IsError)
        {
            return status;
        }

        using (self._arena.Enter())
        {
            self._drivers = new DriverSet(arguments.Create());
            status = self._drivers.Install();
        }

        if (!status.IsError)
        {
            loaded->Unload = &OnUnload;
        }

        return status;
    }

    private static EFI_STATUS UndoStart(ref StartArguments arguments) => arguments.Image.Stop();

    [UnmanagedCallersOnly]
    private static EFI_STATUS OnUnload(EFI_HANDLE image)
    {
        DriverImage? self = s_image;
        if (self is null || image != Firmware.ImageHandle)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        StartArguments arguments = new() { Image = self };
        EFI_STATUS status = FirmwareEntry.Undo(self, 0, ref arguments, &UndoStart);
        if (!status.IsError)
        {
            s_image = null;
            self._arena.Dispose();
        }

        return status;
    }

    // All or nothing, and from the last step to the first.
    private EFI_STATUS Stop()
    {
        if (_drivers is not null)
        {
            EFI_STATUS status = _drivers.Uninstall();
            if (status.IsError)
            {
                return status;
            }

            _drivers = null;
        }

        if (_version != null)
        {
            Firmware.Uninstall(Firmware.ImageHandle, _version);
            Pool.Free(_version);
            _version = null;
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    private EFI_STATUS InstallVersion()
    {
        EFI_DRIVER_SUPPORTED_EFI_VERSION_PROTOCOL* version = Pool.Allocate<EFI_DRIVER_SUPPORTED_EFI_VERSION_PROTOCOL>();
        if (version == null)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        version->Length = (uint)sizeof(EFI_DRIVER_SUPPORTED_EFI_VERSION_PROTOCOL);
        version->FirmwareVersion = EFI_SYSTEM_TABLE.EFI_2_100_SYSTEM_TABLE_REVISION;
        EFI_HANDLE handle = Firmware.ImageHandle;
        EFI_STATUS status = Firmware.Install(ref handle, version);
        if (status.IsError)
        {
            Pool.Free(version);
            return status;
        }

        _version = version;
        return EFI_STATUS.EFI_SUCCESS;
    }
}
