using System;
using System.Collections.Generic;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Models.HyperVMachine;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Fuzz.Drivers;

/// <summary>The driver of VMBus, with two channels, against a host that sends messages of the input's, and changes those that it would have sent.</summary>
/// <remarks>
/// The first byte says how many of the first messages are changed; what is changed is taken when they come. Then steps: a byte that names one,
/// and what it needs.
/// </remarks>
internal sealed unsafe class VmbusTarget : FuzzTarget
{
    private const double LongestWait = 60;
    private const int MessageSize = 240;

    public override string Name => "vmbus";

    public override string Subject => "VMBus messages: versions, offers, rescinds, answers, at any time; what a host refuses";

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] offer = VmbusHost.NewOffer(new RawDevice(Guid.Parse("f8615163-df3e-46c5-913f-f2d2f965ed0e"), new Guid(9, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8)), 77, 0x10);
            yield return [0, 0, 1, 2, 6, 3, 2, 4, 5];
            yield return [0, 0, 0, (byte)offer.Length, .. offer, 6, 1, 2, 0, 12, 2, 0, 0, 0, 0, 0, 0, 0, 77, 0, 0, 0, 6];
            yield return [0, 0, 0, 16, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 6, 6, 7, 1, 6];
            yield return [0, 0, 1, 2, 8, 12, 1, 0, 0, 0, 2, 9, 3, 1, 4, 10, 2, 1, 6, 11, 6, 6];
            yield return [4, 8, 15, 8];
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        FuzzReader reader = new(input);
        using SimulatedFirmware firmware = new(16 << 20);
        using SimulatedHyperV hyperV = new(firmware);
        Footprint before = new(firmware);
        Host host = new(hyperV.Host, reader);
        RawDevice[] devices = [NewDevice(1), NewDevice(2)];
        foreach (RawDevice device in devices)
        {
            hyperV.Vmbus.Add(device);
        }

        DriverSet drivers = new([new VmbusDriver()]);
        drivers.Install();
        firmware.Connect(firmware.HandlesWith<NETBOOT_VMBUS_ROOT_PROTOCOL>()[0], recursive: true);
        while (!reader.IsEmpty)
        {
            TimeSpan began = firmware.Elapsed;
            byte step = reader.Byte();
            if (!host.TryDo(step, devices))
            {
                Use(firmware, step, reader);
            }

            double waited = (firmware.Elapsed - began).TotalSeconds;
            FuzzFinding.Unless(waited < LongestWait, $"step {step} took {waited} seconds");
        }

        drivers.Uninstall();
        hyperV.Host.TakeViolations(); // A host that lied cannot complain.
        if (!host.IsHostile)
        {
            before.ExpectUnchanged("The driver");
        }
        else
        {
            firmware.TakeViolations();
        }
    }

    private static RawDevice NewDevice(byte number) =>
        new(Guid.Parse("f8615163-df3e-46c5-913f-f2d2f965ed0e"), new Guid(number, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8));

    /// <summary>What the driver of a channel asks for, at a level at which the bus, which would stop that driver first, removes no channel.</summary>
    private static void Use(SimulatedFirmware firmware, byte step, FuzzReader reader)
    {
        IReadOnlyList<EFI_HANDLE> children = firmware.HandlesWith<NETBOOT_VMBUS_PROTOCOL>();
        if (children.Count == 0)
        {
            return;
        }

        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_CALLBACK);
        Use(firmware.Get<NETBOOT_VMBUS_PROTOCOL>(children[reader.Byte() % children.Count]), step);
        Firmware.RestoreTpl(tpl);
    }

    private static void Use(NETBOOT_VMBUS_PROTOCOL* protocol, byte step)
    {
        using ProtocolChannel channel = new(protocol);
        channel.Open(1, 1);
        using Pages? pages = Pages.Allocate(4096);
        switch (step & 3)
        {
            case 0 when pages is not null && channel.CreateGpadl(pages.Address, 4096, out uint gpadl).IsSuccess:
                channel.DestroyGpadl(gpadl);
                break;
            case 1:
                channel.Send("payload"u8, 1, true);
                break;
            case 2:
                channel.Poll();
                break;
            default:
                break;
        }

        for (int i = 0; i < 16 && channel.TryReceive(out _); i++)
        {
        }
    }

    /// <summary>The host as the input has it.</summary>
    private sealed class Host
    {
        private readonly HyperVHost _host;
        private readonly FuzzReader _reader;
        private int _changes;

        public Host(HyperVHost host, FuzzReader reader)
        {
            _host = host;
            _reader = reader;
            _changes = reader.Byte() & 7;
            host.Vmbus.Tamper = Tamper;
        }

        public bool IsHostile { get; private set; }

        public bool TryDo(byte step, RawDevice[] devices)
        {
            switch (step % 12)
            {
                case 0:
                    IsHostile = true;
                    byte[] message = new byte[Math.Clamp((int)_reader.Byte(), sizeof(uint), MessageSize)];
                    _reader.Take(message.Length).CopyTo(message);
                    _host.Vmbus.Send(message);
                    break;
                case 5:
                    _host.Poll();
                    break;
                case 6:
                    SimulatedFirmware.Current!.Advance(TimeSpan.FromMilliseconds(100 * (_reader.Byte() & 15)));
                    break;
                case 7:
                    RawDevice device = devices[_reader.Byte() % devices.Length];
                    if (device.Channel is not null)
                    {
                        _host.Vmbus.Rescind(device);
                    }

                    break;
                case 8:
                    IsHostile = true;
                    _changes = _reader.Byte() & 7;
                    break;
                case 9:
                    IsHostile = true;
                    _host.Vmbus.OpenStatus = _reader.Byte();
                    break;
                case 10:
                    IsHostile = true;
                    _host.Vmbus.IgnoresGpadls = (_reader.Byte() & 1) != 0;
                    break;
                case 11:
                    IsHostile = true;
                    _host.PostAnswers.Enqueue(_reader.Byte());
                    break;
                default:
                    return false;
            }

            return true;
        }

        /// <summary>A message is dropped, or gets bytes at a place, or is as it was.</summary>
        private byte[]? Tamper(VmbusMessage type, byte[] message)
        {
            if (_changes == 0)
            {
                return message;
            }

            IsHostile = true;
            _changes--;
            byte place = _reader.Byte();
            if (place == byte.MaxValue)
            {
                return null;
            }

            ReadOnlySpan<byte> bytes = _reader.Take(_reader.Byte() & 7);
            byte[] tampered = [.. message];
            if (place + bytes.Length <= tampered.Length)
            {
                bytes.CopyTo(tampered.AsSpan(place));
            }

            return tampered;
        }
    }
}
