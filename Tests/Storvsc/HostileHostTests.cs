using System;
using System.Collections.Generic;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Storvsc;

public sealed class WindowsStorvscHostileHostTests() : HostileHostTests(HostKind.Windows);

public sealed class OpenVmmStorvscHostileHostTests() : HostileHostTests(HostKind.OpenVmm);

/// <summary>
/// A host that completes what it likes with what it likes: nothing hangs, nothing faults, and no memory but the request's is touched.
/// </summary>
[Collection("Firmware")]
public abstract class HostileHostTests(HostKind host) : StorvscTest(host)
{
    private static readonly Config s_runs = Config.QuickThrowOnFailure.WithMaxTest(3);

    [Theory]
    [InlineData(24, 0xFF)] // More data than was asked for.
    [InlineData(0, 3)] // No completion of a request.
    [InlineData(0, 0)]
    public void ACompletionThatMakesNoSense_IsAnError(int at, byte value)
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.TamperCompletion = (_, transaction, packet) =>
        {
            packet.AsSpan(at, 4).Fill(value);
            return (transaction, packet);
        };
        ScsiClient.Result result = machine.Client.Read(0, 8);
        Assert.Equal((EFI_STATUS.EFI_DEVICE_ERROR, 0x7F, 0), (result.Status, result.Adapter, result.Transferred));
        machine.Device.Faults.TamperCompletion = null;
        machine.Client.ExpectRead(machine, 0, 8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(40)]
    public void ACompletionThatIsTooShort_IsAnError(int length)
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.TamperCompletion = (_, transaction, packet) => (transaction, packet[..length]);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, machine.Client.Read(0, 8).Status);
    }

    [Fact]
    public void MoreSenseDataThanAPacketHas_IsCutOff()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.Answer = _ => ScsiResult.Refused(4, 3, 0x11);
        machine.Device.Faults.TamperCompletion = (_, transaction, packet) =>
        {
            packet[21] = 0xFF;
            return (transaction, packet);
        };
        Assert.Equal(20, machine.Client.Execute([0, 0, 0, 0, 0, 0], senseRoom: 200).Sense.Length);
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(ulong.MaxValue)]
    [InlineData(0x1_0000ul)]
    public void ACompletionOfNothing_IsIgnored(ulong transaction)
    {
        StorvscMachine machine = Connect();
        byte[] completion = new byte[64];
        completion[0] = 1;
        machine.Channel.SendCompletion(transaction, completion);
        machine.Client.ExpectRead(machine, 0, 8);
    }

    [Fact]
    public void ASecondCompletion_IsIgnored_AndFreesNothing()
    {
        StorvscMachine machine = Connect();
        List<ulong> transactions = [];
        byte[] completion = new byte[64];
        completion[0] = 1;
        machine.Device.Faults.TamperCompletion = (_, transaction, packet) =>
        {
            transactions.Add(transaction);
            return (transaction, packet);
        };
        for (int i = 0; i < 10; i++)
        {
            machine.Client.ExpectRead(machine, i, 8);
            transactions.ForEach(each => machine.Channel.SendCompletion(each, completion));
        }

        // Two requests that share a buffer would see each other's data.
        machine.Device.Faults.HoldsRequests = true;
        ScsiClient.ScsiCall[] calls = [machine.Client.Begin(ScsiClient.ReadCdb(1, 1), 512), machine.Client.Begin(ScsiClient.ReadCdb(2, 1), 512)];
        transactions.ForEach(each => machine.Channel.SendCompletion(each, completion));
        machine.Device.Release();
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(machine.SectorsAt(1, 1), calls[0].Finish().Data);
        Assert.Equal(machine.SectorsAt(2, 1), calls[1].Finish().Data);
        Array.ForEach(calls, each => each.Dispose());
    }

    [Fact]
    public void AnythingInThePackets_IsSurvived() =>
        Prop.ForAll<int>(seed => Survive(seed, (random, machine) => machine.Channel.Tamper = packet => Tamper(random, packet))).Check(s_runs);

    [Fact]
    public void AnythingInTheCompletions_IsSurvived() => Prop.ForAll<int>(seed => Survive(seed, (random, machine) =>
        machine.Device.Faults.TamperCompletion = (_, transaction, packet) =>
            (random.Next(6) == 0 ? (ulong)random.NextInt64() : transaction, Tamper(random, packet)))).Check(s_runs);

    private void Survive(int seed, Action<Random, StorvscMachine> begin)
    {
        Random random = new(seed);
        using StorvscMachine machine = new(HostKind);
        ScsiClient client = machine.Connect();
        begin(random, machine);
        List<ScsiClient.ScsiCall> calls = [];
        for (int i = 0; i < 40; i++)
        {
            switch (random.Next(8))
            {
                case 0:
                    client.Write(random.Next(100), new byte[512 * random.Next(1, 20)]);
                    break;
                case 1:
                    machine.Device.SendInBand((StorvspOperation)random.Next(16), random.Next(2) == 0);
                    break;
                case 2:
                    Assert.InRange(client.Units.Count, 0, 256);
                    break;
                case 3 or 4:
                    calls.Add(client.Begin(ScsiClient.ReadCdb(random.Next(100), 8), 8 * 512, timeout: ScsiClient.Second));
                    break;
                default:
                    // Not out of service, after a fault: that would be EFI_DEVICE_ERROR without a status of the adapter's.
                    ScsiClient.Result result = client.Read(random.Next(100), random.Next(1, 100), timeout: ScsiClient.Second / 10);
                    Assert.True(result.Status != EFI_STATUS.EFI_DEVICE_ERROR || result.Adapter != 0);
                    break;
            }
        }

        machine.Channel.Tamper = null;
        machine.Device.Faults.TamperCompletion = null;
        machine.Simulated.Advance(TimeSpan.FromSeconds(2));
        calls.ForEach(each => Assert.True(each.Status.IsError || each.IsOver));
        calls.ForEach(each => each.Finish());
        machine.Host.TakeViolations(); // What a host that lied sees does not count.

        // A buffer whose completion was lost is never freed.
        machine.MayKeepBuffers = true;
        machine.Simulated.Disconnect(machine.Handle);
        machine.Connect().ExpectRead(machine, 0, 8);
        calls.ForEach(each => each.Dispose());
    }

    private static byte[]? Tamper(Random random, byte[] packet)
    {
        switch (random.Next(8))
        {
            case 0:
                return null;
            case 1:
                packet[random.Next(packet.Length)] = (byte)random.Next(256);
                return packet;
            case 2:
                BitConverter.TryWriteBytes(packet.AsSpan(random.Next((packet.Length / 4) - 1) * 4), random.Next(4) == 0 ? uint.MaxValue : (uint)random.Next(1000));
                return packet;
            default:
                return packet;
        }
    }
}
