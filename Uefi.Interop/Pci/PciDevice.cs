using System.Runtime.CompilerServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop.Pci;

/// <summary>
/// A PCI function through EFI_PCI_IO_PROTOCOL (UEFI 2.10, 14.4), which whoever makes this object has open. Configuration space, BARs,
/// command register and DMA memory. Only register access is legal at ExitBootServices.
/// </summary>
public sealed unsafe class PciDevice
{
    // Configuration space, PCI Local Bus Specification 3.0, 6.1.
    private const uint IdentifiersOffset = 0x00;
    private const uint StatusOffset = 0x06;
    private const uint BarOffset = 0x10;
    private const uint CapabilitiesOffset = 0x34;
    private const ushort StatusHasCapabilities = 1 << 4;

    // The link control register, from where the capability begins. PCI Express Base Specification 3.0, 7.8.7.
    private const uint LinkControlOffset = 0x10;
    private const ushort LinkControlPowerSaving = 3; // ASPM Control

    private readonly EFI_PCI_IO_PROTOCOL* _io;
    private ulong _originalAttributes;
    private bool _hasOriginalAttributes;
    private ushort _originalLinkControl;
    private uint _linkControl; // Where it is; 0: it was not changed.

    /// <param name="io">Not null; stays valid as long as this object is used.</param>
    public PciDevice(EFI_PCI_IO_PROTOCOL* io)
    {
        _io = io;
        ReadIds(io, out ushort vendorId, out ushort deviceId);
        VendorId = vendorId;
        DeviceId = deviceId;
    }

    /// <summary>How many BARs a function has at most.</summary>
    public const int BarCount = 6;

    /// <summary>0xFFFF when there is no device.</summary>
    public ushort VendorId { get; }

    /// <summary>The vendor's number for it; means nothing when there is no device.</summary>
    public ushort DeviceId { get; }

    /// <summary>
    /// Whether the device is still there: its configuration space answers ones when it was pulled, also where its registers answer zeros (in
    /// QEMU). A call of the firmware.
    /// </summary>
    public bool IsPresent
    {
        get
        {
            ReadIds(_io, out ushort vendorId, out _);
            return vendorId != ushort.MaxValue;
        }
    }

    /// <summary>What a function is, without an object: for Supported, which allocates nothing.</summary>
    /// <param name="io">Not null.</param>
    /// <param name="vendorId">0xFFFF when there is no device.</param>
    /// <param name="deviceId">The vendor's number for it.</param>
    public static void ReadIds(EFI_PCI_IO_PROTOCOL* io, out ushort vendorId, out ushort deviceId)
    {
        uint identifiers = uint.MaxValue;
        EFI_STATUS status = io->Pci.Read(io, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint32, IdentifiersOffset, 1, &identifiers);
        vendorId = status.IsError ? ushort.MaxValue : (ushort)identifiers;
        deviceId = (ushort)(identifiers >> 16);
    }

    /// <summary>The capabilities in list order; a list that is damaged or loops ends early.</summary>
    public PciCapabilities Capabilities
    {
        get
        {
            bool hasList = (ReadConfig16(StatusOffset) & StatusHasCapabilities) != 0;
            return new PciCapabilities(this, hasList ? ReadConfig8(CapabilitiesOffset) : (byte)0);
        }
    }

    /// <summary>A read that fails, as from a device that was removed, answers all ones, here and in every other access.</summary>
    /// <param name="offset">In bytes.</param>
    public byte ReadConfig8(uint offset)
    {
        byte value = byte.MaxValue;
        return ReadConfig(EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint8, offset, &value) ? value : byte.MaxValue;
    }

    /// <inheritdoc cref="ReadConfig8"/>
    public ushort ReadConfig16(uint offset)
    {
        ushort value = ushort.MaxValue;
        return ReadConfig(EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint16, offset, &value) ? value : ushort.MaxValue;
    }

