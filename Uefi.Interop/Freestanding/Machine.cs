using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>What C# cannot say for itself: the fault boundary and the processor. Here, in firmware, with a little assembly.</summary>
public static unsafe class Machine
{
    /// <summary>Where a fault goes back to: lies on the stack of <see cref="TryCall"/>; the innermost is current.</summary>
    private struct Boundary
    {
        public nint StackPointer; // The assembly knows this one: first.
        public void* Arguments;
        public delegate*<void*, EFI_STATUS> Body;
        public EFI_STATUS Status;
        public Boundary* Outer;
        public nuint FaultAddress;
        public nint FaultKind; // A string as an address, since structs with references have none themselves.
    }

    private static Boundary* s_innermost;

    /// <summary>
    /// Calls <paramref name="body"/>; a programming fault (bounds, failed cast, overflow, throw) ends the call instead of running on.
    /// Nests. What is skipped are the bodies of catch and finally: nothing that must happen may stand in one.
    /// </summary>
    /// <returns>False after a fault, which is then described in <paramref name="fault"/>; the status is the fault's.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool TryCall<T>(ref T arguments, delegate*<ref T, EFI_STATUS> body, out EFI_STATUS status, out Fault fault)
        where T : allows ref struct
    {
        Boundary boundary = default;
        boundary.Arguments = Unsafe.AsPointer(ref arguments);
        boundary.Body = (delegate*<void*, EFI_STATUS>)body;
        bool completed = Run(&boundary);
        status = boundary.Status;
        fault = default;
        if (!completed)
        {
            fault = new Fault(Unsafe.As<nint, string>(ref boundary.FaultKind), boundary.FaultAddress);
            status = fault.Status;
        }

        return completed;
    }

    /// <summary>
    /// Calls a service of the firmware that every entry needs, without the calls around it that would tell a garbage collector: the shared
    /// raw layer cannot leave them out, since on the host, where there is one, the services are managed code.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint Call(delegate* unmanaged<nuint, nuint> service, nuint argument) =>
        ((delegate* unmanaged[SuppressGCTransition]<nuint, nuint>)service)(argument);

    /// <summary>As the above, for a service without a result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Call(delegate* unmanaged<nuint, void> service, nuint argument) =>
        ((delegate* unmanaged[SuppressGCTransition]<nuint, void>)service)(argument);

    /// <summary>EFI_SIMPLE_NETWORK_PROTOCOL.Receive (UEFI 2.10, 24.1.15) with a size and a buffer alone: as the above, for each frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EFI_STATUS Receive(EFI_SIMPLE_NETWORK_PROTOCOL* network, nuint* size, void* buffer) =>
        ((delegate* unmanaged[SuppressGCTransition]<
            EFI_SIMPLE_NETWORK_PROTOCOL*, nuint*, nuint*, void*, EFI_MAC_ADDRESS*, EFI_MAC_ADDRESS*, ushort*, EFI_STATUS>)network->Receive)(
            network, null, size, buffer, null, null, null);

    /// <summary>
    /// Calls a function with the calling convention that C has on other systems: the System V ABI on x64, where UEFI has Microsoft's; there is
    /// only one on AArch64.
    /// </summary>
    [RuntimeImport("*", "NetBootCallSystemV")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern nuint CallSystemV(void* function, void* first, nuint second);

    /// <summary>A free-running counter of constant rate (TSC, CNTVCT_EL0).</summary>
    [RuntimeImport("*", "NetBootReadCounter")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong ReadCounter();

    /// <summary>Ticks of <see cref="ReadCounter"/> in a second; 0 when the processor does not say (x64).</summary>
    [RuntimeImport("*", "NetBootCounterFrequency")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern ulong CounterFrequency();

    /// <summary>Tells the processor that this is a polling loop.</summary>
    [RuntimeImport("*", "NetBootPause")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Pause();

    /// <summary>
    /// What was read and written before it is so before what is read and written after it, as a device sees it that reaches memory by itself:
    /// descriptors before the register or the word that gives them away.
    /// </summary>
    [RuntimeImport("*", "NetBootDeviceBarrier")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void DeviceBarrier();

    /// <summary>
    /// What was read before it is so before what is read after it: the word or register by which a device gives something away before
    /// what it gives away.
    /// </summary>
    [RuntimeImport("*", "NetBootDeviceReadBarrier")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void DeviceReadBarrier();

    /// <summary>Ends the innermost call of <see cref="TryCall"/>.</summary>
    /// <param name="kind">What went wrong, as in <see cref="NetBoot.Uefi.Interop.Fault.Kind"/>.</param>
    /// <param name="address">The address of the code at fault.</param>
    internal static void Fault(string kind, nuint address)
    {
        Boundary* boundary = s_innermost;
        if (boundary == null)
        {
            // No entry from firmware to return from: all that is left is to say so and to stay.
            FaultReport.Write(new Fault(kind, address), "outside of any entry");
            while (true)
            {
                Pause();
            }
        }

        boundary->FaultKind = Unsafe.As<string, nint>(ref kind);
        boundary->FaultAddress = address;
        Abort(boundary);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Run(Boundary* boundary)
    {
        boundary->Outer = s_innermost;
        s_innermost = boundary;
        bool completed = Try(boundary, &Call) != 0;
        s_innermost = boundary->Outer;
        return completed;
    }

    private static void Call(Boundary* boundary) => boundary->Status = boundary->Body(boundary->Arguments);

    [RuntimeImport("*", "NetBootTry")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nuint Try(Boundary* boundary, delegate*<Boundary*, void> body);

    [RuntimeImport("*", "NetBootAbort")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void Abort(Boundary* boundary);

    /// <summary>Called by the stubs that compiled code calls at a fault.</summary>
    [RuntimeExport("NetBootFault")]
    private static void OnFault(int kind, nuint address) => Fault(KindName(kind), address);

    /// <summary>Called for `throw`. The exception's message is the fault's kind.</summary>
    [RuntimeExport("NetBootThrow")]
    private static void OnThrow(Exception exception, nuint address) => Fault(exception.Message, address);

    /// <summary>The numbers that the assembly passes.</summary>
    private static string KindName(int kind) => kind switch
    {
        1 => "index out of range",
        2 => "null reference",
        3 => "arithmetic overflow",
        4 => "division by zero",
        5 => "invalid cast",
        6 => "array element of a wrong type",
        7 => "bad argument",
        8 => "argument out of range",
        9 => "code that could not be compiled",
        10 => "stack overwritten",
        11 => "interface call without a target",
        _ => "fault",
    };
}
