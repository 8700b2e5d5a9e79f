using System;
using System.Runtime.CompilerServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>
/// The firmware that the running image was started by: its tables, TPL, and the handle database. Every call is checked against
/// nothing but what C# needs; the statuses are the firmware's own (UEFI 2.10, 7).
/// </summary>
public static unsafe class Firmware
{
    /// <summary>The running image, which is the agent of what it opens on its own behalf.</summary>
    public static EFI_HANDLE ImageHandle { get; private set; }

    /// <summary>The image's name as in its file name, for reports.</summary>
    public static string ImageName { get; set; } = "image";

    /// <summary>Null before <see cref="Initialize"/>.</summary>
    public static EFI_SYSTEM_TABLE* SystemTable { get; private set; }

    /// <summary>Null before <see cref="Initialize"/>; not to be used after ExitBootServices.</summary>
    public static EFI_BOOT_SERVICES* BootServices { get; private set; }

    /// <summary>Null before <see cref="Initialize"/>.</summary>
    public static EFI_RUNTIME_SERVICES* RuntimeServices { get; private set; }

    /// <summary>
    /// Whether ExitBootServices has begun. From then on nothing is connected, allocated, freed or printed by us, whoever calls: the
    /// memory map is the loader's already.
    /// </summary>
    public static bool IsExitingBootServices { get; internal set; }

    /// <summary>The first thing that an image does. False when the tables are not there, or not UEFI's.</summary>
    public static bool Initialize(EFI_HANDLE image, EFI_SYSTEM_TABLE* table)
    {
        if (image.IsNull || table == null || table->Hdr.Signature != EFI_SYSTEM_TABLE.EFI_SYSTEM_TABLE_SIGNATURE ||
            table->BootServices == null || table->RuntimeServices == null)
        {
            return false;
        }

        ImageHandle = image;
        SystemTable = table;
        BootServices = table->BootServices;
        RuntimeServices = table->RuntimeServices;
        IsExitingBootServices = false;
        return true;
    }

    /// <summary>Raises the task priority level; <paramref name="tpl"/> may not be lower than the present one (UEFI 2.10, 7.1.8).</summary>
    /// <returns>The level to give to <see cref="RestoreTpl"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint RaiseTpl(nuint tpl)
    {
        nuint old = Machine.Call(BootServices->RaiseTPL, tpl);
        if (TplToUnwind == 0)
        {
            TplToUnwind = old;
        }

        return old;
    }

    /// <summary>Goes back to the level before <see cref="RaiseTpl"/>; what became ready meanwhile runs within this call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RestoreTpl(nuint old)
    {
        if (TplToUnwind == old)
        {
            TplToUnwind = 0; // Before the call: it may run notifications, which are entries of their own.
        }

        Machine.Call(BootServices->RestoreTPL, old);
    }

    /// <summary>What the level was before the present entry first raised it, or 0: where a fault has to return to.</summary>
    internal static nuint TplToUnwind { get; set; }

    /// <summary>The present task priority level. Two calls of firmware: not for the way of a frame.</summary>
    public static nuint CurrentTpl
    {
        get
        {
            nuint tpl = RaiseTpl(EFI_TPL.TPL_HIGH_LEVEL);
            RestoreTpl(tpl);
            return tpl;
        }
    }

    /// <summary>Waits without giving up the processor.</summary>
    public static void Stall(uint microseconds) => BootServices->Stall(microseconds);

    /// <summary>Lets the processor rest until the firmware's timer ticks. At once where that cannot be: above TPL_APPLICATION, without memory.</summary>
    public static void WaitForTick()
    {
        EFI_EVENT tick; // No Event: this is called a hundred times a second, in whatever arena.
        if (BootServices->CreateEvent(EVT.EVT_TIMER, 0, null, null, &tick).IsError)
        {
            return;
        }

        nuint index;
        if (!BootServices->SetTimer(tick, EFI_TIMER_DELAY.TimerRelative, 0).IsError)
        {
            BootServices->WaitForEvent(1, &tick, &index);
        }

        BootServices->CloseEvent(tick);
    }

    /// <summary>Opens protocol <typeparamref name="T"/> of a handle (UEFI 2.10, 7.3.9), with EFI_OPEN_PROTOCOL_* bits.</summary>
    /// <returns>The interface, or null: <paramref name="status"/> then says why, and is never a success.</returns>
    public static T* Open<T>(EFI_HANDLE handle, EFI_HANDLE agent, EFI_HANDLE controller, uint attributes, out EFI_STATUS status)
        where T : unmanaged, IProtocol =>
        (T*)Open(T.Guid, handle, agent, controller, attributes, out status);

    /// <summary>Undoes <see cref="Open"/> BY_DRIVER, BY_CHILD_CONTROLLER or EXCLUSIVE (UEFI 2.10, 7.3.10).</summary>
    public static EFI_STATUS Close<T>(EFI_HANDLE handle, EFI_HANDLE agent, EFI_HANDLE controller) where T : unmanaged, IProtocol
    {
        EFI_GUID guid = T.Guid;
        return BootServices->CloseProtocol(handle, &guid, agent, controller);
    }

    /// <summary>The protocol's interface on a handle without opening it, or null. Nothing has to be closed.</summary>
    public static T* Get<T>(EFI_HANDLE handle) where T : unmanaged, IProtocol =>
        Open<T>(handle, ImageHandle, default, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_GET_PROTOCOL, out _);

