using System.Runtime.InteropServices;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Network;

/// <summary>The firmware's own network stack, as far as a NIC is concerned: a driver that has SNP open BY_DRIVER.</summary>
internal sealed unsafe class FakeMnp
{
    private readonly SimulatedFirmware _firmware;
    private readonly EFI_DRIVER_BINDING_PROTOCOL* _binding;

    public FakeMnp(SimulatedFirmware firmware)
    {
        _firmware = firmware;
        _binding = firmware.Allocate<EFI_DRIVER_BINDING_PROTOCOL>(this);
        _binding->Supported = &Supported;
        _binding->Start = &Start;
        _binding->Stop = &Stop;
        _binding->Version = 0x10;
        Handle = firmware.Install(default, _binding);
        _binding->DriverBindingHandle = Handle;
        _binding->ImageHandle = Handle;
    }

    public EFI_HANDLE Handle { get; }

    public bool RefusesToStop { get; set; }
    public bool IsBound { get; private set; }

    private static FakeMnp Of(EFI_DRIVER_BINDING_PROTOCOL* self) => ProtocolInstance<EFI_DRIVER_BINDING_PROTOCOL>.OwnerOf<FakeMnp>(self);

    private EFI_STATUS Open(EFI_HANDLE controller, out EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        snp = Firmware.Open<EFI_SIMPLE_NETWORK_PROTOCOL>(
            controller, Handle, controller, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER, out EFI_STATUS status);
        return status;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Supported(EFI_DRIVER_BINDING_PROTOCOL* self, EFI_HANDLE controller, EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        FakeMnp mnp = Of(self);
        EFI_STATUS status = mnp.Open(controller, out _);
        if (!status.IsError)
        {
            Firmware.Close<EFI_SIMPLE_NETWORK_PROTOCOL>(controller, mnp.Handle, controller);
        }

        return status;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Start(EFI_DRIVER_BINDING_PROTOCOL* self, EFI_HANDLE controller, EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        FakeMnp mnp = Of(self);
        EFI_STATUS status = mnp.Open(controller, out EFI_SIMPLE_NETWORK_PROTOCOL* snp);
        if (!status.IsError)
        {
            snp->Start(snp);
            snp->Initialize(snp, 0, 0);
            mnp.IsBound = true;
        }

        return status;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Stop(EFI_DRIVER_BINDING_PROTOCOL* self, EFI_HANDLE controller, nuint count, EFI_HANDLE* children)
    {
        FakeMnp mnp = Of(self);
        if (mnp.RefusesToStop)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        EFI_SIMPLE_NETWORK_PROTOCOL* snp = mnp._firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(controller);
        snp->Shutdown(snp);
        snp->Stop(snp);
        mnp.IsBound = false;
        return Firmware.Close<EFI_SIMPLE_NETWORK_PROTOCOL>(controller, mnp.Handle, controller);
    }
}
