using System;
using System.Linq;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Storvsc;

public sealed class WindowsStorvscTakeoverTests() : StorvscTakeoverTests(HostKind.Windows);

public sealed class OpenVmmStorvscTakeoverTests() : StorvscTakeoverTests(HostKind.OpenVmm);

/// <summary>Another loader takes the host, or the host takes the controller away.</summary>
[Collection("Firmware")]
public abstract unsafe class StorvscTakeoverTests(HostKind host) : StorvscTest(host)
{
    [Theory]
    [InlineData(null)]
    [InlineData(0x0003_0000u)]
    public void Takeover_LosesNoRequest(uint? contact)
    {
        StorvscMachine machine = Connect();
        using Pages foreign = Pages.Allocate(Pages.PageSize)!;
        for (int round = 0; round < 5; round++)
        {
            machine.Device.Faults.HoldsRequests = true;
            ScsiClient.ScsiCall[] reads = [.. Enumerable.Range(0, 8).Select(i => machine.Client.Begin(ScsiClient.ReadCdb(8 * i, 8), 8 * 512))];
            byte[] data = Enumerable.Repeat((byte)round, 1024).ToArray();
            using ScsiClient.ScsiCall write = machine.Client.Begin(ScsiClient.WriteCdb(2000 + round, 2), data: data);
            machine.Host.TakeOver((ulong)foreign.Address, contact);
            machine.Device.Faults.HoldsRequests = false;
            machine.Simulated.Advance(TimeSpan.FromSeconds(1));
            for (int i = 0; i < reads.Length; i++)
            {
                Assert.True(reads[i].IsOver);
                Assert.Equal((EFI_STATUS.EFI_SUCCESS, 0), (reads[i].Status, reads[i].Finish().Adapter));
                Assert.Equal(machine.SectorsAt(8 * i, 8), reads[i].Finish().Data);
                reads[i].Dispose();
            }

            Assert.True(write.IsOver);
            Assert.Equal(data, machine.SectorsAt(2000 + round, 2));
            machine.Client.ExpectRead(machine, 0, 100);
        }
    }

    [Fact]
    public void Takeover_DuringACommandThatMayNotBeDoneTwice_EndsIt()
    {
        StorvscMachine machine = Connect();
        using Pages foreign = Pages.Allocate(Pages.PageSize)!;
        machine.Device.Faults.HoldsRequests = true;
        using ScsiClient.ScsiCall call = machine.Client.Begin([0x5F, 0, 0, 0, 0, 0, 0, 0, 24, 0], data: new byte[24]); // PERSISTENT RESERVE OUT
        machine.Host.TakeOver((ulong)foreign.Address);
        machine.Device.Faults.HoldsRequests = false;
        int executed = machine.Device.ExecutedCount;
        machine.Simulated.Advance(TimeSpan.FromSeconds(1));
        Assert.True(call.IsOver);
        Assert.Equal(0x0E, call.Finish().Adapter);
        Assert.Equal(executed, machine.Device.ExecutedCount);
        machine.Client.ExpectRead(machine, 0, 8);
    }

    [Fact]
    public void Takeover_AfterWhichTheHostTakesLess_EndsWhatIsLonger()
    {
        StorvscMachine machine = Connect();
        using Pages foreign = Pages.Allocate(Pages.PageSize)!;
        machine.Device.Faults.HoldsRequests = true;
        using ScsiClient.ScsiCall call = machine.Client.Begin(ScsiClient.ReadCdb(0, 64), 64 * 512);
        machine.Host.TakeOver((ulong)foreign.Address);
        machine.Device.Faults.HoldsRequests = false;
        machine.Device.MaximumTransfer = 4096;
        machine.Simulated.Advance(TimeSpan.FromSeconds(1));
        Assert.True(call.IsOver);
        Assert.Equal(0x12, call.Finish().Adapter);
        machine.Client.ExpectRead(machine, 0, 8);
    }

    [Fact]
    public void Takeover_ThatNobodyHasNoticed_DelaysTheNextRequest_AndNothingElse()
    {
        StorvscMachine machine = Connect();
        using Pages foreign = Pages.Allocate(Pages.PageSize)!;
        machine.Host.TakeOver((ulong)foreign.Address);
        TimeSpan before = machine.Simulated.Elapsed;
        machine.Client.ExpectRead(machine, 0, 100);
        Assert.InRange((machine.Simulated.Elapsed - before).TotalMilliseconds, 0, 500);
        machine.Host.TakeViolations(); // A signal before the takeover was noticed.
    }

    [Fact]
    public void Takeover_DuringARequestThatTimedOut_GivesItsBufferBack()
    {
        StorvscMachine machine = Connect();
        using Pages foreign = Pages.Allocate(Pages.PageSize)!;
        machine.Device.Faults.HoldsRequests = true;
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(EFI_STATUS.EFI_TIMEOUT, machine.Client.Read(0, 8, timeout: 1000).Status);
        }

