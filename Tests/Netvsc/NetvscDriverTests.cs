using System;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Tests.Netvsc.NetvscMachine;

namespace NetBoot.Tests.Netvsc;

public sealed class WindowsNetvscDriverTests() : NetvscDriverTests(HostKind.Windows);

public sealed class OpenVmmNetvscDriverTests() : NetvscDriverTests(HostKind.OpenVmm);

/// <summary>What firmware sees of netvsc: names, paths, starting, stopping, leaving.</summary>
public abstract unsafe class NetvscDriverTests(HostKind host) : NetvscTest(host)
{
    [Theory]
    [InlineData(VmbusKind.Ours)]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void Connect_MakesANetworkInterface_WithTheHostsAddress(VmbusKind kind)
    {
        NetvscMachine machine = Make(kind);
        SnpClient client = machine.Connect();
        Assert.Equal(new MacAddress(Address), client.CurrentAddress);
        Assert.Equal(1500u, client.Mode.MaxPacketSize);
        Assert.Equal(1, client.Mode.MediaPresentSupported);
        Assert.Equal("Hyper-V Network Adapter {2D5CF4A1-0D0E-4E7C-9D5B-3F0C8A6B1E77}", machine.NameOf(machine.ChannelHandle, default));
        Assert.Equal(
            "Hyper-V Network Adapter {2D5CF4A1-0D0E-4E7C-9D5B-3F0C8A6B1E77} 00:15:5d:0a:0b:0c",
            machine.NameOf(machine.ChannelHandle, machine.Child));
        byte[] path = DevicePath.Measure(machine.Simulated.Get<EFI_DEVICE_PATH_PROTOCOL>(machine.Child)).ToArray();
        byte[] parent = DevicePath.WithoutEnd(
            DevicePath.Measure(machine.Simulated.Get<EFI_DEVICE_PATH_PROTOCOL>(machine.ChannelHandle))).ToArray();
        // On Hyper-V's own firmware, as NetvscDxe has it: boot entries are written by the host before there is an address.
        byte[] node = kind == VmbusKind.Ours ? SimulatedPath.Mac(Address) : [3, 11, 37, 0, .. new byte[33]];
        Assert.Equal([.. parent, .. node, 0x7F, 0xFF, 4, 0], path);
    }

    [Theory]
    [InlineData(VmbusKind.Ours)]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void LoadConnectUseDisconnectReconnectUnload_ForEver_LeavesNothing(VmbusKind kind)
    {
        NetvscMachine machine = Make(kind);
        for (int i = 0; i < 20; i++)
        {
            machine.Open();
            machine.ExpectSent(Frame(i));
            machine.Device.Deliver(Frame(i), Frame(i + 1));
            machine.ExpectReceived(Frame(i));
            Assert.True(machine.Simulated.Disconnect(machine.ChannelHandle).IsSuccess);
            Assert.False(machine.Channel.IsOpen);
            machine.Connect();
            Assert.True(machine.Channel.IsOpen);
            machine.Uninstall();
            machine.Install();
        }
    }

    [Theory]
    [InlineData(VmbusKind.Ours)]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void AnythingThatIsNotToBeHad_WhileConnecting_LeavesNothing(VmbusKind kind)
    {
        NetvscMachine machine = Make(kind);
        bool failed = true;
        for (int nth = 0; failed; nth++)
        {
            FailingCall call = new(machine.Simulated, nth);
            bool connected = machine.Simulated.Connect(machine.Controller, recursive: true).IsSuccess;
            failed = call.End();
            machine.ExpectRingsKept();
            Assert.True(connected || failed);
            Assert.True(!machine.Child.IsNull || failed);
            machine.Uninstall();
            machine.Install();
        }
    }

    [Fact]
    public void AnIsolatedMachine_IsLeftAlone()
    {
        NetvscMachine marked = Make(VmbusKind.MicrosoftIsolated);
        Assert.True(marked.Simulated.Connect(marked.Controller).IsError);
        marked.Dispose();

        NetvscMachine told = Make(VmbusKind.Microsoft);
        told.Microsoft.TellsProcessor = true;
        told.Host.Isolation = 2;
        Assert.True(told.Simulated.Connect(told.Controller).IsError);
        Assert.False(told.Channel.IsOpen);
        told.Host.Isolation = 0;
        told.Connect();
    }

    [Fact]
    public void FirmwareThatMovesSharedPages_IsLeftAlone()
    {
        NetvscMachine machine = Make(VmbusKind.Microsoft);
        machine.Microsoft.MovesPages = true;
        Assert.True(machine.Simulated.Connect(machine.Controller).IsError);
    }

