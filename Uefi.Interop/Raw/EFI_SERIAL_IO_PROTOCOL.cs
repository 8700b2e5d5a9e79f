namespace Uefi.Interop.Raw;

/// <summary>A serial port. UEFI 2.10, 12.8.</summary>
public unsafe struct EFI_SERIAL_IO_PROTOCOL : IProtocol
{
    public const uint EFI_SERIAL_IO_PROTOCOL_REVISION = 0x00010000;
    public const uint EFI_SERIAL_IO_PROTOCOL_REVISION1p1 = 0x00010001;

    public const uint EFI_SERIAL_CLEAR_TO_SEND = 0x00000010;
    public const uint EFI_SERIAL_DATA_SET_READY = 0x00000020;
    public const uint EFI_SERIAL_RING_INDICATE = 0x00000040;
    public const uint EFI_SERIAL_CARRIER_DETECT = 0x00000080;
    public const uint EFI_SERIAL_REQUEST_TO_SEND = 0x00000002;
    public const uint EFI_SERIAL_DATA_TERMINAL_READY = 0x00000001;
    public const uint EFI_SERIAL_INPUT_BUFFER_EMPTY = 0x00000100;
    public const uint EFI_SERIAL_OUTPUT_BUFFER_EMPTY = 0x00000200;
    public const uint EFI_SERIAL_HARDWARE_LOOPBACK_ENABLE = 0x00001000;
    public const uint EFI_SERIAL_SOFTWARE_LOOPBACK_ENABLE = 0x00002000;
    public const uint EFI_SERIAL_HARDWARE_FLOW_CONTROL_ENABLE = 0x00004000;

    /// <summary>EFI_SERIAL_IO_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0xBB25CF6F, 0xF1D4, 0x11D2, 0x9A, 0x0C, 0x00, 0x90, 0x27, 0x3F, 0xC1, 0xFD);

    public uint Revision;
    public delegate* unmanaged<EFI_SERIAL_IO_PROTOCOL*, EFI_STATUS> Reset;

    /// <summary>(This, BaudRate, ReceiveFifoDepth, Timeout, Parity, DataBits, StopBits); 0 means the default.</summary>
    public delegate* unmanaged<EFI_SERIAL_IO_PROTOCOL*, ulong, uint, uint, EFI_PARITY_TYPE, byte, EFI_STOP_BITS_TYPE, EFI_STATUS>
        SetAttributes;
    public delegate* unmanaged<EFI_SERIAL_IO_PROTOCOL*, uint, EFI_STATUS> SetControl;
    public delegate* unmanaged<EFI_SERIAL_IO_PROTOCOL*, uint*, EFI_STATUS> GetControl;

    /// <summary>(This, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_SERIAL_IO_PROTOCOL*, nuint*, void*, EFI_STATUS> Write;

    /// <summary>(This, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_SERIAL_IO_PROTOCOL*, nuint*, void*, EFI_STATUS> Read;
    public EFI_SERIAL_IO_MODE* Mode;

    /// <summary>From revision 1.1 on.</summary>
    public EFI_GUID* DeviceTypeGuid;
}

/// <summary>Parity of a serial port. UEFI 2.10, 12.8.</summary>
public enum EFI_PARITY_TYPE : uint
{
    DefaultParity,
    NoParity,
    EvenParity,
    OddParity,
    MarkParity,
    SpaceParity,
}

/// <summary>Stop bits of a serial port. UEFI 2.10, 12.8.</summary>
public enum EFI_STOP_BITS_TYPE : uint
{
    DefaultStopBits,
    OneStopBit,
    OneFiveStopBits,
    TwoStopBits,
}