    /// <inheritdoc cref="ReadConfig8"/>
    public uint ReadConfig32(uint offset)
    {
        uint value = uint.MaxValue;
        return ReadConfig(EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint32, offset, &value) ? value : uint.MaxValue;
    }

    /// <summary>
    /// Turns on what the device can do of <paramref name="attributes"/> (EFI_PCI_IO_ATTRIBUTE_*), remembering what was on before for
    /// <see cref="RestoreAttributes"/>. An attribute that the platform does not have (DUAL_ADDRESS_CYCLE) is left out.
    /// </summary>
    public EFI_STATUS EnableAttributes(ulong attributes)
    {
        ulong supported = 0;
        EFI_STATUS status;
        if (!_hasOriginalAttributes)
        {
            ulong original = 0;
            status = _io->Attributes(_io, EFI_PCI_IO_PROTOCOL_ATTRIBUTE_OPERATION.EfiPciIoAttributeOperationGet, 0, &original);
            if (status.IsError)
            {
                return status;
            }

            _originalAttributes = original & ~EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_BUS_MASTER;
            _hasOriginalAttributes = true;
        }

        status = _io->Attributes(_io, EFI_PCI_IO_PROTOCOL_ATTRIBUTE_OPERATION.EfiPciIoAttributeOperationSupported, 0, &supported);
        if (status.IsError)
        {
            return status;
        }

        return _io->Attributes(_io, EFI_PCI_IO_PROTOCOL_ATTRIBUTE_OPERATION.EfiPciIoAttributeOperationEnable, attributes & supported, null);
    }

    /// <summary>
    /// Keeps a PCI Express link out of the states in which it saves power while it is idle (ASPM), which some devices do not survive, until
    /// <see cref="RestoreAttributes"/>.
    /// </summary>
    /// <param name="capability">Where the device has its PCI Express capability; nothing happens when there is another.</param>
    public void KeepLinkAwake(byte capability)
    {
        if (ReadConfig8(capability) == PciCapability.PciExpressId)
        {
            _linkControl = capability + LinkControlOffset;
            _originalLinkControl = ReadConfig16(_linkControl);
            WriteConfig16(_linkControl, (ushort)(_originalLinkControl & ~LinkControlPowerSaving));
        }
    }

    /// <summary>
    /// Puts the attributes back to exactly what they were before the first <see cref="EnableAttributes"/>, and the link's states; but bus
    /// mastering is off, whoever had left it on: a device that has failed would write what is somebody else's by then.
    /// </summary>
    /// <returns>Whether the device can write no memory any more; a second call has nothing to do.</returns>
    public bool RestoreAttributes()
    {
        if (_linkControl != 0)
        {
            WriteConfig16(_linkControl, _originalLinkControl);
            _linkControl = 0;
        }

        if (!_hasOriginalAttributes)
        {
            return true;
        }

        _hasOriginalAttributes = false;
        return _io->Attributes(_io, EFI_PCI_IO_PROTOCOL_ATTRIBUTE_OPERATION.EfiPciIoAttributeOperationSet, _originalAttributes, null).IsSuccess;
    }

    /// <summary>The registers behind a BAR.</summary>
    /// <param name="bar">0 to 5: the BAR's place in the configuration header.</param>
    /// <param name="offset">Where in the BAR the registers begin, in bytes.</param>
    /// <param name="length">How many bytes there are; an access beyond them is refused.</param>
    /// <returns>A region that <see cref="PciRegion.IsValid"/> calls invalid when there is no such BAR.</returns>
    public PciRegion OpenBar(int bar, uint offset, uint length)
    {
        if ((uint)bar >= BarCount)
        {
            return default;
        }

        uint register = ReadConfig32(BarRegister(bar));
        if (register is 0 or uint.MaxValue)
        {
            return default;
        }

        bool isIo = (register & 1) != 0;
        return new PciRegion(_io, isIo ? _io->Io : _io->Mem, IndexOf(bar), offset, length);
    }

