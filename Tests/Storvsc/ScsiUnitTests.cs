using System;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Storvsc;

public sealed class WindowsStorvscScsiUnitTests() : ScsiUnitTests(HostKind.Windows);

public sealed class OpenVmmStorvscScsiUnitTests() : ScsiUnitTests(HostKind.OpenVmm);

/// <summary>Which devices are on a controller, and their paths. UEFI 2.10, 15.7.</summary>
[Collection("Firmware")]
public abstract unsafe class ScsiUnitTests(HostKind host) : StorvscTest(host)
{
    private static ScsiDisk NewDisk() => new(new byte[4096]);

    [Fact]
    public void GetNextTargetLun_ListsAllDisksOfAllTargets()
    {
        StorvscMachine machine = Connect(device =>
        {
            device.Attach(63, NewDisk());
            device.Attach(7, NewDisk());
            device.Attach(2, NewDisk(), target: 1);
            device.Attach(254, NewDisk(), target: 2);
        });
        Assert.Equal([(0, 0), (0, 7), (0, 63), (1, 2), (2, 254)], machine.Client.Units);
    }

    [Fact]
    public void SeveralDisks_AreToldApart()
    {
        byte[] other = new byte[64 * 512];
        new Random(5).NextBytes(other);
        StorvscMachine machine = Connect(device => device.Attach(9, new ScsiDisk(other)));
        machine.Client.ExpectRead(machine, 8, 2);
        Assert.Equal(other[(8 * 512)..(10 * 512)], machine.Client.Read(8, 2, lun: 9).Data);
    }

