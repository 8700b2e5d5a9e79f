using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Foreign.Microsoft;

/// <summary>A channel through <see cref="EFI_VMBUS_LEGACY_PROTOCOL"/>.</summary>
/// <param name="protocol">Open BY_DRIVER for as long as the channel is used.</param>
/// <param name="interfaceType">The class of the device, from its device path.</param>
/// <param name="instance">Which device it is, from its device path.</param>
public sealed unsafe class LegacyMicrosoftChannel(EFI_VMBUS_LEGACY_PROTOCOL* protocol, EFI_GUID interfaceType, EFI_GUID instance)
    : MicrosoftChannel(interfaceType, instance)
{
    private readonly EFI_VMBUS_LEGACY_PROTOCOL* _protocol = protocol;

    private protected override EFI_STATUS ShowPages(void* pages, uint bytes, bool isRing, out uint gpadl)
    {
        uint number = 0;
        EFI_STATUS status = _protocol->CreateGpadl(_protocol, pages, bytes, &number);
        gpadl = status.IsError ? 0 : number;
        return !status.IsError && number == 0 ? EFI_STATUS.EFI_DEVICE_ERROR : status;
    }

    // Of 0 the firmware says that all is well.
    private protected override bool HidePages(uint gpadl) => gpadl != 0 && _protocol->DestroyGpadl(_protocol, gpadl).IsSuccess;

    private protected override EFI_STATUS OpenChannel(uint ringGpadl, uint incomingPage) =>
        _protocol->OpenChannel(_protocol, ringGpadl, incomingPage);

    private protected override void CloseChannel() => _protocol->CloseChannel(_protocol);

    private protected override EFI_STATUS RegisterIsr(EFI_EVENT handler) => _protocol->RegisterIsr(_protocol, handler);

    private protected override void SendInterrupt() => _protocol->SendInterrupt(_protocol);
}
