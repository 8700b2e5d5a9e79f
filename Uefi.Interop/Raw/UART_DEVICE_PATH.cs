using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A serial port. UEFI 2.10, 10.3.4.15.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct UART_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MESSAGING_DEVICE_PATH.</summary>
    public const byte MSG_UART_DP = 0x0E;

    /// <summary>Type, SubType and a length of 19 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>0.</summary>
    public uint Reserved;

    /// <summary>Bits per second; 0 for the default.</summary>
    public ulong BaudRate;

    /// <summary>Bits of a character; 0 for the default.</summary>
    public byte DataBits;

    /// <summary>An <see cref="EFI_PARITY_TYPE"/>.</summary>
    public byte Parity;

    /// <summary>An <see cref="EFI_STOP_BITS_TYPE"/>.</summary>
    public byte StopBits;
}
