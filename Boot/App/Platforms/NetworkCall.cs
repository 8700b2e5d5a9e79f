using NetBoot.NetworkStack.Sockets;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>A call of a protocol of ours that goes over the network while somebody else's image runs.</summary>
internal static unsafe class NetworkCall
{
    /// <summary>
    /// Runs it at TPL_CALLBACK, the highest that it may come at: neither another call nor the timer comes between. Where memory lacks it is left in the middle,
    /// with EFI_OUT_OF_RESOURCES: the next may have what this one lacked.
    /// </summary>
    /// <param name="domain">Whose code answers.</param>
    /// <param name="network">What it polls.</param>
    /// <param name="isBusy">True while it runs, as <paramref name="body"/> says.</param>
    /// <param name="call">What it was called with.</param>
    /// <param name="body">What it does.</param>
    public static EFI_STATUS Run<T>(FaultDomain domain, Network network, ref bool isBusy, ref T call, delegate*<ref T, EFI_STATUS> body)
        where T : allows ref struct
    {
        EFI_STATUS status = FirmwareEntry.Run(domain, EFI_TPL.TPL_CALLBACK, ref call, body);
        if (status == EFI_STATUS.EFI_OUT_OF_RESOURCES)
        {
            isBusy = false;
            network.AbandonPoll();
        }

        return status;
    }
}
