using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop.DriverModel;

/// <summary>
/// What a driver holds for one controller, linked in before anything else is done, so that a Start which fails or faults halfway can
/// be undone. Everything here is in the controller's arena.
/// </summary>
internal sealed unsafe class StartedController(EFI_HANDLE handle, Arena arena, StartedController? next)
{
    public readonly EFI_HANDLE Handle = handle;
    public readonly Arena Arena = arena;
    public StartedController? Next = next;

    /// <summary>False while Start has not yet succeeded.</summary>
    public bool IsComplete;

    public bool IsParentOpen;
    public Device? Device;
    public Event? ExitBootServices;
    public char* ControllerName;
    public char* ChildName;
}
