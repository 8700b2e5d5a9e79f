using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Foreign.Microsoft;

/// <summary>A channel through <see cref="EFI_VMBUS_PROTOCOL"/>.</summary>
/// <param name="protocol">Open BY_DRIVER for as long as the channel is used.</param>
/// <param name="interfaceType">The class of the device, from its device path.</param>
/// <param name="instance">Which device it is, from its device path.</param>
public sealed unsafe class CurrentMicrosoftChannel(EFI_VMBUS_PROTOCOL* protocol, EFI_GUID interfaceType, EFI_GUID instance)
    : MicrosoftChannel(interfaceType, instance)
{
    private readonly EFI_VMBUS_PROTOCOL* _protocol = protocol;
    private readonly Gpadl[] _gpadls = new Gpadl[8];

    private struct Gpadl
    {
        public EFI_VMBUS_GPADL* Object;
        public uint Number; // 0: none
    }

    private protected override EFI_STATUS ShowPages(void* pages, uint bytes, bool isRing, out uint gpadl)
    {
        gpadl = 0;
        int free = Find(0);
        if (free < 0)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        EFI_VMBUS_GPADL* made;
        EFI_STATUS status = _protocol->PrepareGpadl(
            _protocol, pages, bytes, isRing ? EFI_VMBUS_PROTOCOL.EFI_VMBUS_PREPARE_GPADL_FLAG_RING_BUFFER : 0,
            EFI_VMBUS_PROTOCOL.HV_MAP_GPA_READABLE | EFI_VMBUS_PROTOCOL.HV_MAP_GPA_WRITABLE, &made);
        if (status.IsError)
        {
            return status;
        }

        // Memory that has moved is an isolated machine's.
        status = _protocol->GetGpadlBuffer(_protocol, made) == pages ? _protocol->CreateGpadl(_protocol, made) : EFI_STATUS.EFI_UNSUPPORTED;
        if (!status.IsError)
        {
            gpadl = _protocol->GetGpadlHandle(_protocol, made);
            status = gpadl == 0 ? EFI_STATUS.EFI_DEVICE_ERROR : EFI_STATUS.EFI_SUCCESS;
        }

        if (status.IsError)
        {
            _protocol->DestroyGpadl(_protocol, made);
            return status;
        }

        _gpadls[free] = new Gpadl { Object = made, Number = gpadl };
        return EFI_STATUS.EFI_SUCCESS;
    }

    private protected override bool HidePages(uint gpadl)
    {
        int index = gpadl == 0 ? -1 : Find(gpadl);
        if (index < 0)
        {
            return false;
        }

        EFI_VMBUS_GPADL* hidden = _gpadls[index].Object;
        _gpadls[index] = default;
        return _protocol->DestroyGpadl(_protocol, hidden).IsSuccess;
    }

    private protected override EFI_STATUS OpenChannel(uint ringGpadl, uint incomingPage) =>
        _protocol->OpenChannel(_protocol, _gpadls[Find(ringGpadl)].Object, incomingPage);

    private protected override void CloseChannel() => _protocol->CloseChannel(_protocol);

    private protected override EFI_STATUS RegisterIsr(EFI_EVENT handler) => _protocol->RegisterIsr(_protocol, handler);

    private protected override void SendInterrupt() => _protocol->SendInterrupt(_protocol);

    private int Find(uint number)
    {
        for (int i = 0; i < _gpadls.Length; i++)
        {
            if (_gpadls[i].Number == number)
            {
                return i;
            }
        }

        return -1;
    }
}