        machine.Host.TakeOver((ulong)foreign.Address);
        machine.Device.Faults.HoldsRequests = false;
        machine.Simulated.Advance(TimeSpan.FromSeconds(1));
        machine.Client.ExpectRead(machine, 0, 100);
    }

    [Fact]
    public void Takeover_AfterWhichTheHostRefuses_EndsRequests_UntilTheControllerIsConnectedAgain()
    {
        StorvscMachine machine = Connect();
        using Pages foreign = Pages.Allocate(Pages.PageSize)!;
        machine.Device.Faults.HoldsRequests = true;
        using ScsiClient.ScsiCall call = machine.Client.Begin(ScsiClient.ReadCdb(0, 8), 8 * 512);
        machine.Device.Faults.Statuses[StorvspOperation.BeginInitialization] = 0xC000_0001;
        machine.Host.TakeOver((ulong)foreign.Address);
        machine.Simulated.Advance(TimeSpan.FromSeconds(1));
        Assert.True(call.IsOver);
        Assert.Equal(0x7F, call.Finish().Adapter);
        ScsiClient.Result result = machine.Client.Read(0, 8);
        Assert.Equal((EFI_STATUS.EFI_DEVICE_ERROR, 0x7F), (result.Status, result.Adapter));
        machine.Device.Faults.Statuses.Clear();
        machine.Device.Faults.HoldsRequests = false;
        machine.Simulated.Disconnect(machine.Handle);
        machine.Connect().ExpectRead(machine, 0, 8);
    }

    [Fact]
    public void AHostThatStaysAway_IsNotWaitedForForEver()
    {
        StorvscMachine machine = Connect();
        using Pages foreign = Pages.Allocate(Pages.PageSize)!;
        machine.Device.Faults.Unanswered.Add(StorvspOperation.BeginInitialization);
        machine.Host.TakeOver((ulong)foreign.Address);
        TimeSpan before = machine.Simulated.Elapsed;
        ScsiClient.Result result = machine.Client.Read(0, 8, timeout: 0);
        Assert.Equal((EFI_STATUS.EFI_DEVICE_ERROR, 0x7F), (result.Status, result.Adapter));
        Assert.InRange((machine.Simulated.Elapsed - before).TotalSeconds, 38, 50);
        machine.Device.Faults.Unanswered.Clear();
        machine.Host.TakeViolations();
    }

    // Removal

    [Fact]
    public void Rescind_EndsRequests_AndKeepsWhatTheHostMayStillWriteTo()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.HoldsRequests = true;
        using ScsiClient.ScsiCall read = machine.Client.Begin(ScsiClient.ReadCdb(0, 8), 8 * 512);
        using ScsiClient.ScsiCall write = machine.Client.Begin(ScsiClient.WriteCdb(0, 1), data: new byte[512]);
        using ScsiClient.ScsiCall test = machine.Client.Begin([0, 0, 0, 0, 0, 0]);
        machine.Host.Vmbus.Rescind(machine.Device);
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_CALLBACK); // Before the bus has removed it.
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(300));
        Assert.True(read.IsOver && write.IsOver && test.IsOver);
        Assert.Equal(0x7F, read.Finish().Adapter);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, machine.Client.Read(0, 1).Status);
        Firmware.RestoreTpl(tpl);
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(300));
        Assert.True(machine.Handle.IsNull);
        machine.Device.FinishLate(); // No stray address.
        machine.ExpectPagesKept(2 * 64);
        ExpectOnlyGpadls(machine);
    }

    [Fact]
    public void Rescind_WhileSomebodyWaits_EndsTheWait()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.HoldsRequests = true;
        TimeSpan at = machine.Simulated.Elapsed + TimeSpan.FromMilliseconds(50);
        machine.Simulated.Surroundings += () =>
        {
            if (machine.Simulated.Elapsed >= at && machine.Device.HeldCount > 0)
            {
                machine.Host.Vmbus.Rescind(machine.Device);
            }
        };
        TimeSpan before = machine.Simulated.Elapsed;
        ScsiClient.Result result = machine.Client.Read(0, 8, timeout: 0);
        Assert.Equal((EFI_STATUS.EFI_DEVICE_ERROR, 0x7F), (result.Status, result.Adapter));
        Assert.InRange((machine.Simulated.Elapsed - before).TotalSeconds, 0, 1);
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(300));
        Assert.True(machine.Handle.IsNull);
        machine.Device.FinishLate();
        machine.ExpectPagesKept(64);
        ExpectOnlyGpadls(machine);
    }

    [Fact]
    public void Rescind_AndAnOfferOfTheSameController_IsThereAgain()
    {
        StorvscMachine machine = Connect();
        machine.Host.Vmbus.Rescind(machine.Device);
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(300));
        Assert.True(machine.Handle.IsNull);
        ExpectOnlyGpadls(machine);
        machine.Host.Vmbus.Add(machine.Device);
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(300));
        machine.Connect().ExpectRead(machine, 0, 8);
    }

    // The rings' GPADL goes unanswered when the host has taken the channel away; it says so.
    private static void ExpectOnlyGpadls(StorvscMachine machine) =>
        Assert.All(machine.Host.TakeViolations(), each => Assert.Contains("GPADL", each));
}