    /// <summary>Where a memory BAR lies, for what is not reached through <see cref="OpenBar"/>: pages that somebody puts there.</summary>
    /// <param name="bar">0 to 5: the BAR's place in the configuration header.</param>
    /// <param name="address">As the processor sees it.</param>
    /// <param name="length">In bytes.</param>
    /// <returns>False when there is no such BAR, or it is one of I/O ports.</returns>
    public bool TryGetMemory(int bar, out ulong address, out ulong length)
    {
        address = 0;
        length = 0;
        uint register = (uint)bar < BarCount ? ReadConfig32(BarRegister(bar)) : 0;
        return register is not (0 or uint.MaxValue) && (register & 1) == 0 && TryGetBar(IndexOf(bar), out address, out length);
    }

    /// <summary>
    /// Allocates memory that the device and the processor share, zeroed and page-aligned on both sides. For construction only: it
    /// may change the memory map.
    /// </summary>
    /// <param name="size">In bytes; rounded up to pages.</param>
    /// <param name="status">Why the result is null.</param>
    public DmaBuffer? AllocateDma(nuint size, out EFI_STATUS status) => DmaBuffer.Allocate(_io, size, out status);

    private static uint BarRegister(int bar) => BarOffset + (uint)bar * sizeof(uint);

    /// <summary>
    /// The BarIndex that the firmware knows a BAR by. The specification says: its place in the header. edk2's PCI bus driver counts a
    /// 64-bit BAR, which takes two places, once; so the one is preferred whose address the BAR register holds.
    /// </summary>
    private byte IndexOf(int bar)
    {
        int wide = 0;
        for (int i = 0; i < bar; i++)
        {
            if (IsWideMemory(ReadConfig32(BarRegister(i))))
            {
                i++;
                wide++;
            }
        }

        if (wide == 0)
        {
            return (byte)bar;
        }

        ulong address = BarAddress(bar);
        for (int index = bar; index >= bar - wide; index--)
        {
            if (TryGetBar((byte)index, out ulong found, out _) && found == address)
            {
                return (byte)index;
            }
        }

        return (byte)bar;
    }

    private static bool IsWideMemory(uint register) => (register & 0b111) == 0b100;

    private ulong BarAddress(int bar)
    {
        uint low = ReadConfig32(BarRegister(bar));
        if ((low & 1) != 0)
        {
            return low & ~0b11u;
        }

        ulong high = IsWideMemory(low) && bar + 1 < BarCount ? ReadConfig32(BarRegister(bar + 1)) : 0;
        return (high << 32) | (low & ~0xFu);
    }

    private bool TryGetBar(byte index, out ulong address, out ulong length)
    {
        // QWORD address space descriptor, ACPI 6.5, 6.4.3.5.1: tag 0x8A, minimum at 14, length at 38.
        const byte Tag = 0x8A;
        const int MinimumOffset = 14;
        const int LengthOffset = 38;
        address = 0;
        length = 0;
        void* resources = null;
        if (_io->GetBarAttributes(_io, index, null, &resources).IsError || resources == null)
        {
            return false;
        }

        bool isAddress = *(byte*)resources == Tag;
        if (isAddress)
        {
            address = Unsafe.ReadUnaligned<ulong>((byte*)resources + MinimumOffset);
            length = Unsafe.ReadUnaligned<ulong>((byte*)resources + LengthOffset);
        }

        Firmware.BootServices->FreePool(resources);
        return isAddress;
    }

    private void WriteConfig16(uint offset, ushort value) =>
        _io->Pci.Write(_io, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint16, offset, 1, &value);

    private bool ReadConfig(EFI_PCI_IO_PROTOCOL_WIDTH width, uint offset, void* value) =>
        _io->Pci.Read(_io, width, offset, 1, value).IsSuccess;
}
