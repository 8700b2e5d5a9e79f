using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>
/// Protocols that are on a handle together or not at all: what InstallMultipleProtocolInterfaces is to C, which C# cannot call.
/// </summary>
public sealed unsafe class ProtocolSet(int capacity)
{
    private readonly EFI_GUID[] _guids = new EFI_GUID[capacity];
    private readonly nint[] _interfaces = new nint[capacity];
    private int _count;
    private EFI_HANDLE _handle;

    /// <summary>Where the protocols are installed.</summary>
    public EFI_HANDLE Handle => _handle;

    /// <summary>Adds one, before the set is installed. The interface is pool memory and stays the caller's.</summary>
    public void Add<T>(T* instance) where T : unmanaged, IProtocol
    {
        _guids[_count] = T.Guid;
        _interfaces[_count] = (nint)instance;
        _count++;
    }

    /// <summary>Installs all, in the order in which they were added, on the handle or, when it is null, on a new one.</summary>
    public EFI_STATUS Install(EFI_HANDLE handle)
    {
        _handle = handle;
        for (int i = 0; i < _count; i++)
        {
            EFI_STATUS status = Install(i);
            if (status.IsError)
            {
                while (i-- > 0)
                {
                    Uninstall(i);
                }

                return status;
            }
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>
    /// Takes all away, the last one first; firmware disconnects the drivers that use them. When one of those will not let go, all
    /// protocols are where they were.
    /// </summary>
    public EFI_STATUS Uninstall()
    {
        for (int i = _count; i-- > 0;)
        {
            EFI_STATUS status = Uninstall(i);
            if (status.IsError)
            {
                while (++i < _count)
                {
                    Install(i);
                }

                return status;
            }
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    private EFI_STATUS Install(int i)
    {
        EFI_HANDLE handle = _handle;
        EFI_GUID guid = _guids[i];
        EFI_STATUS status = Firmware.BootServices->InstallProtocolInterface(
            &handle, &guid, EFI_INTERFACE_TYPE.EFI_NATIVE_INTERFACE, (void*)_interfaces[i]);
        if (!status.IsError)
        {
            _handle = handle;
        }

        return status;
    }

    private EFI_STATUS Uninstall(int i)
    {
        EFI_GUID guid = _guids[i];
        return Firmware.BootServices->UninstallProtocolInterface(_handle, &guid, (void*)_interfaces[i]);
    }
}
