using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop.Raw;
using static NetBoot.Uefi.Interop.Raw.EFI_TPL;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>
/// The members of EFI_BOOT_SERVICES. Each says the highest TPL at which it may be called (UEFI 2.10, 7.1, table of TPL restrictions), and
/// what it does to the <see cref="SimulatedFirmware"/> that there is.
/// </summary>
internal static unsafe class BootServiceEntries
{
    private const nuint BelowHigh = TPL_HIGH_LEVEL - 1;

    public static void Fill(EFI_BOOT_SERVICES* table)
    {
        table->RaiseTPL = &RaiseTPL;
        table->RestoreTPL = &RestoreTPL;
        table->AllocatePages = &AllocatePages;
        table->FreePages = &FreePages;
        table->GetMemoryMap = &GetMemoryMap;
        table->AllocatePool = &AllocatePool;
        table->FreePool = &FreePool;
        table->CreateEvent = &CreateEvent;
        table->CreateEventEx = &CreateEventEx;
        table->SetTimer = &SetTimer;
        table->WaitForEvent = &WaitForEvent;
        table->SignalEvent = &SignalEvent;
        table->CloseEvent = &CloseEvent;
        table->CheckEvent = &CheckEvent;
        table->InstallProtocolInterface = &InstallProtocolInterface;
        table->ReinstallProtocolInterface = &ReinstallProtocolInterface;
        table->UninstallProtocolInterface = &UninstallProtocolInterface;
        table->HandleProtocol = &HandleProtocol;
        table->RegisterProtocolNotify = &RegisterProtocolNotify;
        table->LocateHandle = &LocateHandle;
        table->LocateHandleBuffer = &LocateHandleBuffer;
        table->LocateDevicePath = &LocateDevicePath;
        table->LocateProtocol = &LocateProtocol;
        table->ProtocolsPerHandle = &ProtocolsPerHandle;
        table->OpenProtocol = &OpenProtocol;
        table->CloseProtocol = &CloseProtocol;
        table->OpenProtocolInformation = &OpenProtocolInformation;
        table->ConnectController = &ConnectController;
        table->DisconnectController = &DisconnectController;
        table->InstallConfigurationTable = &InstallConfigurationTable;
        table->LoadImage = &LoadImage;
        table->StartImage = &StartImage;
        table->Exit = &Exit;
        table->UnloadImage = &UnloadImage;
        table->ExitBootServices = &ExitBootServices;
        table->GetNextMonotonicCount = &GetNextMonotonicCount;
        table->Stall = &Stall;
        table->SetWatchdogTimer = &SetWatchdogTimer;
        table->CalculateCrc32 = &CalculateCrc32;
        table->CopyMem = &CopyMem;
        table->SetMem = &SetMem;
    }

    private static EFI_STATUS Serve(string service, nuint highestTpl, Func<SimulatedFirmware, EFI_STATUS> body) =>
        SimulatedFirmware.Serve(service, highestTpl, body);

    // UEFI 2.10, 7.1: task priority, events

    [UnmanagedCallersOnly]
    private static nuint RaiseTPL(nuint tpl)
    {
        nuint old = TPL_APPLICATION;
        Serve(nameof(RaiseTPL), TPL_HIGH_LEVEL, firmware =>
        {
            old = firmware.Events.RaiseTpl(tpl);
            return EFI_STATUS.EFI_SUCCESS;
        });
        return old;
    }

    [UnmanagedCallersOnly]
    private static void RestoreTPL(nuint old) => Serve(nameof(RestoreTPL), TPL_HIGH_LEVEL, firmware =>
    {
        firmware.Events.RestoreTpl(old);
        return EFI_STATUS.EFI_SUCCESS;
    });

    [UnmanagedCallersOnly]
    private static EFI_STATUS CreateEvent(
        uint type, nuint tpl, delegate* unmanaged<EFI_EVENT, void*, void> function, void* context, EFI_EVENT* result) =>
        Serve(nameof(CreateEvent), BelowHigh, firmware => firmware.Events.Create(type, tpl, function, context, null, result));

