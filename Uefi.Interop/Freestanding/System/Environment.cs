using System.Diagnostics.CodeAnalysis;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace System;

public static unsafe class Environment
{
    public static string NewLine => "\r\n";

    /// <summary>Milliseconds since the processor's counter began, which is when the machine was switched on.</summary>
    public static long TickCount64 => (long)(Uptime.Microseconds / 1000);

    /// <summary>The same as a number that wraps around.</summary>
    public static int TickCount => (int)TickCount64;

    /// <summary>
    /// Ends the program with that status (a negative one is an error for firmware), wherever it is; all memory of <c>new</c> is given back. What
    /// else is open stays so, and what a <c>using</c> would have closed too. Not for notifications: only the program itself can end.
    /// </summary>
    [DoesNotReturn]
    public static void Exit(int exitCode)
    {
        Arena.OfImage.Dispose();
        Firmware.BootServices->Exit(Firmware.ImageHandle, new EFI_STATUS((nuint)(nint)exitCode), 0, null);
        while (true)
        {
            Machine.Pause(); // Firmware comes back only to what is no image.
        }
    }

    /// <summary>A fault with that text.</summary>
    [DoesNotReturn]
    public static void FailFast(string? message) => throw new Exception(message);
}