    /// <summary>Whether the handle carries the protocol, be it only as a tag.</summary>
    public static bool Has<T>(EFI_HANDLE handle) where T : unmanaged, IProtocol => Test<T>(handle).IsSuccess;

    /// <summary>Whether the value is a handle at all: the database answers INVALID_PARAMETER for what is none.</summary>
    public static bool IsHandle(EFI_HANDLE handle) =>
        !handle.IsNull && Test<EFI_DEVICE_PATH_PROTOCOL>(handle) != EFI_STATUS.EFI_INVALID_PARAMETER;

    /// <summary>The first interface of a protocol that there is one of in the system, or null (UEFI 2.10, 7.3.16).</summary>
    public static T* Locate<T>() where T : unmanaged, IProtocol
    {
        EFI_GUID guid = T.Guid;
        void* found = null;
        return BootServices->LocateProtocol(&guid, null, &found).IsError ? null : (T*)found;
    }

    /// <summary>All handles that carry the protocol, or none. The caller disposes the buffer.</summary>
    public static PoolBuffer<EFI_HANDLE> LocateHandles<T>() where T : unmanaged, IProtocol => LocateHandles(T.Guid);

    /// <summary>The handle with a protocol that has a device path; null for none.</summary>
    /// <param name="path">With its End node.</param>
    public static EFI_HANDLE Find<T>(ReadOnlySpan<byte> path) where T : unmanaged, IProtocol
    {
        EFI_GUID guid = T.Guid;
        EFI_HANDLE found = default;
        fixed (byte* start = path)
        {
            EFI_DEVICE_PATH_PROTOCOL* rest = (EFI_DEVICE_PATH_PROTOCOL*)start;
            bool isThere = !BootServices->LocateDevicePath(&guid, &rest, &found).IsError;
            return isThere && rest->Type == EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE ? found : default;
        }
    }

    /// <summary>Every present opening of a protocol on a handle. The caller disposes the buffer.</summary>
    public static PoolBuffer<EFI_OPEN_PROTOCOL_INFORMATION_ENTRY> Openings<T>(EFI_HANDLE handle) where T : unmanaged, IProtocol =>
        Openings(T.Guid, handle);

    /// <summary>Installs an interface; a null handle becomes a new one (UEFI 2.10, 7.3.2).</summary>
    public static EFI_STATUS Install<T>(ref EFI_HANDLE handle, T* instance) where T : unmanaged, IProtocol
    {
        EFI_GUID guid = T.Guid;
        EFI_HANDLE target = handle;
        EFI_STATUS status =
            BootServices->InstallProtocolInterface(&target, &guid, EFI_INTERFACE_TYPE.EFI_NATIVE_INTERFACE, instance);
        if (!status.IsError)
        {
            handle = target;
        }

        return status;
    }

    /// <summary>
    /// Takes an interface away; firmware first disconnects the drivers that use it, and answers ACCESS_DENIED, with the interface left
    /// where it was, when one will not let go (UEFI 2.10, 7.3.3).
    /// </summary>
    public static EFI_STATUS Uninstall<T>(EFI_HANDLE handle, T* instance) where T : unmanaged, IProtocol
    {
        EFI_GUID guid = T.Guid;
        return BootServices->UninstallProtocolInterface(handle, &guid, instance);
    }

    // What is the same for all protocols is there once in an image, and not once for each.

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void* Open(
        EFI_GUID guid, EFI_HANDLE handle, EFI_HANDLE agent, EFI_HANDLE controller, uint attributes, out EFI_STATUS status)
    {
        void* found = null;
        status = BootServices->OpenProtocol(handle, &guid, &found, agent, controller, attributes);
        if (status.IsError)
        {
            return null;
        }

        if (found == null)
        {
            BootServices->CloseProtocol(handle, &guid, agent, controller);
            status = EFI_STATUS.EFI_UNSUPPORTED; // A protocol without an interface is only a tag.
        }

        return found;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PoolBuffer<EFI_HANDLE> LocateHandles(EFI_GUID guid)
    {
        nuint count = 0;
        EFI_HANDLE* handles = null;
        EFI_STATUS status = BootServices->LocateHandleBuffer(EFI_LOCATE_SEARCH_TYPE.ByProtocol, &guid, null, &count, &handles);
        return status.IsError ? default : new PoolBuffer<EFI_HANDLE>(handles, (int)count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PoolBuffer<EFI_OPEN_PROTOCOL_INFORMATION_ENTRY> Openings(EFI_GUID guid, EFI_HANDLE handle)
    {
        nuint count = 0;
        EFI_OPEN_PROTOCOL_INFORMATION_ENTRY* entries = null;
        EFI_STATUS status = BootServices->OpenProtocolInformation(handle, &guid, &entries, &count);
        return status.IsError ? default : new PoolBuffer<EFI_OPEN_PROTOCOL_INFORMATION_ENTRY>(entries, (int)count);
    }

    private static EFI_STATUS Test<T>(EFI_HANDLE handle) where T : unmanaged, IProtocol
    {
        EFI_GUID guid = T.Guid;
        return BootServices->OpenProtocol(
            handle, &guid, null, ImageHandle, default, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_TEST_PROTOCOL);
    }
}
