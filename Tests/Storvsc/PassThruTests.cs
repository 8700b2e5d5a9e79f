using System;
using System.Linq;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using Request = NetBoot.Uefi.Interop.Raw.EFI_EXT_SCSI_PASS_THRU_SCSI_REQUEST_PACKET;

namespace NetBoot.Tests.Storvsc;

public sealed class WindowsStorvscPassThruTests() : PassThruTests(HostKind.Windows);

public sealed class OpenVmmStorvscPassThruTests() : PassThruTests(HostKind.OpenVmm);

/// <summary>EFI_EXT_SCSI_PASS_THRU_PROTOCOL's PassThru and the resets: data, statuses, times. UEFI 2.10, 15.7.</summary>
[Collection("Firmware")]
public abstract unsafe class PassThruTests(HostKind host) : StorvscTest(host)
{
    private static readonly byte[] s_testUnitReady = [0, 0, 0, 0, 0, 0];

    // Data

    [Theory]
    [InlineData(0, 1)]
    [InlineData(7, 8)]
    [InlineData(1, 9)]
    [InlineData(100, 512)] // All that a request can have: 256 KiB.
    public void Read_BringsTheDisksSectors(int first, int count)
    {
        StorvscMachine machine = Connect();
        machine.Client.ExpectRead(machine, first, count);
        Assert.Equal(1, machine.Disk.ReadCount);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3000, 512)]
    public void Write_ReachesTheDisk(int first, int count)
    {
        StorvscMachine machine = Connect();
        byte[] data = new byte[count * 512];
        new Random(3).NextBytes(data);
        ScsiClient.Result result = machine.Client.Write(first, data);
        Assert.Equal((EFI_STATUS.EFI_SUCCESS, 0, 0, data.Length), (result.Status, result.Adapter, result.Target, result.Transferred));
        Assert.Equal(data, machine.SectorsAt(first, count));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, machine.Client.Execute([0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0]).Status);
    }

    [Fact]
    public void Commands_OfTheDiskDriver_Work()
    {
        StorvscMachine machine = Connect();
        ScsiClient client = machine.Client;
        ScsiClient.Result inquiry = client.Execute([0x12, 0, 0, 0, 96, 0], 96);
        Assert.Equal(96, inquiry.Transferred);
        Assert.Equal("Msft    Virtual Disk    "u8.ToArray(), inquiry.Data[8..32]);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, client.Execute(s_testUnitReady).Status);
        Assert.Equal([0, 0, 0x0F, 0xFF, 0, 0, 2, 0], client.Execute([0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0], 8).Data);
        Assert.Equal(32, client.Execute([0x9E, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0], 32).Transferred);
        ScsiClient.Result mode = client.Execute([0x1A, 0, 0x3F, 0, 192, 0], 192);
        Assert.Equal((16, 8), (mode.Transferred, mode.Data[4])); // Less than there is room for.
        Assert.Equal(0xA5, mode.Data[16]);
    }

    [Fact]
    public void MoreThanARequestCanHave_IsNotSent_AndTheLengthIsTold()
    {
        StorvscMachine machine = Connect(device => device.MaximumTransfer = 70_000);
        int executed = machine.Device.ExecutedCount;
        ScsiClient.Result read = machine.Client.Read(0, 200);
        Assert.Equal((EFI_STATUS.EFI_BAD_BUFFER_SIZE, 0x12, 0, 69_632), (read.Status, read.Adapter, read.Target, read.Transferred));
        ScsiClient.Result written = machine.Client.Write(0, new byte[200 * 512]);
        Assert.Equal((EFI_STATUS.EFI_BAD_BUFFER_SIZE, 69_632), (written.Status, written.Transferred));
        using ScsiClient.ScsiCall call = machine.Client.Begin(ScsiClient.ReadCdb(0, 200), 200 * 512);
        Assert.Equal(EFI_STATUS.EFI_BAD_BUFFER_SIZE, call.Status);
        Assert.False(call.IsOver);
        Assert.Equal(executed, machine.Device.ExecutedCount);
        machine.Client.ExpectRead(machine, 0, 136);
    }

    [Fact]
    public void AHostThatTakesMore_GetsNoMoreThanABuffer()
    {
        StorvscMachine machine = Connect(device => device.MaximumTransfer = 8 << 20);
        Assert.Equal(256 << 10, machine.Client.Read(0, 513).Transferred);
    }

    // Statuses

    [Theory]
    [InlineData(0x01, 0, 0x00, 0, "SUCCESS")]
    [InlineData(0x00, 0, 0x00, 0, "SUCCESS")]
    [InlineData(0x41, 0, 0x00, 0, "SUCCESS")] // The queue is frozen.
    [InlineData(0x04, 2, 0x00, 2, "SUCCESS")]
    [InlineData(0x04, 8, 0x00, 8, "SUCCESS")]
    [InlineData(0x04, 0x18, 0x00, 0x18, "SUCCESS")]
    [InlineData(0x05, 0, 0x00, 8, "SUCCESS")]
    [InlineData(0x12, 0, 0x12, 0, "SUCCESS")]
    [InlineData(0x04, 0, 0x7F, 0, "DEVICE_ERROR")]
    [InlineData(0x02, 0, 0x7F, 0, "DEVICE_ERROR")]
    [InlineData(0x06, 0, 0x7F, 0, "DEVICE_ERROR")]
    [InlineData(0x07, 0, 0x09, 0, "TIMEOUT")]
    [InlineData(0x08, 0, 0x09, 0, "TIMEOUT")]
    [InlineData(0x09, 0, 0x0B, 0, "TIMEOUT")]
    [InlineData(0x0A, 0, 0x11, 0, "TIMEOUT")]
    [InlineData(0x0B, 0, 0x09, 0, "TIMEOUT")]
    [InlineData(0x0D, 0, 0x0D, 0, "DEVICE_ERROR")]
    [InlineData(0x0E, 0, 0x0E, 0, "DEVICE_ERROR")]
    [InlineData(0x0F, 0, 0x0F, 0, "DEVICE_ERROR")]
    [InlineData(0x10, 0, 0x10, 0, "DEVICE_ERROR")]
    [InlineData(0x11, 0, 0x7F, 0, "DEVICE_ERROR")]
    [InlineData(0x13, 0, 0x13, 0, "DEVICE_ERROR")]
    [InlineData(0x14, 0, 0x14, 0, "DEVICE_ERROR")]
    [InlineData(0x16, 0, 0x0E, 0, "DEVICE_ERROR")]
    [InlineData(0x20, 2, 0x09, 2, "TIMEOUT")] // OpenVMM, for a LUN that is not there.
    [InlineData(0x21, 0, 0x09, 0, "TIMEOUT")]
    [InlineData(0x22, 0, 0x7F, 0, "DEVICE_ERROR")]
    [InlineData(0x3F, 0, 0x7F, 0, "DEVICE_ERROR")]
    public void TheHostsStatus_BecomesTheFirmwares(byte srb, byte scsi, byte adapter, byte target, string expected)
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.Answer = _ => new ScsiResult(scsi, srb, 0, [], null);
        ScsiClient.Result result = machine.Client.Execute(s_testUnitReady);
        Assert.Equal((expected, adapter, target, 0), (Name(result.Status), result.Adapter, result.Target, result.Sense.Length));
        using ScsiClient.ScsiCall call = machine.Client.Begin(s_testUnitReady);
        result = call.Wait();
        Assert.Equal((EFI_STATUS.EFI_SUCCESS, adapter, target), (result.Status, result.Adapter, result.Target));
    }

    private static string Name(EFI_STATUS status) =>
        status.IsSuccess ? "SUCCESS" : status == EFI_STATUS.EFI_TIMEOUT ? "TIMEOUT" : status == EFI_STATUS.EFI_DEVICE_ERROR ? "DEVICE_ERROR" : "?";

    [Theory]
    [InlineData(0x04)]
    [InlineData(0x06)] // OpenVMM, for an illegal request.
    [InlineData(0x12)]
    [InlineData(0x02)]
    public void ADeviceThatSaysWhy_HasBeenReached(byte srb)
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.Answer = _ => ScsiResult.Refused(srb, 6, 0x2A, 9);
        ScsiClient.Result result = machine.Client.Execute(s_testUnitReady);
        Assert.Equal((EFI_STATUS.EFI_SUCCESS, 0, 2), (result.Status, result.Adapter, result.Target));
        Assert.Equal(ScsiResult.NewSense(6, 0x2A, 9), result.Sense);
    }

    /// <summary>Windows' host leaves the length that was asked for.</summary>
    [Fact]
    public void AnErrorsLength_IsNotBelieved_AndNoDataOfOthersIsSeen()
    {
        StorvscMachine machine = Connect();
        machine.Client.ExpectRead(machine, 0, 8);
        machine.Device.Faults.Answer = _ => new ScsiResult(ScsiResult.CheckCondition, ScsiResult.Error, 4096, [], ScsiResult.NewSense(3, 0x11));
        ScsiClient.Result result = machine.Client.Read(100, 8);
        Assert.Equal((EFI_STATUS.EFI_SUCCESS, 2, 0), (result.Status, result.Target, result.Transferred));
        machine.Device.Faults.Answer = _ => new ScsiResult(ScsiResult.CheckCondition, ScsiResult.Error, 512, [], ScsiResult.NewSense(3, 0x0C));
        Assert.Equal(0, machine.Client.Write(100, new byte[512]).Transferred);
    }

    [Fact]
    public void AnOverrun_IsAsMuchAsThereWasRoomFor()
    {
        StorvscMachine machine = Connect();
        byte[] data = machine.SectorsAt(0, 8);
        machine.Device.Faults.Answer = _ => new ScsiResult(ScsiResult.Good, ScsiResult.DataOverrun, 8192, data, null);
        ScsiClient.Result result = machine.Client.Read(0, 8);
        Assert.Equal((EFI_STATUS.EFI_SUCCESS, 0x12, 4096), (result.Status, result.Adapter, result.Transferred));
        Assert.Equal(data, result.Data);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 5)]
    [InlineData(18, 18)]
    [InlineData(108, 20)] // As much as a packet has.
    public void SenseData_IsAsLongAsThereIsRoomAndData(byte room, int expected)
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.Answer = _ => ScsiResult.Refused(0x04, 3, 0x11);
        ScsiClient.Result result = machine.Client.Execute(s_testUnitReady, senseRoom: room);
        byte[] sense = [.. ScsiResult.NewSense(3, 0x11), 0, 0];
        Assert.Equal(sense[..expected], result.Sense);
    }

    [Theory]
    [InlineData(0x72, 0x70)]
    [InlineData(0x73, 0x71)]
    public void SenseDataInDescriptorFormat_IsPutIntoFixedFormat(byte descriptor, byte expected)
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.Answer = _ => new ScsiResult(2, 0x04, 0, [], [descriptor, 6, 0x28, 1, 0, 0, 0, 0]);
        byte[] sense = ScsiResult.NewSense(6, 0x28, 1);
        sense[0] = expected;
        Assert.Equal(sense, machine.Client.Execute(s_testUnitReady).Sense);
    }

    [Fact]
    public void ADiskThatRefuses_TellsWhy()
    {
        StorvscMachine machine = Connect();
        machine.Disk.BadSector = 10;
        ScsiClient.Result read = machine.Client.Read(8, 4);
        Assert.Equal((EFI_STATUS.EFI_SUCCESS, 0, 2, 3, 0), (read.Status, read.Adapter, read.Target, read.Sense[2], read.Transferred));
        machine.Disk.IsReadOnly = true;
        ScsiClient.Result written = machine.Client.Write(0, new byte[512]);
        Assert.Equal((2, 7, 0x27), (written.Target, written.Sense[2], written.Sense[12]));
        machine.Client.ExpectRead(machine, 0, 4);
    }

    // What is not to be sent

    [Fact]
    public void RequestsThatMakeNoSense_AreNotSent()
    {
        StorvscMachine machine = Connect();
        int executed = machine.Device.ExecutedCount;
        Expect(EFI_STATUS.EFI_INVALID_PARAMETER, packet => packet->Cdb = null);
        Expect(EFI_STATUS.EFI_INVALID_PARAMETER, packet => packet->CdbLength = 0);
        Expect(EFI_STATUS.EFI_UNSUPPORTED, packet => packet->CdbLength = 17);
        Expect(EFI_STATUS.EFI_INVALID_PARAMETER, packet => packet->InDataBuffer = null);
        Expect(EFI_STATUS.EFI_INVALID_PARAMETER, packet => packet->SenseData = null);
        Expect(EFI_STATUS.EFI_INVALID_PARAMETER, packet => packet->OutTransferLength = 1);
        Expect(EFI_STATUS.EFI_INVALID_PARAMETER, packet => packet->DataDirection = Request.EFI_EXT_SCSI_DATA_DIRECTION_WRITE); // With data to read.
        Expect(EFI_STATUS.EFI_UNSUPPORTED, packet => packet->DataDirection = Request.EFI_EXT_SCSI_DATA_DIRECTION_BIDIRECTIONAL);
        Expect(EFI_STATUS.EFI_INVALID_PARAMETER, packet => packet->DataDirection = 3);
        Expect(EFI_STATUS.EFI_INVALID_PARAMETER, packet => *packet = default);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, machine.Client.Pass(null, 0, default));
        Assert.Equal(executed, machine.Device.ExecutedCount);

        void Expect(EFI_STATUS expected, Spoil spoil)
        {
            using ScsiClient.ScsiCall call = new(ScsiClient.ReadCdb(0, 1), 512, null, 0, 18);
            spoil(call.Packet);
            Assert.Equal(expected, machine.Client.Pass(call.Packet, 0, default));
        }
    }

    private delegate void Spoil(Request* packet);

    [Theory]
    [InlineData(0, 1)] // No disk there.
    [InlineData(1, 0)]
    [InlineData(0, 256)] // In more bits than a packet has.
    [InlineData(0, ulong.MaxValue)]
    [InlineData(0xFF, 0)]
    public void DevicesThatAreNotThere_AreNoParameters(byte target, ulong lun)
    {
        StorvscMachine machine = Connect();
        using ScsiClient.ScsiCall call = new(s_testUnitReady, 0, null, 0, 18);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, machine.Client.Pass(call.Packet, lun, default, target));
        EFI_EXT_SCSI_PASS_THRU_PROTOCOL* protocol = machine.Client.Protocol;
        fixed (byte* bytes = ScsiClient.Target(target))
        {
            Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->ResetTargetLun(protocol, bytes, lun));
        }
    }

    [Fact]
    public void NullPointers_AreRefused()
    {
        StorvscMachine machine = Connect();
        EFI_EXT_SCSI_PASS_THRU_PROTOCOL* protocol = machine.Client.Protocol;
        using ScsiClient.ScsiCall call = new(s_testUnitReady, 0, null, 0, 18);
        byte* target = null;
        ulong lun;
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->PassThru(null, null, 0, call.Packet, default));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->PassThru(protocol, null, 0, call.Packet, default));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->GetNextTargetLun(protocol, null, &lun));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->GetNextTargetLun(protocol, &target, &lun));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->GetNextTarget(protocol, null));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->GetNextTarget(protocol, &target));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->ResetTargetLun(protocol, null, 0));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->ResetChannel(null));
        fixed (byte* bytes = ScsiClient.Target(0))
        {
            target = bytes;
            Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->GetNextTargetLun(protocol, &target, null));
            Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->BuildDevicePath(protocol, bytes, 0, null));
            Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->GetTargetLun(protocol, null, &target, &lun));
        }
    }

    // Time

    [Fact]
    public void ARequestThatTakesTooLong_TimesOut_AndItsLateEndIsNobodys()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.HoldsRequests = true;
        TimeSpan before = machine.Simulated.Elapsed;
        ScsiClient.Result result = machine.Client.Read(0, 8, timeout: 2 * ScsiClient.Second);
        Assert.Equal((EFI_STATUS.EFI_TIMEOUT, 9, 0, 0), (result.Status, result.Adapter, result.Target, result.Transferred));
        Assert.InRange((machine.Simulated.Elapsed - before).TotalSeconds, 2, 2.5);
        machine.Device.Release(); // Into memory that is still there.
        machine.Device.Faults.HoldsRequests = false;
        for (int i = 0; i < 10; i++)
        {
            machine.Client.ExpectRead(machine, 8 * i, 8);
        }
    }

    [Fact]
    public void RequestsThatTimeOut_KeepNoBufferForEver()
    {
        StorvscMachine machine = Connect();
        for (int round = 0; round < 5; round++)
        {
            machine.Device.Faults.HoldsRequests = true;
            for (int i = 0; i < 4; i++)
            {
                Assert.Equal(EFI_STATUS.EFI_TIMEOUT, machine.Client.Read(0, 8, timeout: ScsiClient.Second / 100).Status);
            }

            // The host has all buffers: what needs none goes through, what needs one waits.
            machine.Device.Faults.HoldsRequests = false;
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, machine.Client.Execute(s_testUnitReady).Status);
            Assert.Equal(EFI_STATUS.EFI_TIMEOUT, machine.Client.Read(0, 8, timeout: ScsiClient.Second / 100).Status);
            machine.Device.Release(newestFirst: true);
            machine.Client.ExpectRead(machine, round, 8);
        }
    }

    [Fact]
    public void ARequestWithoutALimit_WaitsForMinutes()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.HoldsRequests = true;
        TimeSpan end = machine.Simulated.Elapsed + TimeSpan.FromMinutes(3);
        machine.Simulated.Surroundings += () =>
        {
            if (machine.Simulated.Elapsed >= end)
            {
                machine.Device.Release();
            }
        };
        Assert.Equal(machine.SectorsAt(0, 1), machine.Client.Read(0, 1, timeout: 0).Data);
    }

    // Without waiting

    [Fact]
    public void WithAnEvent_RequestsEndInAnyOrder_EachWithItsOwnData()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.HoldsRequests = true;
        ScsiClient.ScsiCall[] calls = [.. Enumerable.Range(0, 20).Select(i => machine.Client.Begin(ScsiClient.ReadCdb(i, 2), 1024))];
        Assert.All(calls, each => Assert.True(each.Status.IsSuccess && !each.IsOver));
        Assert.Equal(4, machine.Device.HeldCount); // As many as there are buffers; the others wait.
        for (int round = 0; machine.Device.HeldCount > 0; round++)
        {
            machine.Device.Release(newestFirst: round % 2 == 0, count: 3);
            machine.Simulated.Advance(TimeSpan.FromMilliseconds(20));
        }

        for (int i = 0; i < calls.Length; i++)
        {
            Assert.True(calls[i].IsOver);
            Assert.False(calls[i].IsOver); // Once.
            Assert.Equal(machine.SectorsAt(i, 2), calls[i].Finish().Data);
            calls[i].Dispose();
        }
    }

    [Fact]
    public void WithAnEvent_TooManyRequests_AreToldToComeAgain()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.HoldsRequests = true;
        ScsiClient.ScsiCall[] calls = [.. Enumerable.Range(0, 64).Select(_ => machine.Client.Begin(s_testUnitReady))];
        Assert.All(calls, each => Assert.True(each.Status.IsSuccess));
        using ScsiClient.ScsiCall more = machine.Client.Begin(s_testUnitReady);
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, more.Status);
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, machine.Client.Execute(s_testUnitReady).Status);
        machine.Device.Release();
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(20));
        Assert.All(calls, each => Assert.True(each.IsOver));
        Assert.False(more.IsOver);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, machine.Client.Pass(more.Packet, 0, more.Handler));
        machine.Device.Release();
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(20));
        Assert.True(more.IsOver);
        Assert.All(calls, each => each.Dispose());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)] // edk2's tick on most platforms, in milliseconds.
    [InlineData(50)]
    public void WithAnEvent_ARequestThatTakesTooLong_TimesOut_HoweverSeldomTimersCome(int tick)
    {
        StorvscMachine machine = Connect();
        machine.Simulated.TimerTick = TimeSpan.FromMilliseconds(tick);
        machine.Device.Faults.HoldsRequests = true;
        using ScsiClient.ScsiCall call = machine.Client.Begin(ScsiClient.ReadCdb(0, 1), 512, timeout: ScsiClient.Second);
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(900));
        Assert.False(call.IsOver);
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(300));
        Assert.True(call.IsOver);
        Assert.Equal(9, call.Finish().Adapter);
        machine.Device.Release();
    }

    [Fact]
    public void ARequestThatIsWaitedFor_DoesNotWaitForThoseBeforeIt_AndEndsThemToo()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.HoldsRequests = true;
        using ScsiClient.ScsiCall first = machine.Client.Begin(ScsiClient.ReadCdb(3, 1), 512);
        machine.Device.Faults.HoldsRequests = false;
        machine.Client.ExpectRead(machine, 0, 8);
        Assert.False(first.IsOver);
        machine.Device.Release();
        machine.Client.ExpectRead(machine, 1, 8);
        Assert.True(first.IsOver);
        Assert.Equal(machine.SectorsAt(3, 1), first.Finish().Data);
    }

    [Theory]
    [InlineData((ulong)EFI_TPL.TPL_APPLICATION)]
    [InlineData((ulong)EFI_TPL.TPL_CALLBACK)]
    [InlineData((ulong)EFI_TPL.TPL_NOTIFY)]
    public void PassThru_MayBeCalled_UpToNotify(ulong tpl)
    {
        StorvscMachine machine = Connect();
        nuint old = Firmware.RaiseTpl((nuint)tpl);
        machine.Client.ExpectRead(machine, 0, 8);
        using ScsiClient.ScsiCall call = machine.Client.Begin(ScsiClient.ReadCdb(3, 1), 512);
        Assert.Equal((nuint)tpl, machine.Simulated.Tpl);
        Firmware.RestoreTpl(old);
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(20));
        Assert.True(call.IsOver);
    }

    [Fact]
    public void Requests_AllocateNothing()
    {
        StorvscMachine machine = Connect();
        machine.Client.ExpectRead(machine, 0, 8);
        using ScsiClient.ScsiCall call = machine.Client.Begin(ScsiClient.ReadCdb(3, 1), 512);
        call.Wait();
        machine.Simulated.AllocationsLeft = 0;
        machine.Client.ExpectRead(machine, 0, 8);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, machine.Client.Pass(call.Packet, 0, call.Handler));
        call.Wait();
        machine.Simulated.AllocationsLeft = int.MaxValue;
    }

    // Resets

    [Theory]
    [InlineData(0u, "SUCCESS")]
    [InlineData(0xC000_0001u, "DEVICE_ERROR")]
    public void Resets_AskTheHost(uint answer, string expected)
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.Statuses[StorvspOperation.ResetBus] = answer;
        machine.Device.Faults.Statuses[StorvspOperation.ResetLun] = answer;
        EFI_EXT_SCSI_PASS_THRU_PROTOCOL* protocol = machine.Client.Protocol;
        Assert.Equal(expected, Name(protocol->ResetChannel(protocol)));
        fixed (byte* target = ScsiClient.Target(0))
        {
            Assert.Equal(expected, Name(protocol->ResetTargetLun(protocol, target, 0)));
        }

        Assert.Equal([StorvspOperation.ResetBus, StorvspOperation.ResetLun], machine.Device.Log.TakeLast(2));
    }

    [Fact]
    public void Resets_ThatTheHostDoesNotAnswer_TimeOut()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.Unanswered.Add(StorvspOperation.ResetBus);
        EFI_EXT_SCSI_PASS_THRU_PROTOCOL* protocol = machine.Client.Protocol;
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, protocol->ResetChannel(protocol));
        machine.Client.ExpectRead(machine, 0, 8);
        machine.Device.Faults.Unanswered.Clear();
    }

    [Fact]
    public void AReset_GoesBeforeWhatWaitsForABuffer()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.HoldsRequests = true;
        machine.Device.Faults.FlushesOnReset = true;
        ScsiClient.ScsiCall[] calls = [.. Enumerable.Range(0, 6).Select(i => machine.Client.Begin(ScsiClient.ReadCdb(i, 1), 512))];
        EFI_EXT_SCSI_PASS_THRU_PROTOCOL* protocol = machine.Client.Protocol;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, protocol->ResetChannel(protocol));
        Assert.All(calls[..4], each => Assert.Equal(0x0E, each.Finish().Adapter));
        machine.Device.Release();
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(20));
        Assert.All(calls[4..], each => Assert.Equal((true, 0), (each.IsOver, each.Finish().Adapter)));
        Assert.All(calls, each => each.Dispose());
    }

    [Fact]
    public void AReset_WhileThereAreTooManyRequests_Fails()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.HoldsRequests = true;
        ScsiClient.ScsiCall[] calls = [.. Enumerable.Range(0, 64).Select(_ => machine.Client.Begin(s_testUnitReady))];
        EFI_EXT_SCSI_PASS_THRU_PROTOCOL* protocol = machine.Client.Protocol;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, protocol->ResetChannel(protocol));
        machine.Device.Release();
        machine.Simulated.Advance(TimeSpan.FromMilliseconds(20));
        Assert.All(calls, each => each.Dispose());
    }

    [Fact]
    public void AReset_EndsWhatIsUnderWay_WhereThatIsTheHostsWay()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.HoldsRequests = true;
        machine.Device.Faults.FlushesOnReset = true;
        using ScsiClient.ScsiCall call = machine.Client.Begin(ScsiClient.ReadCdb(3, 1), 512);
        EFI_EXT_SCSI_PASS_THRU_PROTOCOL* protocol = machine.Client.Protocol;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, protocol->ResetChannel(protocol));
        Assert.True(call.IsOver);
        Assert.Equal(0x0E, call.Finish().Adapter);
    }
}
