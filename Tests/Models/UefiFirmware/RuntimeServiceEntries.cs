using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>The members of EFI_RUNTIME_SERVICES (UEFI 2.10, 8). Those that are not simulated are unsupported.</summary>
internal static unsafe class RuntimeServiceEntries
{
    public static void Fill(EFI_RUNTIME_SERVICES* table)
    {
        table->GetTime = &GetTime;
        table->SetTime = &SetTime;
        table->GetWakeupTime = &GetWakeupTime;
        table->SetWakeupTime = &SetWakeupTime;
        table->SetVirtualAddressMap = &SetVirtualAddressMap;
        table->ConvertPointer = &ConvertPointer;
        table->GetVariable = &GetVariable;
        table->GetNextVariableName = &GetNextVariableName;
        table->SetVariable = &SetVariable;
        table->GetNextHighMonotonicCount = &GetNextHighMonotonicCount;
        table->ResetSystem = &ResetSystem;
        table->UpdateCapsule = &UpdateCapsule;
        table->QueryCapsuleCapabilities = &QueryCapsuleCapabilities;
        table->QueryVariableInfo = &QueryVariableInfo;
    }

    private static EFI_STATUS Serve(string service, Func<SimulatedFirmware, EFI_STATUS> body) =>
        SimulatedFirmware.ServeRuntime(service, EFI_TPL.TPL_CALLBACK, body);

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetTime(EFI_TIME* time, EFI_TIME_CAPABILITIES* capabilities) => Serve(nameof(GetTime), firmware =>
    {
        if (time == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (firmware.Clock is not { } clock)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        DateTime now = clock + firmware.Elapsed;
        *time = new EFI_TIME
        {
            Year = (ushort)now.Year,
            Month = (byte)now.Month,
            Day = (byte)now.Day,
            Hour = (byte)now.Hour,
            Minute = (byte)now.Minute,
            Second = (byte)now.Second,
            TimeZone = 0,
        };
        if (capabilities != null)
        {
            *capabilities = new EFI_TIME_CAPABILITIES { Resolution = 1, Accuracy = 50_000_000 };
        }

        return EFI_STATUS.EFI_SUCCESS;
    });

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetTime(EFI_TIME* time) => EFI_STATUS.EFI_UNSUPPORTED;

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetWakeupTime(byte* enabled, byte* pending, EFI_TIME* time) => EFI_STATUS.EFI_UNSUPPORTED;

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetWakeupTime(byte enable, EFI_TIME* time) => EFI_STATUS.EFI_UNSUPPORTED;

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetVirtualAddressMap(nuint size, nuint stride, uint version, EFI_MEMORY_DESCRIPTOR* map) =>
        EFI_STATUS.EFI_UNSUPPORTED;

    [UnmanagedCallersOnly]
    private static EFI_STATUS ConvertPointer(nuint disposition, void** address) => EFI_STATUS.EFI_UNSUPPORTED;

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetVariable(char* name, EFI_GUID* vendor, uint* attributes, nuint* size, void* data) =>
        Serve(nameof(GetVariable), firmware => firmware.Variables.Get(name, vendor, attributes, size, data));

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetNextVariableName(nuint* size, char* name, EFI_GUID* vendor) =>
        Serve(nameof(GetNextVariableName), firmware => firmware.Variables.Next(size, name, vendor));

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetVariable(char* name, EFI_GUID* vendor, uint attributes, nuint size, void* data) =>
        Serve(nameof(SetVariable), firmware => firmware.Variables.Set(name, vendor, attributes, size, data));

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetNextHighMonotonicCount(uint* count) => EFI_STATUS.EFI_UNSUPPORTED;

    [UnmanagedCallersOnly]
    private static void ResetSystem(EFI_RESET_TYPE type, EFI_STATUS status, nuint size, void* data) =>
        Serve(nameof(ResetSystem), firmware =>
        {
            firmware.Reset(new SimulatedReset(type, status));
            return EFI_STATUS.EFI_SUCCESS;
        });

    [UnmanagedCallersOnly]
    private static EFI_STATUS UpdateCapsule(void** headers, nuint count, ulong list) => EFI_STATUS.EFI_UNSUPPORTED;

    [UnmanagedCallersOnly]
    private static EFI_STATUS QueryCapsuleCapabilities(void** headers, nuint count, ulong* size, EFI_RESET_TYPE* type) =>
        EFI_STATUS.EFI_UNSUPPORTED;

    [UnmanagedCallersOnly]
    private static EFI_STATUS QueryVariableInfo(uint attributes, ulong* storage, ulong* remaining, ulong* variable) =>
        EFI_STATUS.EFI_UNSUPPORTED;
}
