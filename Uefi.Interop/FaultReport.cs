using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>
/// Tells a person, on the firmware's console, of a programming fault: the image, what failed, and where: as an offset
/// that the image's map file resolves, and as an address. Allocates nothing.
/// </summary>
public static unsafe class FaultReport
{
    private const int LongestReport = 320;

    /// <param name="fault">What failed and where.</param>
    /// <param name="service">What is out of service now, or what had no memory: driver and device.</param>
    public static void Write(in Fault fault, string service)
    {
        char* characters = stackalloc char[LongestReport];
        TextBuilder text = new(new Span<char>(characters, LongestReport - 1));
        AppendTo(ref text, fault, service);
        characters[text.Written.Length] = '\0';
        Notice.Output(characters);
    }

    private static void AppendTo(ref TextBuilder text, in Fault fault, string service)
    {
        text.Append("\r\n");
        text.Append(Firmware.ImageName);
        text.Append(fault.IsOutOfMemory ? ": " : ": fault: ");
        text.Append(fault.Kind);
        if (fault.IsOutOfMemory)
        {
            text.Append(": ");
        }
        else
        {
            AppendPlaceTo(ref text, fault.Address);
            text.Append("; out of service: ");
        }

        text.Append(service);
        text.Append("\r\n");
    }

    private static void AppendPlaceTo(ref TextBuilder text, nuint address)
    {
        if (address == 0)
        {
            return;
        }

        nuint imageBase = 0;
        EFI_LOADED_IMAGE_PROTOCOL* loaded = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(Firmware.ImageHandle);
        if (loaded != null)
        {
            imageBase = (nuint)loaded->ImageBase;
        }

        text.Append(" at +0x");
        text.AppendFormatted(address - imageBase, "x");
        text.Append(" (0x");
        text.AppendFormatted(address, "x");
        text.Append(", image at 0x");
        text.AppendFormatted(imageBase, "x");
        text.Append(')');
    }
}
