using System.Collections.Generic;
using System.Linq;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>
/// ConnectController and DisconnectController (UEFI 2.10, 7.3.12 and 7.3.13), with what the specification asks of drivers (11.1) checked at
/// each call: Supported changes nothing, neither does a Start that fails, and after Stop the controller is nobody's.
/// </summary>
internal sealed unsafe class DriverConnector(SimulatedFirmware firmware)
{
    private const uint ByChildController = EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER;
    private const uint ByDriver = EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER;

    private HandleDatabase Handles => firmware.Handles;

    public EFI_STATUS Connect(EFI_HANDLE controller, EFI_HANDLE* first, EFI_DEVICE_PATH_PROTOCOL* remaining, bool recursive)
    {
        if (!Handles.IsValid(controller))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        EFI_STATUS status = ConnectOne(controller, Candidates(first), remaining);
        if (recursive)
        {
            foreach (EFI_HANDLE child in Children(controller))
            {
                if (Handles.IsValid(child))
                {
                    Connect(child, null, null, recursive: true);
                }
            }
        }

        return status;
    }

    /// <summary>The children of a controller, whichever driver made them.</summary>
    public IReadOnlyList<EFI_HANDLE> Children(EFI_HANDLE controller) =>
        [.. Handles.Openings(controller).Where(each => (each.Attributes & ByChildController) != 0).Select(each => each.Controller).Distinct()];

    // In this order: the drivers that the caller lists, then all by version, the higher first.
    private List<EFI_HANDLE> Candidates(EFI_HANDLE* first)
    {
        IReadOnlyList<EFI_HANDLE> all = Handles.With(EFI_DRIVER_BINDING_PROTOCOL.Guid);
        List<EFI_HANDLE> ordered = [];
        for (; first != null && !first->IsNull; first++)
        {
            EFI_HANDLE listed = *first;
            ordered.AddRange(all.Where(each => each == listed || Binding(each)->ImageHandle == listed));
        }

        ordered.AddRange(all.OrderByDescending(each => Binding(each)->Version));
        return [.. ordered.Distinct()];
    }

    private EFI_STATUS ConnectOne(EFI_HANDLE controller, List<EFI_HANDLE> candidates, EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        bool started = false;
        bool found;
        do
        {
            found = false;
            foreach (EFI_HANDLE driver in candidates)
            {
                EFI_DRIVER_BINDING_PROTOCOL* binding = Binding(driver);
                if (binding != null && Handles.IsValid(controller) && IsSupported(binding, controller, remaining))
                {
                    found = true;
                    candidates.Remove(driver);
                    started |= Start(binding, controller, remaining);
                    break;
                }
            }
        }
        while (found);
        bool endsHere = remaining != null && remaining->Type == EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE;
        return started || endsHere ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_NOT_FOUND;
    }

    private bool IsSupported(EFI_DRIVER_BINDING_PROTOCOL* binding, EFI_HANDLE controller, EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        Footprint before = new(firmware);
        nuint tpl = firmware.Events.Tpl;
        EFI_STATUS status = binding->Supported(binding, controller, remaining);
        firmware.Events.ExpectTpl(tpl, "Supported");
        before.ExpectUnchanged("Supported");
        return !status.IsError;
    }

    private bool Start(EFI_DRIVER_BINDING_PROTOCOL* binding, EFI_HANDLE controller, EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        Footprint before = new(firmware);
        nuint tpl = firmware.Events.Tpl;
        EFI_STATUS status = binding->Start(binding, controller, remaining);
        firmware.Events.ExpectTpl(tpl, "Start");
        if (status.IsError)
        {
            before.ExpectUnchanged("Start, which failed,");
        }

        return !status.IsError;
    }

    public EFI_STATUS Disconnect(EFI_HANDLE controller, EFI_HANDLE driver, EFI_HANDLE child)
    {
        if (!Handles.IsValid(controller) || (!child.IsNull && !Handles.IsValid(child)) ||
            (!driver.IsNull && Binding(driver) == null))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        List<EFI_HANDLE> drivers = [.. Handles.Openings(controller)
            .Where(each => (each.Attributes & ByDriver) != 0 && each.Controller == controller)
            .Where(each => driver.IsNull || each.Agent == driver)
            .Select(each => each.Agent).Distinct()];
        bool failed = false;
        bool stopped = drivers.Count == 0;
        foreach (EFI_HANDLE each in drivers.Where(each => Binding(each) != null))
        {
            EFI_HANDLE[] children = [.. Handles.Openings(controller)
                .Where(opening => (opening.Attributes & ByChildController) != 0 && opening.Agent == each)
                .Select(opening => opening.Controller).Distinct()];
            if (child.IsNull || children.Contains(child))
            {
                EFI_HANDLE[] leaving = child.IsNull ? children : [child];
                bool done = Stop(each, controller, leaving, leaving.Length == children.Length);
                stopped |= done;
                failed |= !done;
            }
        }

        return stopped ? EFI_STATUS.EFI_SUCCESS : failed ? EFI_STATUS.EFI_DEVICE_ERROR : EFI_STATUS.EFI_NOT_FOUND;
    }

    private bool Stop(EFI_HANDLE driver, EFI_HANDLE controller, EFI_HANDLE[] children, bool isAll)
    {
        EFI_DRIVER_BINDING_PROTOCOL* binding = Binding(driver);
        if (children.Length > 0)
        {
            fixed (EFI_HANDLE* list = children)
            {
                if (Stop(binding, controller, (nuint)children.Length, list).IsError)
                {
                    return false;
                }
            }

            foreach (EFI_HANDLE child in children.Intersect(Children(controller)))
            {
                firmware.Violate($"After Stop of the child {child.Value:x}, it still is a child");
            }
        }

        if (!isAll)
        {
            return true;
        }

        if (Stop(binding, controller, 0, null).IsError)
        {
            return false;
        }

        foreach (Opening opening in Handles.Openings(controller).Where(each => each.IsHeld && each.Agent == driver))
        {
            firmware.Violate($"After Stop this is open: {opening}");
        }

        return true;
    }

    private EFI_STATUS Stop(EFI_DRIVER_BINDING_PROTOCOL* binding, EFI_HANDLE controller, nuint count, EFI_HANDLE* children)
    {
        nuint tpl = firmware.Events.Tpl;
        EFI_STATUS status = binding->Stop(binding, controller, count, children);
        firmware.Events.ExpectTpl(tpl, "Stop");
        return status;
    }

    private EFI_DRIVER_BINDING_PROTOCOL* Binding(EFI_HANDLE driver) =>
        (EFI_DRIVER_BINDING_PROTOCOL*)Handles.Get(driver, EFI_DRIVER_BINDING_PROTOCOL.Guid);
}
