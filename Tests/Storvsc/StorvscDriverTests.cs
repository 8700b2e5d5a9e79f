using System;
using System.Linq;
using NetBoot.BusDrivers.Storvsc;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Netvsc;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Storvsc;

public sealed class WindowsStorvscDriverTests() : StorvscDriverTests(HostKind.Windows);

public sealed class OpenVmmStorvscDriverTests() : StorvscDriverTests(HostKind.OpenVmm);

/// <summary>What firmware sees of storvsc: names, the protocol's handle, starting, stopping, leaving.</summary>
[Collection("Firmware")]
public abstract unsafe class StorvscDriverTests(HostKind host) : StorvscTest(host)
{
    [Theory]
    [InlineData(VmbusKind.Ours)]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void Connect_PutsTheProtocolOnTheChannelsHandle(VmbusKind kind)
    {
        StorvscMachine machine = Make(kind);
        ScsiClient client = machine.Connect();
        EFI_EXT_SCSI_PASS_THRU_MODE* mode = client.Protocol->Mode;
        Assert.Equal((uint.MaxValue, 7u), (mode->AdapterId, mode->Attributes));
        Assert.InRange(mode->IoAlign, 0u, 1u);
        Assert.True(machine.Simulated.Get<EFI_DEVICE_PATH_PROTOCOL>(machine.Handle) != null);
        Assert.Equal(
            "Hyper-V SCSI Controller {6F1D8F0A-33C5-4B7A-8C44-9A2F5E7B1C60}", NameOf(machine));
        client.ExpectRead(machine, 5, 3);
        if (kind == VmbusKind.Ours)
        {
            Assert.True(machine.Simulated.Get<NETBOOT_VMBUS_PROTOCOL>(machine.Handle) != null);
        }
    }

    private static string NameOf(StorvscMachine machine)
    {
        foreach (EFI_HANDLE driver in machine.Drivers.Handles)
        {
            EFI_COMPONENT_NAME2_PROTOCOL* names = machine.Simulated.Get<EFI_COMPONENT_NAME2_PROTOCOL>(driver);
            char* name;
            fixed (byte* language = "en\0"u8)
            {
                if (names->GetControllerName(names, machine.Handle, default, language, &name).IsSuccess)
                {
                    string found = new(name);
                    if (found.Contains("SCSI"))
                    {
                        return found;
                    }
                }
            }
        }

        return "";
    }

    [Theory]
    [InlineData(VmbusKind.Ours, 1000)]
    [InlineData(VmbusKind.Microsoft, 100)]
    [InlineData(VmbusKind.MicrosoftLegacy, 100)]
    public void ConnectUseDisconnect_ForEver_LeavesNothing(VmbusKind kind, int rounds)
    {
        StorvscMachine machine = Make(kind);
        machine.Connect();
        machine.Simulated.Disconnect(machine.Handle);
        (int, ulong, int) before = (machine.Simulated.AllocatedPools, machine.Simulated.AllocatedPages, machine.Simulated.EventCount);
        for (int i = 0; i < rounds; i++)
        {
            ScsiClient client = machine.Connect();
            client.ExpectRead(machine, i, 1);
            using (ScsiClient.ScsiCall call = client.Begin(ScsiClient.ReadCdb(i, 2), 1024))
            {
                Assert.Equal(EFI_STATUS.EFI_SUCCESS, call.Wait().Status);
            }

            EFI_HANDLE channel = machine.Handle;
            Assert.True(machine.Simulated.Disconnect(channel).IsSuccess);
            Assert.True(machine.Handle.IsNull);
            Assert.False(machine.Channel.IsOpen);
            Assert.Equal(before, (machine.Simulated.AllocatedPools, machine.Simulated.AllocatedPages, machine.Simulated.EventCount));
        }
    }

