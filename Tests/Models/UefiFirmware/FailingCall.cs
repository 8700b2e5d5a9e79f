using System.Linq;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>
/// Lets one of the services that take something from the firmware (memory, an event, a handle, an opening) answer EFI_OUT_OF_RESOURCES.
/// A test counts from 0 up until nothing fails any more: then it has met every failure that there can be.
/// </summary>
public sealed class FailingCall
{
    private static readonly string[] s_takers = ["Allocate", "Create", "Install", "Open"];

    private readonly SimulatedFirmware _firmware;
    private int _calls;

    /// <param name="nth">Which of the calls fails, from 0.</param>
    /// <param name="more">How names of other services begin that count too.</param>
    public FailingCall(SimulatedFirmware firmware, int nth, params string[] more)
    {
        _firmware = firmware;
        firmware.Intercept = service =>
        {
            if (!s_takers.Concat(more).Any(service.StartsWith) || _calls++ != nth)
            {
                return EFI_STATUS.EFI_SUCCESS;
            }

            Victim = service;
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        };
    }

    /// <summary>The service that failed; empty while none has.</summary>
    public string Victim { get; private set; } = "";

    public bool HasFailed => Victim.Length > 0;

    /// <summary>From now on nothing fails.</summary>
    /// <returns>Whether a call has failed.</returns>
    public bool End()
    {
        _firmware.Intercept = null;
        return HasFailed;
    }
}
