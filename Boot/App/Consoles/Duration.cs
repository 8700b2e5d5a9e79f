using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Consoles;

/// <summary>Microseconds for people: "0.4 s", "12.3 s", "2:05", "1:00:07".</summary>
public readonly struct Duration(ulong microseconds) : ITextFormattable
{
    public void AppendTo(ref TextBuilder text)
    {
        ulong seconds = microseconds / 1_000_000;
        if (seconds < 60)
        {
            text.AppendFormatted(seconds);
            text.Append('.');
            text.AppendFormatted(microseconds / 100_000 % 10);
            text.Append(" s");
            return;
        }

        if (seconds >= 3600)
        {
            text.AppendFormatted(seconds / 3600);
            text.Append(':');
        }

        text.AppendFormatted(seconds / 60 % 60, seconds >= 3600 ? "d2" : "d1");
        text.Append(':');
        text.AppendFormatted(seconds % 60, "d2");
    }
}
