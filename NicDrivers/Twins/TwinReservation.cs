using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Twins;

/// <summary>
/// What keeps a paravirtual NIC the only one with its address: while it works, every PCI network controller whose SNP has that address is
/// taken from whichever driver has it, and given to the <see cref="TwinDriver"/>. When it does not work, or is not offered any more,
/// whoever would have the cards without it gets them.
/// </summary>
/// <remarks>
/// <para>The NIC says whether it works (<see cref="SetWorks"/>), wherever it learns that; what follows from it is done in one place
/// (<see cref="Settle"/>), where drivers may be started and stopped. At ExitBootServices nothing has to be done: nobody has touched the cards,
/// and nothing was unplugged.</para>
/// <para>A card tells its address only through a driver. One that has none when the NIC starts is found when it gets one
/// (<see cref="TwinNetworkDriver"/>).</para>
/// </remarks>
internal sealed unsafe class TwinReservation : IDisposable
{
    private const byte NetworkClass = 2;
    private const uint ClassOffset = 0x0B; // PCI Local Bus Specification 3.0, 6.2.1.
    private const int MaximumCards = 4;

    private readonly TwinDriver _twins;
    private readonly MacAddress _address;
    private readonly EFI_SIMPLE_NETWORK_PROTOCOL* _own;
    private readonly EFI_HANDLE[] _cards = new EFI_HANDLE[MaximumCards];
    private int _cardCount;
    private bool _works;
    private Event? _change;

    private TwinReservation(TwinDriver twins, MacAddress address, EFI_SIMPLE_NETWORK_PROTOCOL* own)
    {
        _twins = twins;
        _address = address;
        _own = own;
    }

    /// <summary>The list of the <see cref="TwinDriver"/>.</summary>
    public TwinReservation? Next { get; set; }

    /// <summary>Reserves nothing yet.</summary>
    /// <param name="twins">Who holds the cards.</param>
    /// <param name="address">The NIC's address.</param>
    /// <param name="own">The NIC's SNP.</param>
    /// <param name="status">Why there is none.</param>
    public static TwinReservation? Create(TwinDriver twins, MacAddress address, EFI_SIMPLE_NETWORK_PROTOCOL* own, out EFI_STATUS status)
    {
        TwinReservation self = new(twins, address, own);
        self._change = Event.Create(EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_CALLBACK, twins, self.Settle, out status);
        if (self._change is null)
        {
            return null;
        }

        twins.Add(self);
        return self;
    }

    /// <summary>
    /// Whether the NIC is offered, and could be opened when that was last tried. At any TPL; the cards change hands before this returns, or
    /// as soon as the TPL allows.
    /// </summary>
    public void SetWorks(bool works)
    {
        if (_works != works)
        {
            _works = works;
            _change?.Signal();
        }
    }

    /// <summary>The NIC goes; at TPL_CALLBACK or below.</summary>
    public void Dispose()
    {
        _works = false;
        Settle();
        _twins.Remove(this);
        _change?.Dispose();
        _change = null;
    }

    /// <summary>Whether the SNP is of another NIC with the same address.</summary>
    public bool IsTwin(EFI_SIMPLE_NETWORK_PROTOCOL* network)
    {
        if (!_works || network == null || network == _own || network->Mode == null || network->Mode->HwAddressSize != MacAddress.Size)
        {
            return false;
        }

        EFI_MAC_ADDRESS* address = &network->Mode->PermanentAddress;
        return new MacAddress(new ReadOnlySpan<byte>(address, MacAddress.Size)) == _address;
    }

    /// <summary>Whether the controller is a reserved one.</summary>
    public bool Has(EFI_PCI_IO_PROTOCOL* io)
    {
        for (int i = 0; i < _cardCount; i++)
        {
            if (_works && Firmware.Get<EFI_PCI_IO_PROTOCOL>(_cards[i]) == io)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Takes the card behind a twin's SNP from whoever drives it. The SNP's handle goes with its driver. A driver that will not stop keeps
    /// its card, which is said.
    /// </summary>
    public void Take(EFI_HANDLE network)
    {
        EFI_HANDLE card = FindCard(network);
        if (card.IsNull || !Remember(card))
        {
            return;
        }

        NicController.Release(card);
        EFI_HANDLE driver = _twins.Handle;
        Controllers.Connect(card, new ReadOnlySpan<EFI_HANDLE>(ref driver), recursive: false);
        if (!_twins.Drives(card))
        {
            Span<char> line = stackalloc char[128];
            TextBuilder text = new(line);
            text.Append("the emulated network card with address ");
            text.AppendFormatted(_address);
            text.Append(" stays in use beside its paravirtual twin");
            Notice.Write(text.Written);
        }
    }

    /// <summary>The PCI network controller that an SNP's device path leads through, or null.</summary>
    public static EFI_HANDLE FindCard(EFI_HANDLE network)
    {
        EFI_DEVICE_PATH_PROTOCOL* path = Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(network);
        EFI_GUID guid = EFI_PCI_IO_PROTOCOL.Guid;
        EFI_HANDLE card = default;
        if (path == null || Firmware.BootServices->LocateDevicePath(&guid, &path, &card).IsError)
        {
            return default;
        }

        EFI_PCI_IO_PROTOCOL* io = Firmware.Get<EFI_PCI_IO_PROTOCOL>(card);
        byte classCode = 0;
        bool isNetwork = io != null &&
            !io->Pci.Read(io, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint8, ClassOffset, 1, &classCode).IsError &&
            classCode == NetworkClass;
        return isNetwork ? card : default;
    }

    private bool Remember(EFI_HANDLE card)
    {
        for (int i = 0; i < _cardCount; i++)
        {
            if (_cards[i] == card)
            {
                return true;
            }
        }

        if (_cardCount == MaximumCards)
        {
            return false;
        }

        _cards[_cardCount++] = card;
        return true;
    }

    // At TPL_CALLBACK or below.
    private void Settle()
    {
        if (_works)
        {
            TakeAll();
        }
        else
        {
            GiveBack();
        }
    }

    private void TakeAll()
    {
        using PoolBuffer<EFI_HANDLE> networks = Firmware.LocateHandles<EFI_SIMPLE_NETWORK_PROTOCOL>();
        foreach (EFI_HANDLE network in networks.Span)
        {
            // One that an earlier card took with it is no handle any more.
            if (IsTwin(Firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(network)))
            {
                Take(network);
            }
        }
    }

    private void GiveBack()
    {
        while (_cardCount > 0)
        {
            EFI_HANDLE card = _cards[--_cardCount];
            if (_twins.Drives(card))
            {
                Controllers.Disconnect(card, _twins.Handle);
            }

            if (Firmware.IsHandle(card) && Controllers.FindDriver<EFI_PCI_IO_PROTOCOL>(card).IsNull)
            {
                Controllers.Connect(card, default, recursive: true);
            }
        }
    }
}
