using System;
using System.Linq;
using NetBoot.Tests.Models.HyperV;
using Xunit;

namespace NetBoot.Tests.Storvsc;

public sealed class WindowsStorvscSetUpTests() : StorvscSetUpTests(HostKind.Windows);

public sealed class OpenVmmStorvscSetUpTests() : StorvscSetUpTests(HostKind.OpenVmm);

/// <summary>Agreeing on a version of the storage protocol.</summary>
[Collection("Firmware")]
public abstract class StorvscSetUpTests(HostKind host) : StorvscTest(host)
{
    [Theory]
    [InlineData(StorvspDevice.Threshold, 64)]
    [InlineData(StorvspDevice.Blue, 64)]
    [InlineData(StorvspDevice.Win8, 64)]
    [InlineData(StorvspDevice.Win7, 48)]
    [InlineData(StorvspDevice.Win6, 48)]
    public void TheNewestVersionOfTheHost_IsAgreedOn(ushort version, int packetSize)
    {
        ushort[] all = [StorvspDevice.Threshold, StorvspDevice.Blue, StorvspDevice.Win8, StorvspDevice.Win7, StorvspDevice.Win6];
        StorvscMachine machine = Connect(device =>
        {
            device.Versions.Clear();
            device.Versions.UnionWith(all.Where(each => each <= version));
        });
        Assert.Equal(version, machine.Device.Version);
        Assert.Equal(all.Where(each => each >= version), machine.Device.Asked);
        Assert.Equal(packetSize == 64 ? [48, 64] : [48], machine.Device.PacketSizes.Order());
        Assert.Equal(
            [
                StorvspOperation.BeginInitialization, .. machine.Device.Asked.Select(_ => StorvspOperation.QueryProtocolVersion),
                StorvspOperation.QueryProperties, StorvspOperation.EndInitialization,
            ],
            machine.Device.Log.Take(machine.Device.Asked.Count + 3));

        // With the sense data that packets of this size have.
        machine.Client.ExpectRead(machine, 0, 100);
        machine.Device.Faults.Answer = _ => ScsiResult.Refused(0x04, 3, 0x11);
        ScsiClient.Result result = machine.Client.Execute([0, 0, 0, 0, 0, 0], senseRoom: 100);
        Assert.Equal(packetSize == 64 ? 20 : 18, result.Sense.Length);
        Assert.Equal(0x11, result.Sense[12]);
    }

    [Fact]
    public void AHostWithoutACommonVersion_IsRefused()
    {
        StorvscMachine machine = Make(prepare: device => device.Versions.Clear());
        machine.Simulated.Connect(machine.Controller, recursive: true);
        machine.ExpectRingsKept();
        Assert.True(machine.Handle.IsNull);
        Assert.Equal(5, machine.Device.Asked.Count);
        Assert.False(machine.Channel.IsOpen);
    }

    [Theory]
    [InlineData(StorvspOperation.BeginInitialization)]
    [InlineData(StorvspOperation.QueryProperties)]
    [InlineData(StorvspOperation.EndInitialization)]
    public void AHostThatRefusesAStep_IsNoController_UntilItDoesNot(StorvspOperation operation)
    {
        StorvscMachine machine = Make(prepare: device => device.Faults.Statuses[operation] = 0xC000_0184);
        machine.Simulated.Connect(machine.Controller, recursive: true);
        machine.ExpectRingsKept();
        Assert.True(machine.Handle.IsNull);
        machine.Device.Faults.Statuses.Clear();
        machine.Connect().ExpectRead(machine, 0, 1);
    }

    [Theory]
    [InlineData(StorvspOperation.BeginInitialization)]
    [InlineData(StorvspOperation.QueryProtocolVersion)]
    [InlineData(StorvspOperation.QueryProperties)]
    [InlineData(StorvspOperation.EndInitialization)]
    public void AHostThatDoesNotAnswer_IsGivenUp(StorvspOperation operation)
    {
        StorvscMachine machine = Make(prepare: device => device.Faults.Unanswered.Add(operation));
        TimeSpan before = machine.Simulated.Elapsed;
        machine.Simulated.Connect(machine.Controller, recursive: true);
        machine.ExpectRingsKept();
        Assert.True(machine.Handle.IsNull);
        Assert.InRange((machine.Simulated.Elapsed - before).TotalSeconds, 5, 6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(511)]
    public void AHostThatTransfersNothing_IsNoController(uint maximum)
    {
        StorvscMachine machine = Make(prepare: device => device.MaximumTransfer = maximum);
        machine.Simulated.Connect(machine.Controller, recursive: true);
        machine.ExpectRingsKept();
        Assert.True(machine.Handle.IsNull);
    }

    [Fact]
    public void SubChannels_AreNotAskedFor()
    {
        StorvscMachine machine = Connect();
        machine.Client.ExpectRead(machine, 0, 100);
        Assert.DoesNotContain(StorvspOperation.CreateSubChannels, machine.Device.Log);
    }
}