    [Theory]
    [InlineData(VmbusKind.Microsoft, true)]
    [InlineData(VmbusKind.Microsoft, false)]
    [InlineData(VmbusKind.MicrosoftLegacy, true)]
    [InlineData(VmbusKind.MicrosoftLegacy, false)]
    public void FirmwareThatRefuses_LeavesNothing(VmbusKind kind, bool atOpen)
    {
        NetvscMachine machine = Make(kind);
        machine.Microsoft.GpadlStatus = atOpen ? default : EFI_STATUS.EFI_OUT_OF_RESOURCES;
        machine.Microsoft.OpenStatus = atOpen ? EFI_STATUS.EFI_OUT_OF_RESOURCES : default;
        Assert.True(machine.Simulated.Connect(machine.Controller).IsError);
        machine.Uninstall();
        machine.Microsoft.GpadlStatus = default;
        machine.Microsoft.OpenStatus = default;
        machine.Install();
        machine.Open();
    }

    [Fact]
    public void AChannelOfAnotherClass_IsNotNetvscs()
    {
        NetvscMachine machine = Make();
        Guid video = new("da0a7802-e377-4aac-8e77-0558eb1073f8");
        RawDevice other = new(video, new Guid(7, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8));
        machine.Host.Vmbus.Add(other);
        machine.Connect();
        Assert.Equal(2, machine.Simulated.HandlesWith<NETBOOT_VMBUS_PROTOCOL>().Count);
        Assert.False(other.Channel!.IsOpen);
    }

    [Theory]
    [InlineData(VmbusKind.Ours)]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void ExitBootServices_ClosesTheChannel_AndLeavesTheMemoryMap(VmbusKind kind)
    {
        NetvscMachine machine = Make(kind);
        machine.Open();
        machine.Device.Deliver(Frame(1));
        HostChannel channel = machine.Channel;
        Assert.True(machine.Simulated.ExitBootServices().IsSuccess); // With the map's key of before.
        Assert.False(channel.IsOpen);
    }

    [Theory]
    [InlineData(VmbusKind.Microsoft, "CreateGpadl")]
    [InlineData(VmbusKind.Microsoft, "OpenChannel")]
    [InlineData(VmbusKind.MicrosoftLegacy, "CreateGpadl")]
    [InlineData(VmbusKind.MicrosoftLegacy, "OpenChannel")]
    public void AnAdapterThatIsOfferedWhileAnotherIsSetUp_IsConnectedFromWithin_AndBothWork(VmbusKind kind, string within)
    {
        NetvscMachine machine = Make(kind);
        NetvspDevice late = new(machine.Host, [0, 0x15, 0x5D, 1, 1, 1], new Guid("11111111-2222-3333-4444-555555555555"));
        int connected = 0;
        machine.Microsoft.Waiting = what =>
        {
            if (what == within && late.Channel is null)
            {
                machine.Host.Vmbus.Add(late);
            }

            connected += late.Channel is { IsOpen: true } ? 1 : 0;
        };
        Assert.True(machine.Simulated.Connect(machine.Controller).IsSuccess);
        Assert.NotEqual(0, connected); // While the first was still being set up.
        foreach (EFI_HANDLE child in machine.Simulated.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>())
        {
            using SnpClient client = new(machine.Simulated.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(child));
            NetvspDevice device = client.CurrentAddress == new MacAddress(Address) ? machine.Device : late;
            Assert.True(client.Start().IsSuccess);
            Assert.True(client.Initialize().IsSuccess);
            Assert.True(client.ReceiveFilters(Unicast, 0).IsSuccess);
            Assert.True(client.Transmit(Frame(1), out _).IsSuccess);
            Assert.Equal(Frame(1), device.Frames.Dequeue());
            device.Deliver(Frame(2, 60, device.Address));
            Assert.True(client.Receive(out byte[] received).IsSuccess);
            Assert.Equal(Frame(2, 60, device.Address), received);
        }

        machine.ExpectsFootprint = false; // The late handle stays the firmware's.
    }

    [Theory]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void TheFirmwaresBus_ThatStopsAChannel_TakesTheNicWithIt(VmbusKind kind)
    {
        NetvscMachine machine = Make(kind);
        machine.Open();
        machine.Microsoft.Remove(machine.Controller);
        Assert.True(machine.Child.IsNull);
        Assert.Empty(machine.Host.Vmbus.Gpadls);
        machine.ExpectsFootprint = false; // Its handle is gone.
    }

    [Fact]
    public void ExitBootServices_WhenTheHostDoesNotAnswer_IsOverInTime()
    {
        NetvscMachine machine = Open();
        machine.ExpectsNothingLeft = false;
        machine.Channel.IsPaused = true;
        TimeSpan before = machine.Simulated.Elapsed;
        Assert.True(machine.Simulated.ExitBootServices().IsSuccess);
        Assert.InRange((machine.Simulated.Elapsed - before).TotalSeconds, 0, 10);
    }
}
