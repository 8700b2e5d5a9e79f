using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>What a driver has to tell a person, on the firmware's console: one line, with the image's name. Allocates nothing.</summary>
public static unsafe class Notice
{
    private const int LongestLine = 320;

    /// <summary>At TPL_NOTIFY or below. What is too long is cut. Nothing once ExitBootServices has begun.</summary>
    public static void Write(ReadOnlySpan<char> line)
    {
        char* characters = stackalloc char[LongestLine];
        TextBuilder text = new(new Span<char>(characters, LongestLine - 1));
        text.Append("\r\n");
        text.Append(Firmware.ImageName);
        text.Append(": ");
        text.Append(line);
        text.Append("\r\n");
        characters[text.Written.Length] = '\0';
        Output(characters);
    }

    /// <summary>To the console, or, where there is none, to the one for errors.</summary>
    internal static void Output(char* text)
    {
        EFI_SYSTEM_TABLE* table = Firmware.SystemTable;
        if (table == null || Firmware.IsExitingBootServices)
        {
            return;
        }

        EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* console = table->ConOut != null ? table->ConOut : table->StdErr;
        if (console != null)
        {
            console->OutputString(console, text);
        }
    }
}
