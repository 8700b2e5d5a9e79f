using System;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Storvsc;

public sealed class WindowsBesideNetvscTests() : BesideNetvscTests(HostKind.Windows);

public sealed class OpenVmmBesideNetvscTests() : BesideNetvscTests(HostKind.OpenVmm);

/// <summary>A disk and a network adapter on one bus.</summary>
[Collection("Firmware")]
public abstract unsafe class BesideNetvscTests(HostKind host) : StorvscTest(host)
{
    [Fact]
    public void DiskAndNic_WorkAtOnce_AndAreStoppedAndStartedApart()
    {
        StorvscMachine machine = Make(hasNetwork: true);
        machine.Connect();
        using SnpClient client = OpenNetwork(machine);
        for (int i = 0; i < 20; i++)
        {
            UseBoth(machine, client, i);
        }

        EFI_HANDLE disk = machine.Handle;
        Assert.True(machine.Simulated.Disconnect(disk).IsSuccess);
        Assert.False(machine.Channel.IsOpen);
        UseNetwork(machine, client, 1);
        machine.Connect();
        UseBoth(machine, client, 2);

        Assert.True(machine.Simulated.Disconnect(ChannelOf(machine.Network!, machine)).IsSuccess);
        Assert.False(machine.Network!.Channel!.IsOpen);
        machine.Client.ExpectRead(machine, 0, 100);
        machine.Connect();
        using SnpClient again = OpenNetwork(machine);
        UseBoth(machine, again, 3);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0x0003_0000u)]
    public void Takeover_IsSurvivedByBoth(uint? contact)
    {
        StorvscMachine machine = Make(hasNetwork: true);
        machine.Connect();
        using SnpClient client = OpenNetwork(machine);
        using Pages foreign = Pages.Allocate(Pages.PageSize)!;
        for (int i = 0; i < 3; i++)
        {
            machine.Device.Faults.HoldsRequests = true;
            using ScsiClient.ScsiCall call = machine.Client.Begin(ScsiClient.ReadCdb(0, 8), 8 * 512);
            machine.Host.TakeOver((ulong)foreign.Address, contact);
            machine.Device.Faults.HoldsRequests = false;
            machine.Simulated.Advance(TimeSpan.FromSeconds(1));
            Assert.True(call.IsOver);
            Assert.Equal(machine.SectorsAt(0, 8), call.Finish().Data);
            client.Interrupts();
            machine.Network!.Frames.Clear();
            UseBoth(machine, client, i);
        }
    }

    [Fact]
    public void ExitBootServices_LeavesNothingOfEither()
    {
        StorvscMachine machine = Make(hasNetwork: true);
        machine.Connect();
        SnpClient client = OpenNetwork(machine);
        UseBoth(machine, client, 1);
        Assert.True(machine.Simulated.ExitBootServices().IsSuccess);
    }

    private static void UseBoth(StorvscMachine machine, SnpClient client, int number)
    {
        using ScsiClient.ScsiCall call = machine.Client.Begin(ScsiClient.ReadCdb(number, 3), 3 * 512);
        UseNetwork(machine, client, number);
        machine.Client.ExpectRead(machine, 2 * number, 50);
        Assert.True(call.IsOver);
        Assert.Equal(machine.SectorsAt(number, 3), call.Finish().Data);
    }

    private static void UseNetwork(StorvscMachine machine, SnpClient client, int number)
    {
        byte[] frame = Frame(machine.Network!, number);
        machine.Network!.Deliver(frame);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, client.Receive(out byte[] received));
        Assert.Equal(frame, received);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, client.Transmit(frame, out nint buffer));
        Assert.Equal(buffer, client.Recycled());
        Assert.Equal(frame, machine.Network.Frames.Dequeue());
    }

    private static byte[] Frame(NetvspDevice device, int number)
    {
        byte[] frame = new byte[100];
        device.Address.CopyTo(frame, 0);
        frame[6] = 2;
        frame[12] = 8;
        frame[14] = (byte)number;
        return frame;
    }

    private static EFI_HANDLE ChannelOf(NetvspDevice device, StorvscMachine machine)
    {
        foreach (EFI_HANDLE handle in machine.Simulated.HandlesWith<NETBOOT_VMBUS_PROTOCOL>())
        {
            EFI_GUID instance = machine.Simulated.Get<NETBOOT_VMBUS_PROTOCOL>(handle)->InstanceId;
            if (new Guid(new ReadOnlySpan<byte>(&instance, 16)) == device.Instance)
            {
                return handle;
            }
        }

        return default;
    }

    private static SnpClient OpenNetwork(StorvscMachine machine)
    {
        SnpClient client = new(machine.Simulated.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(
            Assert.Single(machine.Simulated.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>())));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, client.Start());
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, client.Initialize());
        Assert.Equal(
            EFI_STATUS.EFI_SUCCESS,
            client.ReceiveFilters(
                EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST | EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST, 0));
        return client;
    }
}
