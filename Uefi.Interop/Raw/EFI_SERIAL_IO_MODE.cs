namespace Uefi.Interop.Raw;

/// <summary>The present mode of a serial port. UEFI 2.10, 12.8.</summary>
public struct EFI_SERIAL_IO_MODE
{
    public uint ControlMask;

    /// <summary>In microseconds.</summary>
    public uint Timeout;
    public ulong BaudRate;
    public uint ReceiveFifoDepth;
    public uint DataBits;
    public uint Parity;
    public uint StopBits;
}