    [Theory]
    [InlineData(VmbusKind.Ours)]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void LoadAndUnload_ForEver_LeavesNothing(VmbusKind kind)
    {
        StorvscMachine machine = Make(kind);
        for (int i = 0; i < 20; i++)
        {
            machine.Connect().ExpectRead(machine, i, 1);
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
        StorvscMachine machine = Make(kind);
        bool failed = true;
        for (int nth = 0; failed; nth++)
        {
            FailingCall call = new(machine.Simulated, nth);
            bool connected = machine.Simulated.Connect(machine.Controller, recursive: true).IsSuccess;
            failed = call.End();
            machine.ExpectRingsKept();
            Assert.True(connected || failed);
            Assert.True(!machine.Handle.IsNull || failed);
            machine.Uninstall();
            machine.Install();
        }
    }

    [Fact]
    public void Connect_WithTheDisksPath_StartsTheController()
    {
        StorvscMachine machine = Make();
        Assert.True(machine.Simulated.Connect(machine.Controller).IsSuccess);
        EFI_HANDLE channel = Assert.Single(machine.Simulated.HandlesWith<NETBOOT_VMBUS_PROTOCOL>());
        byte[] rest = SimulatedPath.Of(
            SimulatedPath.Node(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, SCSI_DEVICE_PATH.MSG_SCSI_DP, 0, 0, 0, 0));
        Assert.True(machine.Simulated.Connect(channel, rest).IsSuccess);
        Assert.Equal(channel, machine.Handle);
    }

    [Fact]
    public void ASecondController_IsAnotherOne()
    {
        StorvscMachine machine = Make();
        StorvspDevice second = new(machine.Host, new Guid(9, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8));
        second.Attach(3, new ScsiDisk(new byte[4096]));
        machine.Host.Vmbus.Add(second);
        machine.Simulated.Connect(machine.Controller, recursive: true);
        Assert.Equal(2, machine.Simulated.HandlesWith<EFI_EXT_SCSI_PASS_THRU_PROTOCOL>().Count);
        Assert.True(second.IsReady && machine.Device.IsReady);
    }

    [Fact]
    public void IdeDisksAndOtherClasses_AreLeftAlone()
    {
        StorvscMachine machine = Make();
        StorvspDevice ide = new(machine.Host, new Guid(0, 0, 0x8899, 0, 0, 0, 0, 0, 0, 0, 0), StorvspDevice.IdeType);
        RawDevice other = new(new Guid("da0a7802-e377-4aac-8e77-0558eb1073f8"), new Guid(7, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8));
        machine.Host.Vmbus.Add(ide);
        machine.Host.Vmbus.Add(other);
        machine.Connect();
        Assert.Equal(3, machine.Simulated.HandlesWith<NETBOOT_VMBUS_PROTOCOL>().Count);
        Assert.False(ide.Channel!.IsOpen || other.Channel!.IsOpen);
    }

    [Fact]
    public void AnIsolatedMachine_IsLeftAlone()
    {
        StorvscMachine machine = Make(VmbusKind.MicrosoftIsolated);
        Assert.True(machine.Simulated.Connect(machine.Controller).IsError);
        Assert.True(machine.Handle.IsNull);
    }

    [Fact]
    public void Disks_AreNeverTakenFromAnotherDriver()
    {
        Assert.All<Driver>([new StorvscDriver(), new MicrosoftStorvscDriver(), new MicrosoftLegacyStorvscDriver()], each => Assert.False(each.TakesOver));
        Assert.All<Driver>([new MicrosoftStorvscDriver(), new MicrosoftLegacyStorvscDriver()], each => Assert.InRange(each.Version, 0u, 0u));
    }

    [Fact]
    public void Diagnostics_TellVersionAndLimit()
    {
        StorvscMachine machine = Connect();
        StorvscDriver driver = new();
        TextBuilder text = new(stackalloc char[100]);
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, driver.Diagnose(machine.Handle, default, ref text)); // Another's.
        foreach (EFI_HANDLE each in machine.Drivers.Handles)
        {
            Driver bound = ProtocolInstance<EFI_DRIVER_BINDING_PROTOCOL>.OwnerOf<Driver>(machine.Simulated.Get<EFI_DRIVER_BINDING_PROTOCOL>(each));
            if (bound is StorvscDriver)
            {
                Assert.Equal(EFI_STATUS.EFI_SUCCESS, bound.Diagnose(machine.Handle, default, ref text));
            }
        }

        Assert.Equal("Storage protocol 6.0, bytes in a request: 262144", new string(text.Written));
    }

