using System.Linq;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Vmbus;

/// <summary>VMBus where the processor is of AArch64: how Hyper-V is found, and what it is asked by HVC.</summary>
[Collection("Firmware")]
public sealed unsafe class AArch64Tests
{
    // Detection

    [Fact]
    public void Root_WhereTheTablesNameHyperV_IsThere_AndNothingIsDoneBeforeItIsStarted()
    {
        using VmbusFixture fixture = new(isAArch64: true);
        fixture.Install();
        Assert.False(fixture.Root.IsNull);
        Assert.NotEqual(0, fixture.Host.Conduit.HvcCount);
        Assert.Equal(0, fixture.Host.Conduit.SmcCount);
        Assert.Equal(0, fixture.Host.WriteCount(Register.GuestOsId));
    }

    [Theory]
    [InlineData("no tables")]
    [InlineData("no vendor")]
    [InlineData("another vendor")]
    [InlineData("tables of revision 5")]
    public void Machine_WhoseTablesDoNotNameHyperV_IsAskedNothing(string kind)
    {
        using VmbusFixture fixture = new(isAArch64: true);
        fixture.Host.IsHypervisorPresent = false; // HVC is undefined,
        fixture.HyperV.Acpi.Fixed.ArmBootArchitecture = 1; // and SMC, whatever the tables say.
        switch (kind)
        {
            case "no tables":
                fixture.HyperV.Acpi.Withdraw();
                break;
            case "no vendor":
                fixture.HyperV.Acpi.Fixed.HypervisorVendor = "\0\0\0\0\0\0\0\0";
                break;
            case "another vendor":
                fixture.HyperV.Acpi.Fixed.HypervisorVendor = "QEMU    ";
                break;
            default:
                fixture.HyperV.Acpi.Fixed.Revision = 5;
                break;
        }

        fixture.Install();
        Assert.True(fixture.Root.IsNull);
        Assert.Equal(0, fixture.Host.Conduit.HvcCount);
        Assert.Equal(0, fixture.Host.Conduit.SmcCount);
        (EFI_STATUS status, string text) = fixture.Diagnose(fixture.Driver.Handle);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, status);
        Assert.Equal("VMBus is not driven: the firmware's tables do not name Hyper-V", text);
    }

    [Theory]
    [InlineData("another hypervisor", "does not answer as Hyper-V does")]
    [InlineData("no SynIC", "does not let this machine")]
    [InlineData("no messages", "does not let this machine")]
    [InlineData("no signals", "does not let this machine")]
    [InlineData("isolated", "memory is isolated from the host")]
    public void Root_WithoutWhatVmbusNeeds_IsNotThere(string lack, string reason)
    {
        using VmbusFixture fixture = new(isAArch64: true);
        HyperVHost host = fixture.Host;
        switch (lack)
        {
            case "another hypervisor":
                host.Conduit.KnowsHyperV = false;
                break;
            case "no SynIC":
                host.RegisterPrivileges &= ~4u;
                break;
            case "no messages":
                host.Privileges &= ~0x10u;
                break;
            case "no signals":
                host.Privileges &= ~0x20u;
                break;
            default:
                host.Isolation = 1;
                break;
        }

        fixture.Install();
        Assert.True(fixture.Root.IsNull);
        Assert.Contains(reason, fixture.Diagnose(fixture.Driver.Handle).Text);
        Assert.Equal(0, host.WriteCount(Register.GuestOsId));
    }

    [Fact]
    public void Realm_IsFoundBySmc_AndGetsNoHvc()
    {
        using VmbusFixture fixture = new(isAArch64: true);
        fixture.HyperV.Acpi.Fixed.ArmBootArchitecture = 1;
        fixture.Host.Conduit.HasSmc = true;
        fixture.Host.Conduit.IsRealm = true;
        fixture.Install();
        Assert.True(fixture.Root.IsNull);
        Assert.Equal(0, fixture.Host.Conduit.HvcCount);
        Assert.EndsWith("isolated from the host (Arm CCA)", fixture.Diagnose(fixture.Driver.Handle).Text);
    }

    // The connection

    [Theory]
    [InlineData(3, true)]  // OpenVMM's firmware is called by HVC, and it shows no privileges;
    [InlineData(3, false)]
    [InlineData(1, true)]  // Microsoft's by SMC.
    [InlineData(0, true)]
    public void Connection_IsMadeAndPutAway_OnEachKindOfHost(ushort architecture, bool tellsPrivileges)
    {
        using VmbusFixture fixture = new(isAArch64: true);
        fixture.HyperV.Acpi.Fixed.ArmBootArchitecture = architecture;
        fixture.Host.Conduit.HasSmc = architecture == 1;
        fixture.Host.Conduit.TellsPrivileges = tellsPrivileges;
        RawDevice device = VmbusFixture.NewDevice(1);
        fixture.Vmbus.Add(device);
        fixture.Install();
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
            Assert.StartsWith("VMBus 0.13, ", fixture.Diagnose(fixture.Root).Text);
            Assert.Equal(18u, fixture.Host.Synic.Source(2)); // Nobody has a handler, nor needs one: no auto-EOI, no polling.
            Assert.Equal(0u, fixture.Host.Synic.EventPage);
            ProtocolChannel channel = fixture.ChannelOf(device);
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Open(300, 300)); // Many messages, of which the slot holds one.
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Send([1, 2, 3], 7, true));
            Assert.Equal(7u, device.Packets.Dequeue().Transaction);
            device.Channel!.Send([4], 5, false);
            Assert.True(channel.TryReceive(out VmbusPacket packet));
            Assert.Equal(5u, packet.Transaction);
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Disconnect(fixture.Root, default));
            Assert.Empty(fixture.Host.Remains);
        }
    }

    [Fact]
    public void Connection_OfSomebodyElse_IsLeftAlone()
    {
        using VmbusFixture fixture = new(isAArch64: true) { ExpectsNothingLeft = false };
        fixture.Host.WriteMsr(Register.GuestOsId, 1ul << 40);
        fixture.Install();
        Assert.True(fixture.Root.IsNull);
        Assert.Contains("another guest has identified itself", fixture.Diagnose(fixture.Driver.Handle).Text);
        Assert.Equal(1, fixture.Host.WriteCount(Register.GuestOsId));
    }

    [Fact]
    public void Registers_AreWhatTheyWere_AfterStop()
    {
        using VmbusFixture fixture = new(isAArch64: true) { ExpectsNothingLeft = false };
        (uint Register, ulong Value)[] found = [(Register.Scontrol, 1), (Register.Sint2, 0x1_0013), (Register.Simp, 0x5_5000)];
        foreach ((uint register, ulong value) in found)
        {
            fixture.Host.WriteMsr(register, value);
        }

        fixture.Install();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        Assert.NotEqual(0u, fixture.Host.GuestOsId);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Disconnect(fixture.Root, default));
        Assert.Equal(0u, fixture.Host.GuestOsId);
        Assert.All(found, each => Assert.Equal(each.Value, fixture.Host.ReadMsr(each.Register)));
    }

    [Fact]
    public void Takeover_IsFoundAndUndone()
    {
        RawDevice device = VmbusFixture.NewDevice(1);
        using VmbusFixture fixture = new(isAArch64: true);
        fixture.Vmbus.Add(device);
        fixture.Install();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        ProtocolChannel channel = fixture.ChannelOf(device);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Open(2, 3));
        using Pages foreign = Pages.Allocate(4096)!;
        for (uint round = 1; round <= 5; round++)
        {
            fixture.Host.TakeOver((ulong)foreign.Address);
            fixture.Host.WriteMsr(Register.GuestOsId, round % 2 == 0 ? 0 : 1ul << 40); // It stays, or has gone.
            fixture.Wait();
            Assert.Equal(round, channel.Generation);
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Send([1, 2, 3], round, true));
            Assert.Equal(round, device.Packets.Dequeue().Transaction);
        }
    }

    [Fact]
    public void ExitBootServices_LeavesNothing()
    {
        RawDevice device = VmbusFixture.NewDevice(1);
        using VmbusFixture fixture = new(isAArch64: true);
        fixture.Vmbus.Add(device);
        fixture.Install();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(2, 2));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Simulated.ExitBootServices());
        Assert.Empty(fixture.Host.Remains);
        Assert.Equal(VmbusMessage.Unload, fixture.Vmbus.LoggedTypes.Last());
    }
}
