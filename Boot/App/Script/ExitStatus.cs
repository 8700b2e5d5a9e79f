using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Script;

/// <summary>A script's exit code as the status that the firmware gets: 0 is success, N is the error of that number.</summary>
public static class ExitStatus
{
    private const ulong ErrorBit = 1UL << 63;
    private const ulong CodeMask = 0x7FFF_FFFF;

    public static EFI_STATUS FromCode(ulong code) => code == 0 ? default : new EFI_STATUS((nuint)(ErrorBit | (code & CodeMask)));

    /// <summary>What ${errno} shows.</summary>
    public static uint ToCode(EFI_STATUS status) => (uint)((ulong)status.Value & CodeMask);
}
