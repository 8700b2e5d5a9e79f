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
    private readonly SimulatedAcpi? _acpi;

    /// <param name="firmware">Whose clock and memory it shares.</param>
    /// <param name="kind">Whose host it is.</param>
    /// <param name="isAArch64">What the processor is, instead of x64. The firmware has <see cref="Acpi"/> then, which names Hyper-V.</param>
    public SimulatedHyperV(SimulatedFirmware firmware, HostKind kind = HostKind.Windows, bool isAArch64 = false)
    {
        Memory.Owns = firmware.IsAllocated;
        Host = new HyperVHost(Memory, kind) { Clock = () => (ulong)firmware.Elapsed.Ticks };
        firmware.Surroundings += Host.Poll;
        Processor.Host = this;
        if (isAArch64)
        {
            _acpi = new SimulatedAcpi(firmware);
            Acpi.Fixed.HypervisorVendor = "MsHyperV";
            Acpi.Fixed.ArmBootArchitecture = 3; // as OpenVMM's
        }
    }

    public HyperVHost Host { get; }

    public VmbusHost Vmbus => Host.Vmbus;

    /// <summary>On AArch64: the firmware's tables.</summary>
    public SimulatedAcpi Acpi => _acpi!;

    /// <summary>To be given what a test has allocated for the guest elsewhere.</summary>
    public ProcessMemory Memory { get; } = new();

    public NetvspDevice AddNetwork(params byte[] address)
    {
        NetvspDevice device = new(Host, address.Length == 6 ? address : [0x00, 0x15, 0x5D, 0x01, 0x02, 0x03]);
        Vmbus.Add(device);
        return device;
    }

    bool IProcessor.IsAArch64 => _acpi is not null;

    void IProcessor.Cpuid(uint leaf, uint subleaf, Span<uint> result)
    {
        if (_acpi is null)
        {
            Host.Cpuid(leaf, subleaf, result);
        }
    }

    ulong IProcessor.ReadMsr(uint register) => OnX64.ReadMsr(register);

    void IProcessor.WriteMsr(uint register, ulong value) => OnX64.WriteMsr(register, value);

    ulong IProcessor.HyperVCall(void* page, ulong control, ulong input, ulong output) => OnX64.Call((ulong)page, control, input, output);

    private HyperVHost OnX64 => _acpi is null ? Host : throw new InvalidOperationException("An instruction that AArch64 has not.");

    void IProcessor.Hvc(ulong* registers) => Host.Conduit.Hvc(new Span<ulong>(registers, SmcccConduit.RegisterCount));

    void IProcessor.Smc(ulong* registers) => Host.Conduit.Smc(new Span<ulong>(registers, SmcccConduit.RegisterCount));

    public void Dispose()
    {
        _acpi?.Dispose();
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
