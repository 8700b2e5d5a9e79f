using System;
using NetBoot.BusDrivers;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Models.UefiFirmware;

namespace NetBoot.Tests.Models.HyperVMachine;

/// <summary>
/// The processor of the simulated firmware as a guest of Hyper-V: what the product asks of its processor goes to a
/// <see cref="HyperVHost"/>, whose guest memory is what the firmware has allocated, and who acts as the firmware's clock moves. Violations that the
/// test has not taken make <see cref="Dispose"/> throw.
/// </summary>
public sealed unsafe class SimulatedHyperV : IProcessor, IDisposable
{
    public SimulatedHyperV(SimulatedFirmware firmware)
    {
        Memory.Owns = firmware.IsAllocated;
        Host = new HyperVHost(Memory) { Clock = () => (ulong)firmware.Elapsed.Ticks };
        firmware.Surroundings += Host.Poll;
        Processor.Host = this;
    }

    public HyperVHost Host { get; }

    public VmbusHost Vmbus => Host.Vmbus;

    /// <summary>To be given what a test has allocated for the guest elsewhere.</summary>
    public ProcessMemory Memory { get; } = new();

    public NetvspDevice AddNetwork(params byte[] address)
    {
        NetvspDevice device = new(Host, address.Length == 6 ? address : [0x00, 0x15, 0x5D, 0x01, 0x02, 0x03]);
        Vmbus.Add(device);
        return device;
    }

    void IProcessor.Cpuid(uint leaf, uint subleaf, Span<uint> result) => Host.Cpuid(leaf, subleaf, result);

    ulong IProcessor.ReadMsr(uint register) => Host.ReadMsr(register);

    void IProcessor.WriteMsr(uint register, ulong value) => Host.WriteMsr(register, value);

    ulong IProcessor.HyperVCall(void* page, ulong control, ulong input, ulong output) => Host.Call((ulong)page, control, input, output);

    public void Dispose()
    {
        if (Processor.Host == this)
        {
            Processor.Host = null;
        }

        if (Host.Violations.Count > 0)
        {
            throw new InvalidOperationException("What the guest did wrong: " + string.Join("; ", Host.Violations));
        }
    }
}
