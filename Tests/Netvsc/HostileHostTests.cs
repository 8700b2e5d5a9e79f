using System;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Tests.Netvsc.NetvscMachine;

namespace NetBoot.Tests.Netvsc;

public sealed class WindowsHostileHostTests() : HostileHostTests(HostKind.Windows);

public sealed class OpenVmmHostileHostTests() : HostileHostTests(HostKind.OpenVmm);

/// <summary>A host that writes anything into the ring and the receive buffer: nothing hangs, nothing faults, and a reset ends it.</summary>
public abstract class HostileHostTests(HostKind host) : NetvscTest(host)
{
    private static readonly Config s_runs = Config.QuickThrowOnFailure.WithMaxTest(10);

    [Fact]
    public void AnythingInThePackets_IsSurvived()
    {
        Prop.ForAll<int>(seed => Survive(seed, (random, machine) => machine.Channel.Tamper = packet => Tamper(random, packet))).Check(s_runs);
    }

    [Fact]
    public void AnythingInTheMessages_IsSurvived()
    {
        Prop.ForAll<int>(seed => Survive(seed, (random, machine) =>
        {
            machine.Device.Faults.TamperRndis = (_, message) => Tamper(random, message);
            machine.Device.Faults.TamperCompletion = (_, message) => Tamper(random, message);
            machine.Device.Faults.TamperRanges = ranges =>
            {
                if (random.Next(4) == 0)
                {
                    ranges[random.Next(ranges.Length)] = (Word(random), Word(random));
                }

                return ranges;
            };
        })).Check(s_runs);
    }

    private void Survive(int seed, Action<Random, NetvscMachine> begin)
    {
        Random random = new(seed);
        using NetvscMachine machine = new(HostKind);
        SnpClient client = machine.Open();
        begin(random, machine);
        for (int i = 0; i < 40; i++)
        {
            switch (random.Next(8))
            {
                case 0:
                    client.Transmit(Frame(i, 100), out _);
                    client.Recycled();
                    break;
                case 1:
                    machine.Device.Rndis.SendKeepAlive();
                    break;
                case 2:
                    machine.Device.SendVfAssociation(random.Next(2) == 0);
                    break;
                case 3:
                    machine.Device.Rndis.IsLinkUp = random.Next(2) == 0;
                    break;
                case 4 when random.Next(8) == 0:
                    client.ReceiveFilters(AllMulticast, 0);
                    break;
                default:
                    machine.Device.Deliver(Frame(i), Frame(i, 1514), Frame(i, 700));
                    break;
            }

            for (int k = 0; k < 5; k++)
            {
                EFI_STATUS status = client.Receive(out _);
                Assert.True(status.IsSuccess || status == EFI_STATUS.EFI_NOT_READY); // Not out of service, after a fault.
            }

            client.Interrupts();
        }

        machine.Channel.Tamper = null;
        machine.Device.Faults.TamperRndis = null;
        machine.Device.Faults.TamperCompletion = null;
        machine.Device.Faults.TamperRanges = null;
        machine.Device.Rndis.IsLinkUp = true;
        client.ReceiveFilters(AllMulticast, 0); // So that a device that does not answer is known as one.
        if (client.Reset().IsError)
        {
            Assert.True(client.Initialize().IsSuccess);
        }

        Assert.True(client.ReceiveFilters(Unicast | Broadcast, 0).IsSuccess);
        for (int i = 0; i < 600 && client.Receive(out _).IsSuccess; i++)
        {
        }

        machine.Device.Frames.Clear();
        machine.ExpectSent(Frame(1));
        machine.Device.Deliver(Frame(2));
        machine.ExpectReceived(Frame(2));
        machine.Uninstall(allowsViolations: true);
        machine.Install();
    }

    private static byte[] Tamper(Random random, byte[] bytes)
    {
        if (bytes.Length == 0 || random.Next(3) != 0)
        {
            return bytes;
        }

        byte[] tampered = [.. bytes];
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int at = random.Next(tampered.Length);
            if (random.Next(2) == 0 || at + 4 > tampered.Length)
            {
                tampered[at] = (byte)random.Next(256);
            }
            else
            {
                BitConverter.TryWriteBytes(tampered.AsSpan(at & ~3), Word(random));
            }
        }

        return tampered;
    }

    private static uint Word(Random random) => random.Next(3) switch
    {
        0 => (uint)random.Next(0, 2000),
        1 => (uint)random.NextInt64(),
        _ => uint.MaxValue - (uint)random.Next(100),
    };
}
