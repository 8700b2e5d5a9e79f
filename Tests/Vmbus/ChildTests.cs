using System;
using System.Collections.Generic;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Vmbus;

public sealed class WindowsChildTests() : ChildTests(HostKind.Windows);

public sealed class OpenVmmChildTests() : ChildTests(HostKind.OpenVmm);

/// <summary>What the host offers, says unasked, and takes away, as handles.</summary>
public abstract unsafe class ChildTests(HostKind kind) : VmbusTest(kind)
{
    // The node as Microsoft's firmware writes it: hardware, vendor, 52 bytes, its GUID, then class and instance.
    private static byte[] NodeOf(RawDevice device) =>
        [1, 4, 52, 0, .. new Guid("9b17e5a2-0891-42dd-b653-80b5c22809ba").ToByteArray(),
            .. device.InterfaceType.ToByteArray(), .. device.Instance.ToByteArray()];

    private static byte[] PathOf(VmbusFixture fixture, RawDevice device) =>
        [.. VmbusFixture.PathOf(fixture.Root)[..^4], .. NodeOf(device), 0x7F, 0xFF, 4, 0];

    private static string? ChildName(VmbusFixture fixture, EFI_HANDLE child)
    {
        EFI_COMPONENT_NAME2_PROTOCOL* names = Firmware.Get<EFI_COMPONENT_NAME2_PROTOCOL>(fixture.Driver.Handle);
        char* name;
        fixed (byte* language = "en\0"u8)
        {
            return names->GetControllerName(names, fixture.Root, child, language, &name).IsError ? null : new string(name);
        }
    }

    [Fact]
    public void Offers_OfAllClasses_BecomeChildren_WithPathNameAndIdentity()
    {
        RawDevice network = VmbusFixture.NewDevice(1);
        RawDevice keyboard = VmbusFixture.NewDevice(2, VmbusFixture.Keyboard);
        RawDevice unknown = VmbusFixture.NewDevice(3, VmbusFixture.Unknown);
        keyboard.OfferFlags = 0x11;
        keyboard.UserDefined = [1, 2, 3, 4];
        using VmbusFixture fixture = Start(network, keyboard, unknown);
        Assert.Equal(3, fixture.Children.Count);
        foreach (RawDevice device in new[] { network, keyboard, unknown })
        {
            Assert.Equal(PathOf(fixture, device), VmbusFixture.PathOf(fixture.ChildOf(device)));
        }

        Assert.Equal("VMBus network adapter 00000001-0000-0000-0102-030405060708", ChildName(fixture, fixture.ChildOf(network)));
        Assert.Equal("VMBus keyboard 00000002-0000-0000-0102-030405060708", ChildName(fixture, fixture.ChildOf(keyboard)));
        Assert.StartsWith("VMBus device ", ChildName(fixture, fixture.ChildOf(unknown)));
        Assert.Equal("Hyper-V VMBus", ChildName(fixture, default));
        NETBOOT_VMBUS_PROTOCOL* protocol = fixture.ProtocolOf(keyboard);
        Assert.Equal(0x00010000u, protocol->Revision);
        Assert.Equal(0u, protocol->Generation);
        Assert.Equal(VmbusFixture.Keyboard, new Guid(VmbusFixture.Bytes(&protocol->InterfaceType)));
        Assert.Equal(0x11, protocol->OfferFlags);
        Assert.Equal([1, 2, 3, 4, 0], new ReadOnlySpan<byte>(protocol->UserDefined, 5).ToArray());
    }

