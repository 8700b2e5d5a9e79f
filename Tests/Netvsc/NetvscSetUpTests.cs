using System;
using System.Linq;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Uefi.Interop;
using Xunit;
using static NetBoot.Tests.Netvsc.NetvscMachine;

namespace NetBoot.Tests.Netvsc;

public sealed class WindowsNetvscSetUpTests() : NetvscSetUpTests(HostKind.Windows);

public sealed class OpenVmmNetvscSetUpTests() : NetvscSetUpTests(HostKind.OpenVmm);

/// <summary>How netvsc and its host agree, or do not.</summary>
public abstract class NetvscSetUpTests(HostKind host) : NetvscTest(host)
{
    [Theory]
    [InlineData(NetvspDevice.Nvsp61, NetvspDevice.Nvsp5, 1)]
    [InlineData(NetvspDevice.Nvsp5, NetvspDevice.Nvsp5, 1)]
    [InlineData(NetvspDevice.Nvsp4, NetvspDevice.Nvsp4, 2)]
    [InlineData(NetvspDevice.Nvsp2, NetvspDevice.Nvsp2, 3)]
    [InlineData(NetvspDevice.Nvsp1, NetvspDevice.Nvsp1, 4)]
    public void Version_IsTheHighestOfUseThatTheHostTakes(uint highest, uint expected, int attempts)
    {
        foreach (uint refusal in new uint[] { 0, 2, 7 })
        {
            using NetvscMachine machine = new(HostKind, prepare: device =>
            {
                device.Versions.RemoveWhere(each => each > highest);
                device.Faults.RefusalStatus = refusal;
            });
            machine.Open();
            Assert.Equal(expected, machine.Device.Version);
            Assert.Equal(attempts, machine.Device.Inits.Count);
            NvspMessage[] setUp = [.. machine.Device.Log.Where(each => each is not (NvspMessage.Init or NvspMessage.RndisPacket))];
            NvspMessage[] config = expected == NetvspDevice.Nvsp1 ? [] : [NvspMessage.NdisConfig];
            Assert.Equal([.. config, NvspMessage.NdisVersion, NvspMessage.SendReceiveBuffer], setUp);
            Assert.Equal(1514u, machine.Device.Mtu);
            machine.ExpectSent(Frame(1));
            machine.Device.Deliver(Frame(2));
            machine.ExpectReceived(Frame(2));
        }
    }

    [Theory]
    [InlineData("version")]
    [InlineData("receive buffer")]
    [InlineData("initialize")]
    [InlineData("address")]
    [InlineData("silence")]
    public void AHostThatRefuses_HasNoAdapter_AndNothingIsLeft(string what)
    {
        NetvscMachine machine = Make();
        NetvspDevice device = machine.Device;
        switch (what)
        {
            case "version":
                device.Versions.Clear();
                break;
            case "receive buffer":
                device.Faults.ReceiveBufferStatus = 2;
                break;
            case "initialize":
                device.Faults.Unanswered.Add(RndisMessage.Initialize);
                break;
            case "address":
                device.Faults.ObjectStatus[Oid.PermanentAddress] = 0xC000_0001;
                device.Faults.ObjectStatus[Oid.CurrentAddress] = 0xC000_0001;
                break;
            default:
                device.Faults.TamperCompletion = (_, _) => null;
                break;
        }

        machine.Simulated.Connect(machine.Controller, recursive: true);
        machine.ExpectRingsKept();
        Assert.True(machine.Child.IsNull);
        Assert.InRange(machine.Simulated.Elapsed.TotalSeconds, 0, 10);
        Assert.False(machine.Channel.IsOpen);
    }

    [Fact]
    public void TheCurrentAddress_DoesWhereThereIsNoPermanentOne()
    {
        NetvscMachine machine = Open(device => device.Faults.ObjectStatus[Oid.PermanentAddress] = 0xC000_0001);
        Assert.Equal(new MacAddress(Address), machine.Client.CurrentAddress);
    }

    [Fact]
    public void Mtu_IsWhatTheAdapterSays()
    {
        NetvscMachine machine = Make(prepare: device => device.Faults.TamperRndis = (type, message) =>
        {
            // An answer with a value of 4 bytes that is 1500.
            if (type == RndisMessage.QueryComplete && message.Length == 28 && BitConverter.ToUInt32(message, 24) == 1500)
            {
                BitConverter.TryWriteBytes(message.AsSpan(24), 1400);
            }

            return message;
        });
        Assert.Equal(1400u, machine.Connect().Mode.MaxPacketSize);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(32, false)]
    [InlineData(40, true)]
    public void Completions_MayBePadded_AndComeAfterTheAnswer(int padding, bool late)
    {
        NetvscMachine machine = Open(device =>
        {
            device.Faults.CompletionPadding = padding;
            device.Faults.RespondsBeforeCompletion = late;
        });
        machine.ExpectSent(Frame(1));
        machine.Device.Deliver(Frame(2));
        machine.ExpectReceived(Frame(2));
    }
}
