using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Twins;

/// <summary>A controller that is held and not used: it has no children and its hardware is not touched.</summary>
internal sealed unsafe class TwinDevice(EFI_HANDLE controller) : Device(controller)
{
    public override string Name => "emulated network card";
    public override string ControllerName => "Emulated network card, reserved for its paravirtual twin";
    public override string ChildName => ControllerName;

    public override bool HasChild(EFI_HANDLE child) => false;

    public override bool CanStartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining) => false;

    public override EFI_STATUS StartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining) => EFI_STATUS.EFI_SUCCESS;

    public override EFI_STATUS StopChild(EFI_HANDLE child) => EFI_STATUS.EFI_NOT_FOUND;

    public override EFI_STATUS StopChildren() => EFI_STATUS.EFI_SUCCESS;

    public override void Dispose()
    {
    }
}
