using System;
using System.Linq;
using NetBoot.BusDrivers;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Tests.Netvsc.NetvscMachine;

namespace NetBoot.Tests.Netvsc;

public sealed class WindowsNetvscAArch64Tests() : NetvscAArch64Tests(HostKind.Windows);

public sealed class OpenVmmNetvscAArch64Tests() : NetvscAArch64Tests(HostKind.OpenVmm);

/// <summary>The adapter where the processor is of AArch64, on our bus and on that of Microsoft's firmware.</summary>
[Collection("Firmware")]
public abstract unsafe class NetvscAArch64Tests(HostKind host) : NetvscTest(host)
{
    [Fact]
    public void Adapter_OnOurBus_Works_AlsoAfterATakeover()
    {
        NetvscMachine machine = Make(VmbusKind.OursOnAArch64);
        machine.Open();
        ExpectFrames(machine, 0);
        Pages foreign = Pages.Allocate(4096)!;
        machine.Host.TakeOver((ulong)foreign.Address);
        machine.Simulated.Advance(TimeSpan.FromSeconds(1));
        ExpectFrames(machine, 1000);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, machine.Simulated.ExitBootServices());
        Assert.Equal(VmbusMessage.Unload, machine.Host.Vmbus.LoggedTypes.Last());
    }

    [Theory]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void Adapter_OfMicrosoftsFirmware_Works_AndTheBusIsLeftToIt(VmbusKind kind)
    {
        NetvscMachine machine = Make(kind);
        using FirmwareOnAArch64 told = new(machine);
        machine.Uninstall();
        machine.Install(); // Told what the processor is.
        Assert.Empty(machine.Simulated.HandlesWith<NETBOOT_VMBUS_ROOT_PROTOCOL>());
        int writes = machine.Host.WriteCount(Register.GuestOsId);
        machine.Open();
        ExpectFrames(machine, 0);
        Assert.NotEqual(0, machine.Host.Conduit.HvcCount); // Whether the machine is isolated.
        Assert.Equal(writes, machine.Host.WriteCount(Register.GuestOsId));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Adapter_OfAnIsolatedMachine_IsLeftAlone(bool isRealm)
    {
        NetvscMachine machine = Make(VmbusKind.Microsoft);
        using FirmwareOnAArch64 told = new(machine);
        machine.Host.Conduit.IsRealm = isRealm;
        machine.Host.Isolation = isRealm ? 0u : 1;
        Assert.True(machine.Simulated.Connect(machine.Controller).IsError);
        Assert.False(machine.Channel.IsOpen);
    }

    private static void ExpectFrames(NetvscMachine machine, int first)
    {
        for (int i = first; i < first + 100; i++)
        {
            machine.ExpectSent(Frame(i));
            machine.Device.Deliver(Frame(i), Frame(i + 1));
            machine.ExpectReceived(Frame(i));
            machine.ExpectReceived(Frame(i + 1));
        }
    }

    /// <summary>While it is there, the processor and the tables are those of AArch64.</summary>
    private sealed class FirmwareOnAArch64 : IProcessor, IDisposable
    {
        private readonly SmcccConduit _conduit;
        private readonly SimulatedAcpi _acpi;

        public FirmwareOnAArch64(NetvscMachine machine)
        {
            _conduit = machine.Host.Conduit;
            _conduit.HasSmc = true;
            _acpi = new SimulatedAcpi(machine.Simulated);
            _acpi.Fixed.HypervisorVendor = "MsHyperV";
            _acpi.Fixed.ArmBootArchitecture = 1; // mu_msvm, Fadt.aslc
            Processor.Host = this;
        }

        public void Dispose()
        {
            Processor.Host = null;
            _acpi.Dispose();
        }

        bool IProcessor.IsAArch64 => true;

        void IProcessor.Hvc(ulong* registers) => _conduit.Hvc(new Span<ulong>(registers, SmcccConduit.RegisterCount));

        void IProcessor.Smc(ulong* registers) => _conduit.Smc(new Span<ulong>(registers, SmcccConduit.RegisterCount));

        void IProcessor.Cpuid(uint leaf, uint subleaf, Span<uint> result)
        {
        }

        ulong IProcessor.ReadMsr(uint register) => throw new NotSupportedException();

        void IProcessor.WriteMsr(uint register, ulong value) => throw new NotSupportedException();

        ulong IProcessor.HyperVCall(void* page, ulong control, ulong input, ulong output) => throw new NotSupportedException();
    }
}
