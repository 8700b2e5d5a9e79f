using System;
using System.Linq;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Vmbus;

public sealed class WindowsConnectionTests() : ConnectionTests(HostKind.Windows);

public sealed class OpenVmmConnectionTests() : ConnectionTests(HostKind.OpenVmm);

/// <summary>Who offers VMBus, whose it is, and how the connection is made.</summary>
public abstract unsafe class ConnectionTests(HostKind kind) : VmbusTest(kind)
{
    // Detection

    [Fact]
    public void Root_WhereTheHypervisorOffersItself_HasThePathOfMicrosoftsFirmware()
    {
        using VmbusFixture fixture = new(Kind);
        fixture.Host.Vendor = "Who knows...";
        fixture.Install();
        byte[] expected =
        [
            2, 2, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)'V', (byte)'M', (byte)'B', (byte)'u', (byte)'s', 0, 0, 0,
            0x7F, 0xFF, 4, 0,
        ];
        Assert.Equal(expected, VmbusFixture.PathOf(fixture.Root));
        Assert.Equal(0, fixture.Host.WriteCount(Register.GuestOsId)); // Nothing is done before it is started.
    }

    [Theory]
    [InlineData("no hypervisor")]
    [InlineData("another interface")]
    [InlineData("no SynIC")]
    [InlineData("no hypercalls")]
    [InlineData("no messages")]
    [InlineData("no signals")]
    [InlineData("isolated")]
    public void Root_WithoutWhatVmbusNeeds_IsNotThere(string lack)
    {
        using VmbusFixture fixture = new(Kind);
        HyperVHost host = fixture.Host;
        switch (lack)
        {
            case "no hypervisor":
                host.IsHypervisorPresent = false;
                break;
            case "another interface":
                host.Interface = 0x4D566572;
                break;
            case "no SynIC":
                host.RegisterPrivileges &= ~4u;
                break;
            case "no hypercalls":
                host.RegisterPrivileges &= ~0x20u;
                break;
            case "no messages":
                host.Privileges &= ~0x10u;
                break;
            case "no signals":
                host.Privileges &= ~0x20u;
                break;
            default:
                host.Isolation = 2;
                break;
        }

        fixture.Install(); // That nothing was read or written that is not there, the host sees to.
        Assert.True(fixture.Root.IsNull);
    }

    [Theory]
    [InlineData(1u, "(VBS)")]
    [InlineData(2u, "(SEV-SNP)")]
    [InlineData(3u, "(TDX)")]
    [InlineData(15u, "from the host")]
    public void IsolatedMachine_IsRefused_WithItsKind(uint kind, string reason)
    {
        using VmbusFixture fixture = new(Kind);
        fixture.Host.Isolation = kind;
        fixture.Install();
        Assert.True(fixture.Root.IsNull);
        Assert.EndsWith(reason, fixture.Diagnose(fixture.Driver.Handle).Text);
    }

    // As under KVM, which has Hyper-V's interface and tells nothing of isolation by it.
    [Theory]
    [InlineData(true, 1ul, false, "(SEV)")]
    [InlineData(true, 0ul, false, null)]
    [InlineData(false, 0ul, true, "(TDX)")]
    public void EncryptedMachine_OfAHypervisorThatDoesNotTell_IsRefused(bool hasSev, ulong status, bool isTrustDomain, string? reason)
    {
        using VmbusFixture fixture = new(Kind);
        fixture.Host.HasSev = hasSev;
        fixture.Host.SevStatus = status;
        fixture.Host.IsTrustDomain = isTrustDomain;
        fixture.Install();
        Assert.Equal(reason is not null, fixture.Root.IsNull);
        Assert.EndsWith(reason ?? "", fixture.Diagnose(fixture.Driver.Handle).Text);
    }

    [Fact]
    public void Root_IsPublishedOnceForAllImages()
    {
        using VmbusFixture fixture = Start();
        using OtherImage other = new(fixture.Simulated);
        DriverSet others = new([new VmbusDriver()]);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, others.Install());
        Assert.False(fixture.Root.IsNull);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, others.Uninstall());
        Assert.False(fixture.Root.IsNull);
    }

    [Fact]
    public void Root_CanBeTakenOverByTheDriverOfAnotherImage()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        using OtherImage image = new(fixture.Simulated);
        VmbusDriver other = new();
        DriverSet others = new([other]);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, others.Install());
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Disconnect(fixture.Root, fixture.Driver.Handle));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Connect(fixture.Root, others.Handles, recursive: false));
        Assert.True(other.Drives(fixture.Root));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(1, 1));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, others.Uninstall());
        Assert.Empty(fixture.Children);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
    }

    /// <summary>While it is there, the product runs as another image.</summary>
    private sealed class OtherImage : IDisposable
    {
        private readonly EFI_HANDLE _before = Firmware.ImageHandle;
        private readonly SimulatedFirmware _firmware;
        private readonly SimulatedImage _image;

        public OtherImage(SimulatedFirmware firmware)
        {
            _firmware = firmware;
            _image = firmware.CreateImage();
            Firmware.Initialize(_image.Handle, Firmware.SystemTable);
        }

        public void Dispose()
        {
            Firmware.Initialize(_before, Firmware.SystemTable);
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, _firmware.Unload(_image));
        }
    }

    // Ownership

    [Theory]
    [InlineData("998629a6-bbd0-476b-81ef-059941e9e6f9")]
    [InlineData("59e6efc9-9695-470a-9d87-0261d8451dd8")]
    [InlineData("8e03933f-8048-4a87-8147-7f05c338285d")]
    [InlineData("63d25797-59eb-4125-a34e-b2b4a8e1587e")]
    [InlineData("a261a0f1-aa53-4c83-94da-120cdf6d8c8d")]
    public void Firmware_WithItsOwnVmbus_IsLeftAlone(string protocol)
    {
        using VmbusFixture fixture = new(Kind);
        EFI_HANDLE handle = default;
        Guid guid = new(protocol);
        Assert.Equal(
            EFI_STATUS.EFI_SUCCESS,
            Firmware.BootServices->InstallProtocolInterface(&handle, (EFI_GUID*)&guid, EFI_INTERFACE_TYPE.EFI_NATIVE_INTERFACE, null));
        fixture.Install();
        Assert.True(fixture.Root.IsNull);
        Assert.Equal(0, fixture.Host.ReadCount(Register.GuestOsId));
        Firmware.BootServices->UninstallProtocolInterface(handle, (EFI_GUID*)&guid, null);
    }

    [Theory]
    [InlineData(Register.GuestOsId, "another guest")]
    [InlineData(Register.Simp, "interrupt controller is in use")]
    [InlineData(Register.Siefp, "interrupt controller is in use")]
    public void Connection_OfSomebodyElse_IsLeftAlone(uint register, string reason)
    {
        using VmbusFixture fixture = new(Kind) { ExpectsNothingLeft = false };
        using Pages page = Pages.Allocate(4096)!;
        ulong value = register == Register.GuestOsId ? 1UL << 40 : (ulong)page.Address | 1;
        fixture.Install();
        Assert.False(fixture.Root.IsNull);
        fixture.Host.WriteMsr(register, value); // Since the driver was loaded.
        Assert.NotEqual(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        (EFI_STATUS status, string text) = fixture.Diagnose(fixture.Root);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, status);
        Assert.Contains(reason, text);
        Assert.Equal(value, fixture.Host.ReadMsr(register));
        Assert.Equal(0, fixture.Host.PostCount);
        Assert.Equal(register == Register.GuestOsId ? 1 : 0, fixture.Host.WriteCount(Register.GuestOsId));
    }

    [Fact]
    public void Connection_OfSomebodyElseAtTheImagesStart_MakesNoRoot()
    {
        using VmbusFixture fixture = new(Kind) { ExpectsNothingLeft = false };
        fixture.Host.WriteMsr(Register.GuestOsId, 1UL << 40);
        fixture.Install();
        Assert.True(fixture.Root.IsNull);
    }

    [Fact]
    public void Registers_AreWhatTheyWere_AfterStop()
    {
        using VmbusFixture fixture = new(Kind) { ExpectsNothingLeft = false };
        (uint Register, ulong Value)[] found =
            [(Register.Scontrol, 1), (Register.Sint0 + 2, 0x1_0033), (Register.Simp, 0x5_5000), (Register.Hypercall, 0x6_6000)];
        foreach ((uint register, ulong value) in found)
        {
            fixture.Host.WriteMsr(register, value);
        }

        fixture.Install();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        Assert.NotEqual(0u, fixture.Host.GuestOsId);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Disconnect(fixture.Root, default));
        Assert.Equal(0u, fixture.Host.GuestOsId);
        Assert.All(found, each => Assert.Equal(each.Value, fixture.Host.ReadMsr(each.Register)));
    }

    [Fact]
    public void Registers_LeftByAnImageOfOurs_AreNotPutBack()
    {
        using VmbusFixture fixture = new(Kind);
        fixture.Host.WriteMsr(Register.GuestOsId, 0x8000_4E42_0001_0000);
        fixture.Install();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Disconnect(fixture.Root, default));
        Assert.Equal(0u, fixture.Host.GuestOsId);
    }

    // The interrupt source

    [Theory]
    [InlineData(0u, 1 << 17)]
    [InlineData(1u << 9, 0)]
    public void InterruptSource_IsUnmasked_WithAVectorThatHasAHandler(uint recommendations, ulong autoEoi)
    {
        using VmbusFixture fixture = new(Kind);
        using FakeCpu cpu = new(fixture.Simulated);
        cpu.Taken.Add(0xA0);
        fixture.Host.Recommendations = recommendations;
        fixture.Install();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        ulong source = fixture.Host.Synic.Source(2);
        Assert.Equal(0xA1 | autoEoi, source);
        Assert.Equal([0xA1], cpu.Handlers);
        if (autoEoi != 0)
        {
            cpu.Interrupt(0xA1); // It does nothing: not even a register is touched, which the host would not like.
        }

        Assert.Equal(0u, fixture.Host.Synic.EventPage); // Nobody inherits a page of flags from us.
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Disconnect(fixture.Root, default));
        Assert.Empty(cpu.Handlers);
    }

    // The handshake

    [Theory]
    [InlineData(NetBoot.Tests.Models.HyperV.VmbusVersion.V1)]
    [InlineData(NetBoot.Tests.Models.HyperV.VmbusVersion.Win7)]
    [InlineData(NetBoot.Tests.Models.HyperV.VmbusVersion.Win8)]
    [InlineData(NetBoot.Tests.Models.HyperV.VmbusVersion.Win8_1)]
    public void Handshake_ProvesVersion3_ThenTakesTheOldest(uint oldest)
    {
        using VmbusFixture fixture = new(Kind);
        fixture.Vmbus.LowestVersion = oldest;
        fixture.Install();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        uint[] tried = [.. NetBoot.Tests.Models.HyperV.VmbusVersion.All.TakeWhile(each => each <= oldest)];
        Assert.Equal([NetBoot.Tests.Models.HyperV.VmbusVersion.Win8_1, .. tried], fixture.Vmbus.Contacts);
        Assert.Equal(oldest, fixture.Vmbus.Version);
        Assert.Equal(1, fixture.Vmbus.UnloadCount);
        (EFI_STATUS status, string text) = fixture.Diagnose(fixture.Root);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, status);
        Assert.StartsWith($"VMBus {oldest >> 16}.{oldest & 0xFFFF}, ", text);
    }

    [Fact]
    public void Host_WithoutVersion3_IsRefusedWithAReason_AndNotAskedAgain()
    {
        using VmbusFixture fixture = new(Kind);
        fixture.Vmbus.HighestVersion = NetBoot.Tests.Models.HyperV.VmbusVersion.Win8;
        fixture.Install();
        Assert.NotEqual(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        (EFI_STATUS status, string text) = fixture.Diagnose(fixture.Root);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, status);
        Assert.Contains("does not take VMBus version 3.0", text);
        Assert.Equal([NetBoot.Tests.Models.HyperV.VmbusVersion.Win8_1], fixture.Vmbus.Contacts);
        Assert.NotEqual(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        Assert.Single(fixture.Vmbus.Contacts);
        Assert.Empty(fixture.Host.Remains);
    }

    [Fact]
    public void Host_ThatDoesNotLetGo_IsRefused()
    {
        using VmbusFixture fixture = new(Kind);
        fixture.Vmbus.AnswersUnload = false;
        fixture.Install();
        Assert.NotEqual(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        Assert.Contains("does not let go", fixture.Diagnose(fixture.Root).Text);
        fixture.ExpectPagesKept(5);
    }

    [Fact]
    public void Host_ThatSaysNothing_IsRefusedAfterABoundedTime()
    {
        using VmbusFixture fixture = new(Kind);
        fixture.Vmbus.Tamper = (_, _) => null;
        fixture.Install();
        TimeSpan before = fixture.Simulated.Elapsed;
        Assert.NotEqual(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        Assert.InRange((fixture.Simulated.Elapsed - before).TotalSeconds, 4, 8);
        Assert.Contains("does not answer", fixture.Diagnose(fixture.Root).Text);
        fixture.ExpectPagesKept(5);
        fixture.ExpectsNothingLeft = false; // It took the contact.
    }

    [Fact]
    public void Host_WithQemusShortVersionResponse_IsTaken()
    {
        using VmbusFixture fixture = new(Kind);
        fixture.Vmbus.HasShortVersionResponse = true;
        fixture.Install();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
    }

    [Fact]
    public void Posts_ThatAreThrottled_AreRepeated()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        foreach (ushort status in new ushort[] { 0x12, 0x13, 0x13, 0x12, 0x12, 0x13 })
        {
            fixture.Host.PostAnswers.Enqueue(status);
        }

        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(1, 1));
        Assert.Contains("posted again: 6", fixture.Diagnose(fixture.Root).Text);
    }

    [Fact]
    public void Posts_ThatAreThrottledForEver_FailAfterABoundedTime()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        for (int i = 0; i < 1000; i++)
        {
            fixture.Host.PostAnswers.Enqueue(0x13);
        }

        TimeSpan before = fixture.Simulated.Elapsed;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, fixture.ChannelOf(device).Open(1, 1));
        Assert.InRange((fixture.Simulated.Elapsed - before).TotalSeconds, 1, 5);
        Assert.InRange(fixture.Host.PostCount, 10, 200); // The pauses grow.
        fixture.Host.PostAnswers.Clear();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(1, 1));
    }

    [Fact]
    public void Posts_ThatAreRefused_AreNotRepeated()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        int before = fixture.Host.PostCount;
        fixture.Host.PostAnswers.Enqueue(5);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, fixture.ChannelOf(device).Open(1, 1));
        Assert.Equal(before + 1, fixture.Host.PostCount);
    }

    [Fact]
    public void Messages_AreHeard_WhenTheHostIsSlow()
    {
        RawDevice device = VmbusFixture.NewDevice(1);
        using VmbusFixture fixture = new(Kind);
        fixture.Vmbus.Add(device);
        fixture.Vmbus.IsSlow = true;
        fixture.Host.Synic.MessageDelay = 5;
        fixture.Install();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(300, 300)); // A GPADL of 23 messages, and 16 may wait.
    }

    [Fact]
    public void Start_AndStop_OverAndOver_LeaveNothing()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        for (int i = 0; i < 50; i++)
        {
            (int, int, int, int) before = fixture.Counts;
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(2, 2));
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Disconnect(fixture.Root, default));
            Assert.Empty(fixture.Host.Remains);
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
            Assert.Equal(before, fixture.Counts);
        }
    }
}
