using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A serial port. UEFI 2.10, 10.3.4.15.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct UART_DEVICE_PATH
{
    public const byte MSG_UART_DP = 0x0E;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public uint Reserved;
    public ulong BaudRate;
    public byte DataBits;
    public byte Parity;
    public byte StopBits;
}
