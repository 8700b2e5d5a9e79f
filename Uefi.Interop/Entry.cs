using Uefi.Interop.Raw;

namespace Uefi.Interop;

/// <summary>
/// The boundary that every entry from firmware goes through (entry point, protocol member, event notification). An
/// [UnmanagedCallersOnly] method checks the pointers it got, packs its arguments in a struct on its stack, and calls
/// <see cref="Run"/> with a static method that does the work.
/// </summary>
public static unsafe class Entry
{
    /// <summary>
    /// Runs <paramref name="body"/> at <paramref name="tpl"/> (0: at the caller's) with no current arena, and puts both back. After a
    /// fault: reports it once, restores the TPL, takes <paramref name="service"/> out of service and answers EFI_DEVICE_ERROR.
    /// </summary>
    public static EFI_STATUS Run<T>(Service service, nuint tpl, ref T arguments, delegate*<ref T, EFI_STATUS> body)
        where T : allows ref struct =>
        service.IsOutOfService ? EFI_STATUS.EFI_DEVICE_ERROR : Undo(service, tpl, ref arguments, body);

    /// <summary>
    /// As <see cref="Run"/>, but also when the service is out of service: for the entries that undo (Stop, Unload), and for those that
    /// only tell (names).
    /// </summary>
    public static EFI_STATUS Undo<T>(Service service, nuint tpl, ref T arguments, delegate*<ref T, EFI_STATUS> body)
        where T : allows ref struct
    {
        nuint outer = Firmware.TplToUnwind;
        Firmware.TplToUnwind = 0;
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
            service.TakeOutOfService();
            if (Firmware.TplToUnwind != 0)
            {
                Firmware.RestoreTpl(Firmware.TplToUnwind);
            }
        }
        Firmware.TplToUnwind = outer;
        return status;
    }
}
