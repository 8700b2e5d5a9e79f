using System;
using System.Diagnostics;
using System.Threading;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>What C# cannot say for itself: the fault boundary and the processor. Here, on the host, in terms of .NET.</summary>
public static unsafe class Machine
{
    /// <summary>
    /// Calls <paramref name="body"/>; a programming fault (bounds, failed cast, overflow, throw) ends the call instead of running on.
    /// Nests. What is skipped are the bodies of catch and finally: nothing that must happen may stand in one.
    /// </summary>
    /// <returns>False after a fault, which is then described in <paramref name="fault"/>; the status is the fault's.</returns>
    public static bool TryCall<T>(ref T arguments, delegate*<ref T, EFI_STATUS> body, out EFI_STATUS status, out Fault fault)
        where T : allows ref struct
    {
        fault = default;
        try
        {
            status = body(ref arguments);
            return true;
        }
        catch (Exception exception)
        {
            Faulted?.Invoke(exception);
            fault = new Fault(exception is OutOfMemoryException ? Fault.OutOfMemory : exception.ToString(), 0);
            status = fault.Status;
            return false;
        }
    }

    /// <summary>On the host only: who is told of what ended a call.</summary>
    public static Action<Exception>? Faulted { get; set; }

    /// <summary>Calls a service of the firmware that every entry needs.</summary>
    public static nuint Call(delegate* unmanaged<nuint, nuint> service, nuint argument) => service(argument);

    /// <summary>As the above, for a service without a result.</summary>
    public static void Call(delegate* unmanaged<nuint, void> service, nuint argument) => service(argument);

    /// <summary>EFI_SIMPLE_NETWORK_PROTOCOL.Receive with nothing but its size and buffer (UEFI 2.10, 24.1.15).</summary>
    public static EFI_STATUS Receive(EFI_SIMPLE_NETWORK_PROTOCOL* network, nuint* size, void* buffer) =>
        network->Receive(network, null, size, buffer, null, null, null);

    /// <summary>
    /// Calls a function with the calling convention that C has on other systems: the System V ABI on x64, where UEFI has Microsoft's; there is
    /// only one on AArch64.
    /// </summary>
    public static nuint CallSystemV(void* function, void* first, nuint second) => ((delegate* unmanaged<void*, nuint, nuint>)function)(first, second);

    /// <summary>A free-running counter of constant rate (TSC, CNTVCT_EL0).</summary>
    public static ulong ReadCounter() => Counter is null ? (ulong)Stopwatch.GetTimestamp() : Counter();

    /// <summary>On the host only: the counter of a test's virtual clock.</summary>
    public static Func<ulong>? Counter { get; set; }

    /// <summary>Ticks of <see cref="ReadCounter"/> in a second; 0 when the processor does not say (x64).</summary>
    public static ulong CounterFrequency() => Frequency;

    /// <summary>On the host only: the frequency of a test's processor. Virtual clocks count as .NET's does, in nanoseconds.</summary>
    public static ulong Frequency { get; set; } = (ulong)Stopwatch.Frequency;

    /// <summary>Tells the processor that this is a polling loop.</summary>
    public static void Pause()
    {
    }

    /// <summary>
    /// What was read and written before it is so before what is read and written after it, as a device sees it that reaches memory by itself:
    /// descriptors before the register or the word that gives them away.
    /// </summary>
    public static void DeviceBarrier() => Interlocked.MemoryBarrier();

    /// <summary>
    /// What was read before it is so before what is read after it: the word or register by which a device gives something away before
    /// what it gives away.
    /// </summary>
    public static void DeviceReadBarrier() => Interlocked.MemoryBarrier();
}