    [UnmanagedCallersOnly]
    private static EFI_STATUS CreateEventEx(
        uint type, nuint tpl, delegate* unmanaged<EFI_EVENT, void*, void> function, void* context, EFI_GUID* group, EFI_EVENT* result) =>
        Serve(nameof(CreateEventEx), BelowHigh, firmware => firmware.Events.Create(type, tpl, function, context, group, result));

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetTimer(EFI_EVENT target, EFI_TIMER_DELAY type, ulong time) =>
        Serve(nameof(SetTimer), BelowHigh, firmware => firmware.Events.SetTimer(target, type, time));

    [UnmanagedCallersOnly]
    private static EFI_STATUS WaitForEvent(nuint count, EFI_EVENT* events, nuint* index) =>
        Serve(nameof(WaitForEvent), TPL_APPLICATION, firmware => firmware.Events.Wait(count, events, index));

    [UnmanagedCallersOnly]
    private static EFI_STATUS SignalEvent(EFI_EVENT target) =>
        Serve(nameof(SignalEvent), TPL_HIGH_LEVEL, firmware => firmware.Events.Signal(target));

    [UnmanagedCallersOnly]
    private static EFI_STATUS CloseEvent(EFI_EVENT target) =>
        Serve(nameof(CloseEvent), BelowHigh, firmware => firmware.Events.Close(target));

    [UnmanagedCallersOnly]
    private static EFI_STATUS CheckEvent(EFI_EVENT target) =>
        Serve(nameof(CheckEvent), BelowHigh, firmware => firmware.Events.Check(target));

    // UEFI 2.10, 7.2: memory

