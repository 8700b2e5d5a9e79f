using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Consoles;

/// <summary>A number of bytes for people: "512 B", "12.3 MiB".</summary>
public readonly struct ByteSize(ulong bytes) : ITextFormattable
{
    public void AppendTo(ref TextBuilder text)
    {
        if (bytes < 1024)
        {
            text.AppendFormatted(bytes);
            text.Append(" B");
            return;
        }

        int unit = 0;
        ulong scaled = bytes;
        ulong tenths = bytes % 1024 * 10 / 1024;
        while (scaled >= 1024 && unit < 4)
        {
            tenths = scaled % 1024 * 10 / 1024;
            scaled /= 1024;
            unit++;
        }

        text.AppendFormatted(scaled);
        text.Append('.');
        text.AppendFormatted(tenths);
        text.Append(unit switch { 1 => " KiB", 2 => " MiB", 3 => " GiB", _ => " TiB" });
    }
}
