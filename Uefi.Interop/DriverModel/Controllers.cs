using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop.DriverModel;

/// <summary>Who drives which controller, and changing that (UEFI 2.10, 7.3.12 and 7.3.13).</summary>
public static unsafe class Controllers
{
    private const int MaximumDrivers = 64;

    /// <summary>Lets the given drivers try first, in this order, then all others that firmware knows.</summary>
    /// <param name="controller">The controller.</param>
    /// <param name="drivers">Handles with EFI_DRIVER_BINDING_PROTOCOL, at most 64; none: in firmware's own order.</param>
    /// <param name="recursive">Whether children, and the children of those, are connected too.</param>
    /// <returns>EFI_NOT_FOUND when no driver was connected.</returns>
    public static EFI_STATUS Connect(EFI_HANDLE controller, ReadOnlySpan<EFI_HANDLE> drivers, bool recursive)
    {
        EFI_HANDLE* list = stackalloc EFI_HANDLE[MaximumDrivers + 1];
        if (drivers.Length > MaximumDrivers)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        for (int i = 0; i < drivers.Length; i++)
        {
            list[i] = drivers[i];
        }

        list[drivers.Length] = default;
        return Firmware.BootServices->ConnectController(
            controller, drivers.IsEmpty ? null : list, null, recursive ? (byte)1 : (byte)0);
    }

    /// <summary>Stops a driver (null: every driver) on a controller, with its children or, if a child is given, only that one.</summary>
    public static EFI_STATUS Disconnect(EFI_HANDLE controller, EFI_HANDLE driver, EFI_HANDLE child = default) =>
        Firmware.BootServices->DisconnectController(controller, driver, child);

    /// <summary>The agent that has protocol <typeparamref name="T"/> of the controller open BY_DRIVER, or a null handle.</summary>
    public static EFI_HANDLE FindDriver<T>(EFI_HANDLE controller) where T : unmanaged, IProtocol
    {
        using PoolBuffer<EFI_OPEN_PROTOCOL_INFORMATION_ENTRY> openings = Firmware.Openings<T>(controller);
        foreach (EFI_OPEN_PROTOCOL_INFORMATION_ENTRY each in openings.Span)
        {
            if ((each.Attributes & EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER) != 0)
            {
                return each.AgentHandle;
            }
        }

        return default;
    }

    /// <summary>Whether a driver has made the child of the controller, on whichever of the controller's protocols.</summary>
    public static bool HasChild(EFI_HANDLE controller, EFI_HANDLE driver, EFI_HANDLE child)
    {
        EFI_GUID** protocols = null;
        nuint count = 0;
        if (Firmware.BootServices->ProtocolsPerHandle(controller, &protocols, &count).IsError)
        {
            return false;
        }

        bool found = false;
        for (nuint i = 0; i < count; i++)
        {
            nuint openings = 0;
            EFI_OPEN_PROTOCOL_INFORMATION_ENTRY* entries = null;
            if (Firmware.BootServices->OpenProtocolInformation(controller, protocols[i], &entries, &openings).IsError)
            {
                continue;
            }

            for (nuint each = 0; each < openings; each++)
            {
                found |= entries[each].AgentHandle == driver && entries[each].ControllerHandle == child &&
                    (entries[each].Attributes & EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER) != 0;
            }

            Firmware.BootServices->FreePool(entries);
        }

        Firmware.BootServices->FreePool(protocols);
        return found;
    }
}
