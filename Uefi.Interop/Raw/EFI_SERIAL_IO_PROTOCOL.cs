namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A serial port. UEFI 2.10, 12.8.</summary>
public unsafe struct EFI_SERIAL_IO_PROTOCOL : IProtocol
{
    /// <summary>Without DeviceTypeGuid.</summary>
    public const uint EFI_SERIAL_IO_PROTOCOL_REVISION = 0x00010000;

    /// <summary>With DeviceTypeGuid.</summary>
    public const uint EFI_SERIAL_IO_PROTOCOL_REVISION1p1 = 0x00010001;

    /// <summary>State of CTS; read only.</summary>
    public const uint EFI_SERIAL_CLEAR_TO_SEND = 0x00000010;

    /// <summary>State of DSR; read only.</summary>
    public const uint EFI_SERIAL_DATA_SET_READY = 0x00000020;

    /// <summary>State of RI; read only.</summary>
    public const uint EFI_SERIAL_RING_INDICATE = 0x00000040;

    /// <summary>State of DCD; read only.</summary>
    public const uint EFI_SERIAL_CARRIER_DETECT = 0x00000080;

    /// <summary>RTS.</summary>
    public const uint EFI_SERIAL_REQUEST_TO_SEND = 0x00000002;

    /// <summary>DTR.</summary>
    public const uint EFI_SERIAL_DATA_TERMINAL_READY = 0x00000001;

    /// <summary>Nothing is there to be read; read only.</summary>
    public const uint EFI_SERIAL_INPUT_BUFFER_EMPTY = 0x00000100;

    /// <summary>All is sent; read only.</summary>
    public const uint EFI_SERIAL_OUTPUT_BUFFER_EMPTY = 0x00000200;

    /// <summary>The device receives what it sends.</summary>
    public const uint EFI_SERIAL_HARDWARE_LOOPBACK_ENABLE = 0x00001000;

    /// <summary>What is written is read back without the device.</summary>
    public const uint EFI_SERIAL_SOFTWARE_LOOPBACK_ENABLE = 0x00002000;

    /// <summary>The device stops and goes on by RTS and CTS.</summary>
    public const uint EFI_SERIAL_HARDWARE_FLOW_CONTROL_ENABLE = 0x00004000;

    /// <summary>EFI_SERIAL_IO_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0xBB25CF6F, 0xF1D4, 0x11D2, 0x9A, 0x0C, 0x00, 0x90, 0x27, 0x3F, 0xC1, 0xFD);

    /// <summary>1.0 or 1.1, as above.</summary>
    public uint Revision;

    /// <summary>Resets the device; what is in its FIFOs is lost. (This)</summary>
    public delegate* unmanaged<EFI_SERIAL_IO_PROTOCOL*, EFI_STATUS> Reset;

    /// <summary>
    /// Sets how characters are sent. (This, BaudRate, ReceiveFifoDepth, Timeout, Parity, DataBits, StopBits); 0 means the default.
    /// </summary>
    public delegate* unmanaged<EFI_SERIAL_IO_PROTOCOL*, ulong, uint, uint, EFI_PARITY_TYPE, byte, EFI_STOP_BITS_TYPE, EFI_STATUS>
        SetAttributes;

    /// <summary>Sets those of the EFI_SERIAL_* bits that can be set. (This, Control)</summary>
    public delegate* unmanaged<EFI_SERIAL_IO_PROTOCOL*, uint, EFI_STATUS> SetControl;

    /// <summary>The EFI_SERIAL_* bits as they are. (This, Control)</summary>
    public delegate* unmanaged<EFI_SERIAL_IO_PROTOCOL*, uint*, EFI_STATUS> GetControl;

    /// <summary>
    /// Sends characters; EFI_TIMEOUT when not all were sent in time. BufferSize is in and out. (This, BufferSize, Buffer)
    /// </summary>
    public delegate* unmanaged<EFI_SERIAL_IO_PROTOCOL*, nuint*, void*, EFI_STATUS> Write;

    /// <summary>
    /// Takes received characters; EFI_TIMEOUT when there were fewer. BufferSize is in and out. (This, BufferSize, Buffer)
    /// </summary>
    public delegate* unmanaged<EFI_SERIAL_IO_PROTOCOL*, nuint*, void*, EFI_STATUS> Read;

    /// <summary>The present mode; owned by the driver.</summary>
    public EFI_SERIAL_IO_MODE* Mode;

    /// <summary>What is at the port, or null. From revision 1.1 on.</summary>
    public EFI_GUID* DeviceTypeGuid;
}

/// <summary>Parity of a serial port. UEFI 2.10, 12.8.</summary>
public enum EFI_PARITY_TYPE : uint
{
    /// <summary>What the device's driver likes best.</summary>
    DefaultParity,

    /// <summary>No parity bit.</summary>
    NoParity,

    /// <summary>The parity bit makes the number of ones even.</summary>
    EvenParity,

    /// <summary>The parity bit makes the number of ones odd.</summary>
    OddParity,

    /// <summary>The parity bit is always 1.</summary>
    MarkParity,

    /// <summary>The parity bit is always 0.</summary>
    SpaceParity,
}

/// <summary>Stop bits of a serial port. UEFI 2.10, 12.8.</summary>
public enum EFI_STOP_BITS_TYPE : uint
{
    /// <summary>What the device's driver likes best.</summary>
    DefaultStopBits,

    /// <summary>One.</summary>
    OneStopBit,

    /// <summary>One and a half.</summary>
    OneFiveStopBits,

    /// <summary>Two.</summary>
    TwoStopBits,
}