    // Leaving

    [Theory]
    [InlineData(VmbusKind.Ours)]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void ExitBootServices_ClosesTheChannelAtOnce_AndLeavesTheMemoryMap(VmbusKind kind)
    {
        StorvscMachine machine = Make(kind);
        machine.Connect().ExpectRead(machine, 0, 8);
        HostChannel channel = machine.Channel;
        TimeSpan before = machine.Simulated.Elapsed;
        Assert.True(machine.Simulated.ExitBootServices().IsSuccess); // With the map's key of before.
        Assert.False(channel.IsOpen);
        Assert.InRange((machine.Simulated.Elapsed - before).TotalMilliseconds, 0, 50);
    }

    [Fact]
    public void ExitBootServices_WaitsForWhatIsUnderWay_AndTellsNobody()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.HoldsRequests = true;
        ScsiClient.ScsiCall call = machine.Client.Begin(ScsiClient.ReadCdb(0, 8), 8 * 512);
        TimeSpan end = machine.Simulated.Elapsed + TimeSpan.FromMilliseconds(300);
        machine.Simulated.Surroundings += () =>
        {
            if (machine.Simulated.Elapsed >= end)
            {
                machine.Device.Release();
            }
        };
        bool wasSignalled = false;
        machine.Simulated.Intercept = service =>
        {
            wasSignalled |= service == "SignalEvent";
            return default;
        };
        Assert.True(machine.Simulated.ExitBootServices().IsSuccess);
        Assert.False(wasSignalled);
        Assert.Equal(0, machine.Device.HeldCount);
        Assert.True(machine.Simulated.Elapsed >= end);
        GC.KeepAlive(call);
    }

    [Fact]
    public void ExitBootServices_WhileWritesWaitForABuffer_LosesNone()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.HoldsRequests = true;
        byte[] data = [.. Enumerable.Repeat((byte)0x77, 512)];
        ScsiClient.ScsiCall[] calls = [.. Enumerable.Range(0, 7).Select(i => machine.Client.Begin(ScsiClient.WriteCdb(i, 1), data: data))];
        Assert.All(calls, each => Assert.True(each.Status.IsSuccess));
        machine.Simulated.Surroundings += () => machine.Device.Release();
        Assert.True(machine.Simulated.ExitBootServices().IsSuccess);
        Assert.All(machine.SectorsAt(0, 7), each => Assert.Equal(0x77, each));
        GC.KeepAlive(calls);
    }

    [Fact]
    public void ExitBootServices_WhenTheHostNeverAnswers_IsOverInASecond()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.HoldsRequests = true;
        machine.Client.Begin(ScsiClient.ReadCdb(0, 8), 8 * 512);
        HostChannel channel = machine.Channel;
        TimeSpan before = machine.Simulated.Elapsed;
        Assert.True(machine.Simulated.ExitBootServices().IsSuccess);
        Assert.InRange((machine.Simulated.Elapsed - before).TotalSeconds, 0.5, 1.5);
        Assert.False(channel.IsOpen);
    }

    [Fact]
    public void Stop_WithRequestsThatTheHostNeverCompletes_KeepsTheirMemory_AndEndsThem()
    {
        StorvscMachine machine = Connect();
        machine.Device.Faults.HoldsRequests = true;
        using ScsiClient.ScsiCall read = machine.Client.Begin(ScsiClient.ReadCdb(0, 8), 8 * 512);
        using ScsiClient.ScsiCall test = machine.Client.Begin([0, 0, 0, 0, 0, 0]);
        Assert.True(machine.Simulated.Disconnect(machine.Handle).IsSuccess);
        Assert.True(read.IsOver && test.IsOver);
        Assert.Equal(0x7F, read.Finish().Adapter);
        machine.ExpectPagesKept(64); // One buffer.
    }
}
