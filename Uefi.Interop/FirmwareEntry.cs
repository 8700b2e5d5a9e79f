using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>
/// The boundary that every entry from firmware goes through (entry point, protocol member, event notification). An
/// [UnmanagedCallersOnly] method checks the pointers it got, packs its arguments in a struct on its stack, and calls
/// <see cref="Run"/> with a static method that does the work.
/// </summary>
public static unsafe class FirmwareEntry
{
    /// <summary>
    /// Runs <paramref name="body"/> at <paramref name="tpl"/> (0: at the caller's) with no current arena, and puts both back. After a
    /// fault: reports it once, restores the TPL, takes <paramref name="domain"/> out of service and answers EFI_DEVICE_ERROR. When it was memory
    /// that there was none of, the domain stays in service and EFI_OUT_OF_RESOURCES is the answer: whoever called undoes what was begun.
    /// </summary>
    public static EFI_STATUS Run<T>(FaultDomain domain, nuint tpl, ref T arguments, delegate*<ref T, EFI_STATUS> body)
        where T : allows ref struct =>
        domain.IsOutOfService ? EFI_STATUS.EFI_DEVICE_ERROR : Undo(domain, tpl, ref arguments, body);

    /// <summary>
    /// As <see cref="Run"/>, but also when the service is out of service: for the entries that undo (Stop, Unload), and for those that
    /// only tell (names).
    /// </summary>
    public static EFI_STATUS Undo<T>(FaultDomain domain, nuint tpl, ref T arguments, delegate*<ref T, EFI_STATUS> body)
        where T : allows ref struct
    {
        nuint outer = Firmware.TplToUnwind;
        Firmware.TplToUnwind = 0;
        ArenaScope none = Arena.EnterNone();
        nuint old = tpl == 0 ? 0 : Firmware.RaiseTpl(tpl);
        if (Machine.TryCall(ref arguments, body, out EFI_STATUS status, out Fault fault))
        {
            if (tpl != 0)
            {
                Firmware.RestoreTpl(old);
            }
        }
        else
        {
            // The hardware first, while nothing else can run; the report when firmware may write to its console again.
            bool isFirst = !domain.IsOutOfService && !fault.IsOutOfMemory;
            Faulted faulted = new() { Domain = domain, Fault = fault };
            if (isFirst)
            {
                Machine.TryCall(ref faulted, &TakeOutOfService, out _, out _);
            }

            if (Firmware.TplToUnwind != 0)
            {
                Firmware.RestoreTpl(Firmware.TplToUnwind);
            }

            if (isFirst || fault.IsOutOfMemory)
            {
                Machine.TryCall(ref faulted, &Report, out _, out _);
            }
        }

        none.Dispose();
        Firmware.TplToUnwind = outer;
        return status;
    }

    private struct Faulted
    {
        public FaultDomain Domain;
        public Fault Fault;
    }

    private static EFI_STATUS TakeOutOfService(ref Faulted faulted)
    {
        faulted.Domain.TakeOutOfService();
        return EFI_STATUS.EFI_SUCCESS;
    }

    private static EFI_STATUS Report(ref Faulted faulted)
    {
        FaultReport.Write(faulted.Fault, faulted.Domain.Name);
        return EFI_STATUS.EFI_SUCCESS;
    }
}