    [UnmanagedCallersOnly]
    private static EFI_STATUS AllocatePages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, nuint count, ulong* address) =>
        Serve(nameof(AllocatePages), TPL_NOTIFY, firmware => firmware.Memory.AllocatePages(how, type, count, address));

    [UnmanagedCallersOnly]
    private static EFI_STATUS FreePages(ulong address, nuint count) =>
        Serve(nameof(FreePages), TPL_NOTIFY, firmware => firmware.Memory.FreePages(address, count));

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetMemoryMap(nuint* size, EFI_MEMORY_DESCRIPTOR* map, nuint* key, nuint* stride, uint* version) =>
        Serve(nameof(GetMemoryMap), TPL_NOTIFY, firmware => firmware.Memory.GetMap(size, map, key, stride, version));

    [UnmanagedCallersOnly]
    private static EFI_STATUS AllocatePool(EFI_MEMORY_TYPE type, nuint size, void** memory) =>
        Serve(nameof(AllocatePool), TPL_NOTIFY, firmware => firmware.Memory.AllocatePool(type, size, memory));

    [UnmanagedCallersOnly]
    private static EFI_STATUS FreePool(void* memory) =>
        Serve(nameof(FreePool), TPL_NOTIFY, firmware => firmware.Memory.FreePool(memory));

    // UEFI 2.10, 7.3: protocols

    [UnmanagedCallersOnly]
    private static EFI_STATUS InstallProtocolInterface(EFI_HANDLE* handle, EFI_GUID* guid, EFI_INTERFACE_TYPE type, void* @interface) =>
        Serve(nameof(InstallProtocolInterface), TPL_NOTIFY, firmware => firmware.Handles.Install(handle, guid, type, @interface));

    [UnmanagedCallersOnly]
    private static EFI_STATUS ReinstallProtocolInterface(EFI_HANDLE handle, EFI_GUID* guid, void* old, void* @new) =>
        Serve(nameof(ReinstallProtocolInterface), TPL_NOTIFY, firmware => firmware.Handles.Reinstall(handle, guid, old, @new));

    [UnmanagedCallersOnly]
    private static EFI_STATUS UninstallProtocolInterface(EFI_HANDLE handle, EFI_GUID* guid, void* @interface) =>
        Serve(nameof(UninstallProtocolInterface), TPL_NOTIFY, firmware => firmware.Handles.Uninstall(handle, guid, @interface));

    [UnmanagedCallersOnly]
    private static EFI_STATUS HandleProtocol(EFI_HANDLE handle, EFI_GUID* guid, void** @interface) =>
        Serve(nameof(HandleProtocol), TPL_NOTIFY, firmware => firmware.Handles.Open(
            handle, guid, @interface, default, default, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_HANDLE_PROTOCOL));

    [UnmanagedCallersOnly]
    private static EFI_STATUS RegisterProtocolNotify(EFI_GUID* guid, EFI_EVENT target, void** registration) =>
        Serve(nameof(RegisterProtocolNotify), TPL_NOTIFY, firmware => firmware.Handles.Register(guid, target, registration));

    [UnmanagedCallersOnly]
    private static EFI_STATUS LocateHandle(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID* guid, void* key, nuint* size, EFI_HANDLE* buffer) =>
        Serve(nameof(LocateHandle), TPL_NOTIFY, firmware => firmware.Handles.Locate(how, guid, key, size, buffer));

    [UnmanagedCallersOnly]
    private static EFI_STATUS LocateHandleBuffer(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID* guid, void* key, nuint* count, EFI_HANDLE** buffer) =>
        Serve(nameof(LocateHandleBuffer), TPL_NOTIFY, firmware => firmware.Handles.LocateBuffer(how, guid, key, count, buffer));

    [UnmanagedCallersOnly]
    private static EFI_STATUS LocateDevicePath(EFI_GUID* guid, EFI_DEVICE_PATH_PROTOCOL** path, EFI_HANDLE* device) =>
        Serve(nameof(LocateDevicePath), TPL_NOTIFY, firmware => firmware.Handles.LocateDevicePath(guid, path, device));

    [UnmanagedCallersOnly]
    private static EFI_STATUS LocateProtocol(EFI_GUID* guid, void* registration, void** @interface) =>
        Serve(nameof(LocateProtocol), TPL_NOTIFY, firmware => firmware.Handles.LocateProtocol(guid, registration, @interface));

    [UnmanagedCallersOnly]
    private static EFI_STATUS ProtocolsPerHandle(EFI_HANDLE handle, EFI_GUID*** buffer, nuint* count) =>
        Serve(nameof(ProtocolsPerHandle), TPL_NOTIFY, firmware => firmware.Handles.ProtocolsPerHandle(handle, buffer, count));

    [UnmanagedCallersOnly]
    private static EFI_STATUS OpenProtocol(
        EFI_HANDLE handle, EFI_GUID* guid, void** @interface, EFI_HANDLE agent, EFI_HANDLE controller, uint attributes) =>
        Serve(nameof(OpenProtocol), TPL_NOTIFY, firmware => firmware.Handles.Open(
            handle, guid, @interface, agent, controller, attributes));

    [UnmanagedCallersOnly]
    private static EFI_STATUS CloseProtocol(EFI_HANDLE handle, EFI_GUID* guid, EFI_HANDLE agent, EFI_HANDLE controller) =>
        Serve(nameof(CloseProtocol), TPL_NOTIFY, firmware => firmware.Handles.Close(handle, guid, agent, controller));

    [UnmanagedCallersOnly]
    private static EFI_STATUS OpenProtocolInformation(
        EFI_HANDLE handle, EFI_GUID* guid, EFI_OPEN_PROTOCOL_INFORMATION_ENTRY** buffer, nuint* count) =>
        Serve(nameof(OpenProtocolInformation), TPL_NOTIFY, firmware => firmware.Handles.Information(handle, guid, buffer, count));

    [UnmanagedCallersOnly]
    private static EFI_STATUS ConnectController(
        EFI_HANDLE controller, EFI_HANDLE* drivers, EFI_DEVICE_PATH_PROTOCOL* remaining, byte recursive) =>
        Serve(nameof(ConnectController), TPL_NOTIFY, firmware => firmware.Connector.Connect(
            controller, drivers, remaining, recursive != 0));

    [UnmanagedCallersOnly]
    private static EFI_STATUS DisconnectController(EFI_HANDLE controller, EFI_HANDLE driver, EFI_HANDLE child) =>
        Serve(nameof(DisconnectController), TPL_NOTIFY, firmware => firmware.Connector.Disconnect(controller, driver, child));

    // UEFI 2.10, 7.4: images

    [UnmanagedCallersOnly]
    private static EFI_STATUS LoadImage(
        byte bootPolicy, EFI_HANDLE parent, EFI_DEVICE_PATH_PROTOCOL* path, void* source, nuint size, EFI_HANDLE* image) =>
        Serve(nameof(LoadImage), TPL_APPLICATION, firmware => firmware.Images.Load(bootPolicy != 0, parent, path, source, size, image));

    [UnmanagedCallersOnly]
    private static EFI_STATUS StartImage(EFI_HANDLE image, nuint* exitSize, char** exitData) =>
        Serve(nameof(StartImage), TPL_APPLICATION, firmware => firmware.Images.Start(image, exitSize, exitData));

    /// <summary>Returns, for C# cannot unwind its caller: an image of a test then returns from its entry.</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Exit(EFI_HANDLE image, EFI_STATUS status, nuint size, char* data) =>
        Serve(nameof(Exit), TPL_CALLBACK, firmware => firmware.Images.Exit(image, status, size, data));

    [UnmanagedCallersOnly]
    private static EFI_STATUS UnloadImage(EFI_HANDLE image) =>
        Serve(nameof(UnloadImage), TPL_CALLBACK, firmware => firmware.Images.Unload(image));

    [UnmanagedCallersOnly]
    private static EFI_STATUS ExitBootServices(EFI_HANDLE image, nuint key) =>
        Serve(nameof(ExitBootServices), TPL_APPLICATION, firmware => firmware.ExitBootServices(image, key));

    // UEFI 2.10, 7.3.7 and 7.5: the rest

    [UnmanagedCallersOnly]
    private static EFI_STATUS InstallConfigurationTable(EFI_GUID* guid, void* table) =>
        Serve(nameof(InstallConfigurationTable), TPL_NOTIFY, firmware => ServiceTables.InstallConfigurationTable(firmware, guid, table));

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetNextMonotonicCount(ulong* count) => Serve(nameof(GetNextMonotonicCount), TPL_HIGH_LEVEL, firmware =>
    {
        if (count == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        *count = (ulong)firmware.CallCount;
        return EFI_STATUS.EFI_SUCCESS;
    });

    [UnmanagedCallersOnly]
    private static EFI_STATUS Stall(nuint microseconds) => Serve(nameof(Stall), TPL_HIGH_LEVEL, firmware =>
    {
        firmware.Spend(TimeSpan.FromMicroseconds(microseconds));
        return EFI_STATUS.EFI_SUCCESS;
    });

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetWatchdogTimer(nuint seconds, ulong code, nuint size, char* data) =>
        Serve(nameof(SetWatchdogTimer), TPL_NOTIFY, firmware =>
        {
            if (code <= 0xFFFF && seconds != 0)
            {
                return EFI_STATUS.EFI_INVALID_PARAMETER; // These codes are the firmware's own.
            }

            firmware.SetWatchdog(seconds);
            return EFI_STATUS.EFI_SUCCESS;
        });

    [UnmanagedCallersOnly]
    private static EFI_STATUS CalculateCrc32(void* data, nuint size, uint* crc) =>
        Serve(nameof(CalculateCrc32), TPL_HIGH_LEVEL, _ =>
        {
            if (data == null || size == 0 || crc == null)
            {
                return EFI_STATUS.EFI_INVALID_PARAMETER;
            }

            *crc = ServiceTables.Crc32(new ReadOnlySpan<byte>(data, checked((int)size)));
            return EFI_STATUS.EFI_SUCCESS;
        });

    [UnmanagedCallersOnly]
    private static void CopyMem(void* to, void* from, nuint size) => Buffer.MemoryCopy(from, to, size, size);

    [UnmanagedCallersOnly]
    private static void SetMem(void* buffer, nuint size, byte value) => NativeMemory.Fill(buffer, size, value);
}
