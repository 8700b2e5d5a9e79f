using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Xen.Host;

/// <summary>Why a XenBus cannot be started; the default value is no failure.</summary>
/// <param name="kind">What is missing.</param>
/// <param name="detail">What Xen answered.</param>
internal readonly struct XenStartFailure(XenStartFailureKind kind, long detail = 0) : ITextFormattable
{
    public readonly XenStartFailureKind Kind = kind;

    /// <summary>The nearest status of UEFI's.</summary>
    public EFI_STATUS Status => Kind switch
    {
        XenStartFailureKind.None => EFI_STATUS.EFI_SUCCESS,
        XenStartFailureKind.NoMemory => EFI_STATUS.EFI_OUT_OF_RESOURCES,
        XenStartFailureKind.AlreadyRunning => EFI_STATUS.EFI_ALREADY_STARTED,
        XenStartFailureKind.StoreSilent => EFI_STATUS.EFI_TIMEOUT,
        _ => EFI_STATUS.EFI_UNSUPPORTED,
    };

    public void AppendTo(ref TextBuilder text)
    {
        text.Append(Kind switch
        {
            XenStartFailureKind.None => "Works",
            XenStartFailureKind.NoXen => "No CPUID leaf says XenVMMXenVMM: this machine is no guest of Xen, or is not told so",
            XenStartFailureKind.NoHypercallPage => "Xen offers no hypercall page",
            XenStartFailureKind.NoMemory => "There is no memory left",
            XenStartFailureKind.HypercallsFail => "Hypercalls do not work: xen_version answered ",
            XenStartFailureKind.NotTranslated => "Xen does not know frames by the guest's addresses (XENFEAT_auto_translated_physmap): ",
            XenStartFailureKind.NoWindow => "The platform device's BAR1 is no memory to map Xen's pages in",
            XenStartFailureKind.NoStore => "Xen names no xenstore (HVM parameters STORE_PFN and STORE_EVTCHN): ",
            XenStartFailureKind.SharedInfo => "The shared info page cannot be mapped: ",
            XenStartFailureKind.GrantVersion => "The grant table has entries of version 2, and cannot be set to version 1: ",
            XenStartFailureKind.GrantTable => "The grant table cannot be mapped: ",
            XenStartFailureKind.StoreSilent => "xenstore does not answer",
            XenStartFailureKind.StoreRefuses => "xenstore does not list the guest's devices",
            _ => "Another platform device runs XenBus already",
        });
        if (Kind is XenStartFailureKind.HypercallsFail or XenStartFailureKind.NotTranslated or XenStartFailureKind.NoStore or
            XenStartFailureKind.SharedInfo or XenStartFailureKind.GrantVersion or XenStartFailureKind.GrantTable)
        {
            text.AppendFormatted(detail);
        }
    }
}
