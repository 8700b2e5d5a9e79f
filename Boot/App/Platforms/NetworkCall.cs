using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>A call of a protocol of ours that goes over the network while somebody else's image runs.</summary>
internal static unsafe class NetworkCall
{
    /// <summary>
    /// Runs it at TPL_CALLBACK, the highest that it may come at: neither another call nor the timer comes between. Where memory lacks it is left in the middle,
    /// with EFI_OUT_OF_RESOURCES.
    /// </summary>
    /// <param name="domain">Whose code answers.</param>
    /// <param name="call">What it was called with.</param>
    /// <param name="body">What it does.</param>
    /// <param name="abandon">Ends what it was left at, at the same level.</param>
    public static EFI_STATUS Run<T>(FaultDomain domain, ref T call, delegate*<ref T, EFI_STATUS> body, delegate*<ref T, EFI_STATUS> abandon)
        where T : allows ref struct
    {
        EFI_STATUS status = FirmwareEntry.Run(domain, EFI_TPL.TPL_CALLBACK, ref call, body);
        if (status == EFI_STATUS.EFI_OUT_OF_RESOURCES)
        {
            FirmwareEntry.Undo(domain, EFI_TPL.TPL_CALLBACK, ref call, abandon);
        }

        return status;
    }
}