    [Fact]
    public void Children_AreOpenedByTheirParent_AndGoWithIt()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        EFI_HANDLE child = fixture.ChildOf(device);
        Assert.Equal([child], fixture.Simulated.Children(fixture.Root));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Disconnect(fixture.Root, default));
        Assert.Empty(fixture.Children);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        Assert.Single(fixture.Children);
    }

    [Fact]
    public void RemainingDevicePath_MakesTheOneChildThatItNames_ThenTheOthers()
    {
        RawDevice first = VmbusFixture.NewDevice(1);
        RawDevice second = VmbusFixture.NewDevice(2);
        using VmbusFixture fixture = new(Kind);
        fixture.Vmbus.Add(first);
        fixture.Vmbus.Add(second);
        fixture.Install();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Simulated.Connect(fixture.Root, [.. NodeOf(second), 0x7F, 0xFF, 4, 0]));
        Assert.Equal([fixture.ChildOf(second)], fixture.Children);
        RawDevice late = VmbusFixture.NewDevice(3);
        fixture.Vmbus.Add(late);
        fixture.Wait();
        Assert.Single(fixture.Children); // Nobody has asked for all.
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        Assert.Equal(3, fixture.Children.Count);
        byte[] unknown = [.. NodeOf(VmbusFixture.NewDevice(9)), 0x7F, 0xFF, 4, 0];
        Assert.NotEqual(EFI_STATUS.EFI_SUCCESS, fixture.Simulated.Connect(fixture.Root, unknown));
    }

    [Fact]
    public void Child_CanBeStoppedAndStartedAlone()
    {
        RawDevice first = VmbusFixture.NewDevice(1);
        RawDevice second = VmbusFixture.NewDevice(2);
        using VmbusFixture fixture = Start(first, second);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Disconnect(fixture.Root, default, fixture.ChildOf(first)));
        Assert.Equal([fixture.ChildOf(second)], fixture.Children);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        Assert.Equal(2, fixture.Children.Count);
    }

    [Fact]
    public void Child_ThatIsStopped_StaysStopped_WhateverElseComes()
    {
        RawDevice first = VmbusFixture.NewDevice(1);
        RawDevice second = VmbusFixture.NewDevice(2);
        using VmbusFixture fixture = Start(first, second);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Disconnect(fixture.Root, default, fixture.ChildOf(first)));
        fixture.Vmbus.Add(VmbusFixture.NewDevice(3));
        fixture.Wait();
        Assert.Equal(2, fixture.Children.Count); // The new one, and not the one that was stopped.
        Assert.True(fixture.ChildOf(first).IsNull);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        Assert.Equal(3, fixture.Children.Count);
    }

    [Fact]
    public void Bus_ThatIsStoppedWhileOffersComeIn_HasNoChildAfterwards()
    {
        RawDevice first = VmbusFixture.NewDevice(1);
        RawDevice second = VmbusFixture.NewDevice(2);
        using VmbusFixture fixture = Start(first, second);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(first).Open(1, 1));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(second).Open(1, 1));
        fixture.Host.Synic.MessageDelay = 300; // Polls, so that the bus's timer is due in each wait.
        byte next = 10;
        fixture.Vmbus.Tamper = (type, message) =>
        {
            if (type == VmbusMessage.GpadlTorndown)
            {
                fixture.Vmbus.Add(VmbusFixture.NewDevice(next++));
            }

            return message;
        };
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Disconnect(fixture.Root, default));
        Assert.Equal(12, next);
        Assert.Empty(fixture.Children);
        fixture.Vmbus.Tamper = null;
        fixture.Host.Synic.MessageDelay = 0;
    }

    [Fact]
    public void Stopping_SaysAndHearsEverything_AtTplNotify()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(1, 1));
        NETBOOT_VMBUS_PROTOCOL* protocol = fixture.ProtocolOf(device);
        void* pages = null;
        uint gpadl;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, protocol->CreateGpadl(protocol, &pages, 1, &gpadl));
        List<nuint> heard = [];
        fixture.Vmbus.Tamper = (type, message) =>
        {
            heard.Add(fixture.Simulated.Tpl);
            return message;
        };
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Disconnect(fixture.Root, default, fixture.ChildOf(device)));
        Assert.All(heard, each => Assert.Equal(EFI_TPL.TPL_NOTIFY, each));
        Assert.Equal(3, heard.Count); // Of the rings, of the GPADL, and, since it was the only child, of the connection.
    }

    // Unasked

    [Fact]
    public void Offer_ThatComesLater_BecomesAChild()
    {
        using VmbusFixture fixture = Start();
        RawDevice late = VmbusFixture.NewDevice(1, new Guid("44c4f61d-4444-4400-9d52-802e27ede19f"));
        fixture.Vmbus.Add(late);
        fixture.Wait();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(late).Open(1, 1));
    }

    [Fact]
    public void Offer_InTheMidstOfAnAnswer_IsAdded_AndTheAnswerIsHeard()
    {
        RawDevice device = VmbusFixture.NewDevice(1);
        List<RawDevice> late = [];
        using VmbusFixture fixture = Start(device);
        fixture.Vmbus.Tamper = (type, message) =>
        {
            if (late.Count < 3 && type is VmbusMessage.GpadlCreated or VmbusMessage.OpenChannelResult)
            {
                RawDevice more = VmbusFixture.NewDevice((byte)(10 + late.Count));
                late.Add(more);
                fixture.Vmbus.Add(more);
            }

            return message;
        };
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(1, 1));
        fixture.Wait();
        Assert.Equal(2, late.Count);
        Assert.Equal(3, fixture.Children.Count);
    }

    [Fact]
    public void Messages_ThatNobodyAskedFor_AreIgnored()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        Random random = new(4);
        foreach (uint type in new uint[] { 0, 3, 4, 5, 6, 7, 10, 12, 15, 17, 18, 19, 23, 24, 26, 28, 99, 0x8000_0000, uint.MaxValue })
        {
            foreach (int size in new[] { 8, 12, 20, 240 })
            {
                byte[] message = new byte[size];
                random.NextBytes(message);
                BitConverter.TryWriteBytes(message, type);
                fixture.Vmbus.Send(message);
            }
        }

        fixture.Vmbus.Send([1, 2, 3]); // Not even a header.
        fixture.Wait(2);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(1, 1));
        Assert.Single(fixture.Children);
        Assert.Equal(0, fixture.Host.Synic.UnneededEomCount);
    }

    [Fact]
    public void Offers_AndRescinds_OfNonsense_AreNotFatal()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        Random random = new(5);
        for (int i = 0; i < 1500; i++)
        {
            byte[] message = new byte[random.Next(8, 241)];
            random.NextBytes(message);
            BitConverter.TryWriteBytes(message, (uint)(i % 4 == 0 ? 2 : 1));
            fixture.Vmbus.Send(message);
        }

        fixture.Wait(20);
        (_, string text) = fixture.Diagnose(fixture.Root);
        Assert.Contains("offers without a place: ", text);
        Assert.DoesNotContain("offers without a place: 0", text);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(1, 1));
        fixture.Host.TakeViolations(); // Of channels that this host has never had.
    }

    [Fact]
    public void Offer_ThatIsMadeTwice_IsOneChild()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        fixture.Vmbus.Send(VmbusHost.NewOffer(device, 77, 0x1_0077));
        fixture.Wait();
        Assert.Single(fixture.Children);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(1, 1));
    }

    // Taken away

    [Fact]
    public void Rescind_StopsTheDriver_RemovesTheHandle_AndReleasesTheChannel()
    {
        RawDevice device = VmbusFixture.NewDevice(1);
        RawDevice other = VmbusFixture.NewDevice(2);
        using VmbusFixture fixture = Start(device, other);
        ClientDriver client = new();
        using Installed installed = new(fixture, client);
        Assert.Equal(2, client.Starts);
        ProtocolChannel channel = fixture.ChannelOf(device);
        fixture.Vmbus.Rescind(device);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, channel.Poll());
        Assert.Equal(1, client.Stops);
        Assert.Equal([fixture.ChildOf(other)], fixture.Children);
        Assert.Contains(VmbusMessage.RelIdReleased, fixture.Vmbus.LoggedTypes);
        Assert.Single(fixture.Vmbus.Channels);
    }

    [Fact]
    public void Rescind_InTheMidstOfATransfer_AnswersNotFound_UntilTheHandleIsGone()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        ProtocolChannel channel = fixture.ChannelOf(device);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.Open(2, 2));
        using Pages pages = Pages.Allocate(4096)!;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, channel.CreateGpadl(pages.Address, 4096, out uint gpadl));
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY); // As a driver that does not let go of the processor.
        fixture.Vmbus.Rescind(device);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, channel.Poll());
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, channel.Send(new byte[8], 1, true));
        Assert.False(channel.TryReceive(out _));
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, channel.CreateGpadl(pages.Address, 4096, out _));
        fixture.Vmbus.Tamper = (type, message) => type == VmbusMessage.GpadlTorndown ? null : message; // As some hosts.
        TimeSpan before = fixture.Simulated.Elapsed;
        Assert.True(channel.Close());
        Assert.True(channel.DestroyGpadl(gpadl));
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, channel.Open(1, 1));
        Assert.InRange((fixture.Simulated.Elapsed - before).TotalMilliseconds, 0, 10);
        Firmware.RestoreTpl(tpl);
        Assert.Empty(fixture.Children);
    }

    [Theory]
    [InlineData(VmbusMessage.GpadlHeader)]
    [InlineData(VmbusMessage.OpenChannel)]
    public void Rescind_InTheMidstOfOpening_EndsTheWait(VmbusMessage unanswered)
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        VmbusMessage last = unanswered == VmbusMessage.GpadlHeader ? VmbusMessage.GpadlCreated : VmbusMessage.OpenChannelResult;
        bool isRescinded = false;
        fixture.Vmbus.Tamper = (type, message) =>
        {
            if (type != last || isRescinded)
            {
                return message;
            }

            isRescinded = true;
            fixture.Vmbus.Rescind(device);
            return null;
        };
        TimeSpan before = fixture.Simulated.Elapsed;
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, fixture.ChannelOf(device).Open(1, 1));
        Assert.InRange((fixture.Simulated.Elapsed - before).TotalMilliseconds, 0, 10);
        fixture.Wait();
        Assert.Empty(fixture.Children);
    }

    [Fact]
    public void Device_ThatComesBack_IsAChildAgain()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        for (int i = 0; i < 300; i++) // More often than there are places.
        {
            fixture.Vmbus.Rescind(device);
            fixture.Vmbus.Add(device);
            fixture.Wait();
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.ChannelOf(device).Open(1, 1));
            fixture.ChannelOf(device).Close();
        }

        Assert.Single(fixture.Children);
    }

    [Fact]
    public void Driver_ThatDoesNotLetGoOfARescindedChannel_IsAskedAgain()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        ClientDriver client = new() { HoldsOn = true };
        using Installed installed = new(fixture, client);
        fixture.Vmbus.Rescind(device);
        fixture.Wait();
        Assert.Single(fixture.Children);
        client.HoldsOn = false;
        fixture.Wait();
        Assert.Empty(fixture.Children);
        Assert.Empty(fixture.Vmbus.Channels);
    }

    [Fact]
    public void Bus_WhoseChildIsHeld_StaysAsItWas()
    {
        using VmbusFixture fixture = Start(out RawDevice device);
        ClientDriver client = new() { HoldsOn = true };
        using Installed installed = new(fixture, client);
        Assert.NotEqual(EFI_STATUS.EFI_SUCCESS, fixture.Drivers.Uninstall());
        Assert.Single(fixture.Children);
        Assert.True(fixture.Driver.Drives(fixture.Root));
        client.HoldsOn = false;
    }

    /// <summary>A driver beside the bus driver, on the handles there are.</summary>
    private sealed class Installed : IDisposable
    {
        private readonly EFI_HANDLE _image = Firmware.ImageHandle;
        private readonly SimulatedImage _other;
        private readonly VmbusFixture _fixture;
        private readonly DriverSet _set;

        public Installed(VmbusFixture fixture, Driver driver)
        {
            _fixture = fixture;
            _other = fixture.Simulated.CreateImage();
            Firmware.Initialize(_other.Handle, Firmware.SystemTable);
            _set = new DriverSet([driver]);
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, _set.Install());
            Firmware.Initialize(_image, Firmware.SystemTable);
            foreach (EFI_HANDLE child in fixture.Children)
            {
                Assert.Equal(EFI_STATUS.EFI_SUCCESS, Controllers.Connect(child, default, recursive: false));
            }
        }

        public void Dispose()
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, _set.Uninstall());
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, _fixture.Simulated.Unload(_other));
        }
    }
}
