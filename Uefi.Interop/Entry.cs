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
        where T : allows ref struct
    {
        if (service.IsOutOfService)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }
        if (!Machine.TryCall(ref arguments, body, out EFI_STATUS status, out Fault fault))
        {
            service.TakeOutOfService();
        }
        return status;
    }
}