    [Fact]
    public void AControllerWithoutDisks_HasNone()
    {
        StorvscMachine machine = Connect(device => device.Detach(0));
        Assert.Empty(machine.Client.Units);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, NextTarget(machine.Client, 0xFF, out _));
    }

    [Fact]
    public void GetNextTargetLun_BehindWhatIsNotThere_IsRefused()
    {
        StorvscMachine machine = Connect();
        EFI_EXT_SCSI_PASS_THRU_PROTOCOL* protocol = machine.Client.Protocol;
        fixed (byte* bytes = ScsiClient.Target(1))
        {
            byte* target = bytes;
            ulong lun = 0;
            Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->GetNextTargetLun(protocol, &target, &lun));
            bytes[0] = 0;
            lun = 256;
            Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->GetNextTargetLun(protocol, &target, &lun));
        }
    }

    [Fact]
    public void GetNextTarget_ListsEachTargetOnce()
    {
        StorvscMachine machine = Connect(device =>
        {
            device.Attach(1, NewDisk());
            device.Attach(0, NewDisk(), target: 2);
            device.Attach(5, NewDisk(), target: 2);
        });
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, NextTarget(machine.Client, 0xFF, out byte target));
        Assert.Equal(0, target);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, NextTarget(machine.Client, 0, out target));
        Assert.Equal(2, target);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, NextTarget(machine.Client, 2, out _));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, NextTarget(machine.Client, 1, out _));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, NextTarget(machine.Client, 3, out _));
    }

    private static EFI_STATUS NextTarget(ScsiClient client, byte after, out byte found)
    {
        byte[] target = ScsiClient.Target(after);
        if (after == 0xFF)
        {
            target.AsSpan().Fill(0xFF);
        }

        fixed (byte* bytes = target)
        {
            byte* at = bytes;
            EFI_STATUS status = client.Protocol->GetNextTarget(client.Protocol, &at);
            found = bytes[0];
            return status;
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 63)]
    [InlineData(2, 254)]
    public void DevicePaths_GoThereAndBack(byte target, byte lun)
    {
        StorvscMachine machine = Connect(device =>
        {
            if ((target, lun) != (0, 0))
            {
                device.Attach(lun, NewDisk(), target);
            }
        });
        EFI_EXT_SCSI_PASS_THRU_PROTOCOL* protocol = machine.Client.Protocol;
        EFI_DEVICE_PATH_PROTOCOL* path;
        fixed (byte* bytes = ScsiClient.Target(target))
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, protocol->BuildDevicePath(protocol, bytes, lun, &path));
        }

        Assert.Equal([3, 2, 8, 0, target, 0, lun, 0], new ReadOnlySpan<byte>(path, 8).ToArray());
        fixed (byte* bytes = new byte[16])
        {
            byte* found = bytes;
            new Span<byte>(bytes, 16).Fill(0xFF);
            ulong foundLun;
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, protocol->GetTargetLun(protocol, path, &found, &foundLun));
            Assert.Equal(ScsiClient.Target(target), new ReadOnlySpan<byte>(bytes, 16).ToArray());
            Assert.Equal(lun, foundLun);
        }

        Pool.Free(path);
    }

    [Fact]
    public void DevicePaths_OfWhatIsNotThere_AreNotFound()
    {
        StorvscMachine machine = Connect();
        EFI_EXT_SCSI_PASS_THRU_PROTOCOL* protocol = machine.Client.Protocol;
        EFI_DEVICE_PATH_PROTOCOL* path;
        fixed (byte* bytes = ScsiClient.Target(0))
        {
            Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, protocol->BuildDevicePath(protocol, bytes, 1, &path));
            Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, protocol->BuildDevicePath(protocol, bytes, 0x100, &path));
            FailingCall failing = new(machine.Simulated, 0);
            Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, protocol->BuildDevicePath(protocol, bytes, 0, &path));
            failing.End();
        }

        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, Translate([3, 2, 8, 0, 0, 0, 1, 0]));
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, Translate([3, 2, 8, 0, 0, 1, 0, 0]));
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, Translate([3, 2, 9, 0, 0, 0, 0, 0, 0]));
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, Translate([3, 1, 8, 0, 0, 0, 0, 0]));
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, Translate([4, 2, 8, 0, 0, 0, 0, 0]));

        EFI_STATUS Translate(byte[] node)
        {
            fixed (byte* bytes = node)
            fixed (byte* target = new byte[16])
            {
                byte* at = target;
                ulong lun;
                return protocol->GetTargetLun(protocol, (EFI_DEVICE_PATH_PROTOCOL*)bytes, &at, &lun);
            }
        }
    }

    [Theory]
    [InlineData(4)] // No room for its own header.
    [InlineData(12)]
    [InlineData(0)]
    public void AListThatIsCutOff_EndsThere(int length)
    {
        StorvscMachine machine = Connect(device => device.Faults.Answer = cdb => cdb[0] == 0xA0
            ? ScsiResult.Done(new byte[] { 0, 0, 1, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0 }[..length]) : null);
        Assert.Empty(machine.Client.Units);
    }

    [Fact]
    public void AListLongerThanAny_IsRead_AsFarAsDevicesCanBe()
    {
        StorvscMachine machine = Connect(device => device.Faults.Answer = cdb =>
        {
            byte[] list = new byte[2048];
            list.AsSpan(0, 4).Fill(0xFF);
            for (int i = 0; i < 255; i++)
            {
                list[8 + (i * 8) + 1] = (byte)i;
            }

            list[8] = 0x40; // Of another addressing method.
            return cdb[0] == 0xA0 ? ScsiResult.Done(list) : null;
        });
        Assert.Equal(256, machine.Client.Units.Count);
        Assert.Equal(((byte)0, 1UL), machine.Client.Units[0]);
    }

    [Fact]
    public void ATargetThatRefusesTheQuestion_HasNoDevices()
    {
        StorvscMachine machine = Connect(device => device.Faults.Answer = cdb => cdb[0] == 0xA0 ? ScsiResult.Refused(4, 5, 0x20) : null);
        Assert.Empty(machine.Client.Units);
    }

    [Fact]
    public void AListThatNamesADeviceTwice_HasItOnce()
    {
        StorvscMachine machine = Connect(device => device.Faults.Answer = cdb => cdb[0] == 0xA0
            ? ScsiResult.Done([0, 0, 0, 24, 0, 0, 0, 0, .. new byte[8], .. new byte[8], 0, 0, 1, 0, 0, 0, 0, 0]) : null);
        Assert.Equal([(0, 0), (1, 0), (2, 0)], machine.Client.Units);
    }

    [Theory]
    [InlineData(0x05)] // Busy
    [InlineData(0x08)] // No device
    [InlineData(0x20)] // Invalid LUN
    [InlineData(0x21)] // Invalid target
    public void ATargetThatTheHostRefuses_IsNone_UntilItAnswers(byte srb)
    {
        int asked = 0;
        StorvscMachine machine = Connect(device => device.Faults.Answer = cdb => cdb[0] == 0xA0 && asked++ > 0
            ? new ScsiResult(ScsiResult.Good, srb, 0, [], null) : null);
        machine.Device.Attach(3, NewDisk(), target: 1);
        Assert.Equal([(0, 0)], machine.Client.Units);
        machine.Device.Faults.Answer = null;
        Assert.Equal([(0, 0), (1, 3)], machine.Client.Units);
    }

    [Fact]
    public void AUnitAttention_IsHeardOnce()
    {
        bool wasTold = false;
        StorvscMachine machine = Connect(device => device.Faults.Answer = cdb =>
        {
            bool tells = cdb[0] == 0xA0 && !wasTold;
            wasTold |= tells;
            return tells ? ScsiResult.Refused(ScsiResult.Error, 6, 0x29) : null;
        });
        Assert.Equal([(0, 0)], machine.Client.Units);
    }

    [Fact]
    public void AHostThatDoesNotTellItsDevices_IsNoController()
    {
        StorvscMachine machine = Make(prepare: device => device.Faults.HoldsRequests = true);
        TimeSpan before = machine.Simulated.Elapsed;
        machine.Simulated.Connect(machine.Controller, recursive: true);
        machine.ExpectRingsKept();
        Assert.True(machine.Handle.IsNull);
        Assert.InRange((machine.Simulated.Elapsed - before).TotalSeconds, 5, 8);
        machine.ExpectPagesKept(64);
    }

    // Coming and going

    [Fact]
    public void ADiskThatIsPluggedIn_IsListedWithTheNextLook()
    {
        StorvscMachine machine = Connect();
        Assert.Single(machine.Client.Units);
        machine.Device.Attach(4, NewDisk());
        Assert.Equal([(0, 0), (0, 4)], machine.Client.Units);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, machine.Client.Read(0, 1, lun: 4).Status);
        int executed = machine.Device.ExecutedCount;
        Assert.Equal(2, machine.Client.Units.Count);
        Assert.Equal(executed, machine.Device.ExecutedCount); // Nobody is asked for nothing.
    }

    [Fact]
    public void ADiskThatIsUnplugged_IsGone_AndTheOthersGoOn()
    {
        StorvscMachine machine = Connect(device => device.Attach(4, NewDisk()));
        machine.Device.Detach(4);
        ScsiClient.Result result = machine.Client.Read(0, 1, lun: 4);
        Assert.Equal((EFI_STATUS.EFI_TIMEOUT, 9), (result.Status, result.Adapter));
        machine.Client.ExpectRead(machine, 0, 4);
        Assert.Equal([(0, 0)], machine.Client.Units);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, machine.Client.Read(0, 1, lun: 4).Status);
    }

    [Theory]
    [InlineData(StorvspOperation.RemoveDevice, true)]
    [InlineData(StorvspOperation.EnumerateBus, true)]
    [InlineData(StorvspOperation.EventNotification, false)]
    [InlineData((StorvspOperation)99, false)]
    public void TheHostsOwnPackets_AreHeard_AndCompletedWhenTheyAskForIt(StorvspOperation operation, bool isLookedFor)
    {
        StorvscMachine machine = Connect();
        int executed = machine.Device.ExecutedCount;
        int packets = machine.Channel.PacketCount;
        machine.Device.SendInBand(operation, wantsCompletion: true);
        machine.Client.ExpectRead(machine, 0, 1);
        Assert.Equal(packets + 2, machine.Channel.PacketCount); // The completion, and the request.
        Assert.Single(machine.Client.Units);
        Assert.Equal(executed + 1 + (isLookedFor ? 3 : 0), machine.Device.ExecutedCount);
    }
}
