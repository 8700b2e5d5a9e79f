using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Xen.Host;

/// <summary>Why a XenBus cannot be started; the default value is no obstacle.</summary>
/// <param name="kind">What is missing.</param>
/// <param name="detail">What Xen answered.</param>
internal readonly struct XenObstacle(XenObstacleKind kind, long detail = 0) : ITextFormattable
{
    public readonly XenObstacleKind Kind = kind;

    /// <summary>The nearest status of UEFI's.</summary>
    public EFI_STATUS Status => Kind switch
    {
        XenObstacleKind.None => EFI_STATUS.EFI_SUCCESS,
        XenObstacleKind.NoMemory => EFI_STATUS.EFI_OUT_OF_RESOURCES,
        XenObstacleKind.AlreadyRunning => EFI_STATUS.EFI_ALREADY_STARTED,
        XenObstacleKind.StoreSilent => EFI_STATUS.EFI_TIMEOUT,
        _ => EFI_STATUS.EFI_UNSUPPORTED,
    };

    public void AppendTo(ref TextBuilder text)
    {
        text.Append(Kind switch
        {
            XenObstacleKind.None => "Works",
            XenObstacleKind.NoXen => "No CPUID leaf says XenVMMXenVMM: this machine is no guest of Xen, or is not told so",
            XenObstacleKind.NoHypercallPage => "Xen offers no hypercall page",
            XenObstacleKind.NoMemory => "There is no memory left",
            XenObstacleKind.HypercallsFail => "Hypercalls do not work: xen_version answered ",
            XenObstacleKind.NotTranslated => "Xen does not know frames by the guest's addresses (XENFEAT_auto_translated_physmap): ",
            XenObstacleKind.NoWindow => "The platform device's BAR1 is no memory to map Xen's pages in",
            XenObstacleKind.NoStore => "Xen names no xenstore (HVM parameters STORE_PFN and STORE_EVTCHN): ",
            XenObstacleKind.SharedInfo => "The shared info page cannot be mapped: ",
            XenObstacleKind.GrantVersion => "The grant table has entries of version 2, and cannot be set to version 1: ",
            XenObstacleKind.GrantTable => "The grant table cannot be mapped: ",
            XenObstacleKind.StoreSilent => "xenstore does not answer",
            XenObstacleKind.StoreRefuses => "xenstore does not list the guest's devices",
            _ => "Another platform device runs XenBus already",
        });
        if (Kind is XenObstacleKind.HypercallsFail or XenObstacleKind.NotTranslated or XenObstacleKind.NoStore or
            XenObstacleKind.SharedInfo or XenObstacleKind.GrantVersion or XenObstacleKind.GrantTable)
        {
            text.AppendFormatted(detail);
        }
    }
}
