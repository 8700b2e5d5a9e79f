using Uefi.Interop;
using Uefi.Interop.Raw;

namespace Boot.App;

/// <summary>A status for people: the specification's name, or its number.</summary>
public readonly struct StatusText(EFI_STATUS status) : IText
{
    public void AppendTo(ref Text text)
    {
        string? name = !status.IsError ? null : ExitStatus.ToCode(status) switch
        {
            1 => "Load Error",
            2 => "Invalid Parameter",
            3 => "Unsupported",
            4 => "Bad Buffer Size",
            5 => "Buffer Too Small",
            6 => "Not Ready",
            7 => "Device Error",
            9 => "Out of Resources",
            14 => "Not Found",
            15 => "Access Denied",
            18 => "Time out",
            20 => "Already started",
            21 => "Aborted",
            26 => "Security Violation",
            _ => null,
        };
        if (name is not null)
        {
            text.Append(name);
        }
        else
        {
            text.Append("status ");
            text.AppendFormatted((ulong)ExitStatus.ToCode(status));
        }
    }
}
