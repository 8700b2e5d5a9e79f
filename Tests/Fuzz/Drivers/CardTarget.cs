using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.NicDrivers;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using static NetBoot.Tests.Fuzz.Drivers.NicClient;

namespace NetBoot.Tests.Fuzz.Drivers;

/// <summary>
/// The driver of a NIC on PCI against a device that does what the input says: what its registers answer, what it writes into the memory that
/// it shares with the driver, when it loses its link or is pulled.
/// </summary>
/// <remarks>
/// The first byte is the card's variant. Then steps: a byte that names a <see cref="Request"/> or, behind those, a <see cref="Step"/>, and what it
/// needs. The driver is started by the first request, so that what comes before meets its start.
/// </remarks>
internal abstract class CardTarget<TCard> : NicTarget where TCard : SimulatedNic
{
    /// <summary>Register reads in one step, behind which the card answers as one that was pulled: it has seen a loop without an end.</summary>
    private const int MostReads = 2_000_000;

    private static readonly byte[] s_frame = Convert.FromHexString("525400123456");

    /// <summary>What the device does.</summary>
    private enum Step : byte
    {
        /// <summary>A frame to the card's own address comes: length.</summary>
        Receive = FirstStep,

        /// <summary>Into the first 64 KiB of the shared memory, where the rings are: offset, count, bytes.</summary>
        Write,

        /// <summary>There too, the same four bytes again and again: offset, distance, count, bytes.</summary>
        Fill,

        /// <summary>What the next register reads answer: how many, value.</summary>
        Answer,

        /// <summary>What a register answers from now on: offset, value. Up to eight.</summary>
        Register,

        /// <summary>Registers answer as the model says.</summary>
        Forget,

        /// <summary>Configuration space: offset, value.</summary>
        Config,

        /// <summary>Bit 0: nothing is sent; bit 1: no reset ends; bit 2: no link.</summary>
        Faults,

        /// <summary>The card is pulled.</summary>
        Remove,

        /// <summary>The driver is stopped; the next request starts it again.</summary>
        Restart,
    }

    public override string Subject => "driver against its device: registers, shared memory, configuration space, removal";

    public override IEnumerable<byte[]> Seeds =>
    [
        [0, (byte)Step.Receive, 60, 0, (byte)Request.Poll, 2, (byte)Request.Transmit, 60, 0, (byte)Request.Link, (byte)Request.Poll, 1],
        [0, (byte)Request.Transmit, 0xEE, 5, (byte)Step.Receive, 0xEE, 5, (byte)Step.Receive, 100, 0, (byte)Request.Poll, 1, (byte)Request.Reopen],
        [0, (byte)Request.Filter, 31, 2, 1, 0, 0x5E, 1, 2, 3, 4, 5, (byte)Request.Station, 2, 0, 0, 0, 0, 1, (byte)Request.Close, (byte)Step.Restart],
        [0, (byte)Request.Link, (byte)Step.Remove, (byte)Request.Poll, 3, (byte)Request.Transmit, 60, 0, (byte)Request.Reopen],
        [0, (byte)Step.Faults, 1, (byte)Request.Transmit, 60, 0, (byte)Request.Transmit, 60, 0, (byte)Step.Faults, 2, (byte)Request.Reopen],
        [0, (byte)Step.Answer, 3, 255, 255, 255, 255, (byte)Request.Link, (byte)Step.Register, 8, 0, 0, 0, 0, 0, (byte)Request.Link, (byte)Step.Forget],
        [0, (byte)Request.Link, (byte)Step.Write, 12, 0, 4, 0x31, 0, 0, 0, (byte)Request.Poll, 5],
        [0, (byte)Request.Link, (byte)Step.Fill, 12, 0, 16, 64, 3, 0, 0, 0, (byte)Request.Poll, 63],
        [0, (byte)Step.Config, 0x34, 0, (byte)Step.Config, 6, 0, (byte)Request.Poll, 1],
    ];

    protected sealed override ulong LongestWait => 5_000_000;

    protected sealed override void Execute(ReadOnlySpan<byte> input)
    {
        FuzzReader reader = new(input);
        DeviceFirmware.Start();
        using TCard card = CreateCard(reader.Byte());
        Device device = new(card);
        RunSteps(reader, (byte)Step.Restart, () => Start(card), step => device.Do((Step)step, reader), device.EndStep);
        FuzzFinding.Unless(card.AllocationCount == 0 && card.MappingCount == 0 && DeviceFirmware.PoolCount == 0, "memory is left behind");
        FuzzFinding.Unless(card.Attributes == 0, $"attributes {card.Attributes:x} are left on");
        string? fault = card.Faults.FirstOrDefault(each => !device.IsHostile || IsAlwaysTheDrivers(each));
        FuzzFinding.Unless(fault is null, fault ?? "");
    }

    protected abstract TCard CreateCard(byte variant);

    protected abstract Nic? TryCreate(PciDevice device, out EFI_STATUS status);

    /// <summary>A device that writes over descriptors cannot complain of what is in them.</summary>
    private static bool IsAlwaysTheDrivers(string fault) =>
        fault.StartsWith("freed", StringComparison.Ordinal) || fault.StartsWith("FreeBuffer", StringComparison.Ordinal) ||
        fault.StartsWith("Unmap", StringComparison.Ordinal) || fault.StartsWith("memory taken away", StringComparison.Ordinal);

    private unsafe Nic? Start(TCard card)
    {
        PciDevice device = new(card.Protocol);
        Nic? nic = TryCreate(device, out EFI_STATUS status);
        FuzzFinding.Unless(nic is null == status.IsError, "the status does not say whether there is a NIC");
        if (nic is null)
        {
            device.RestoreAttributes();
        }

        return nic;
    }

    private sealed class Device
    {
        private const int MostRegisters = 8;
        private const int LongestWrite = 31;

        private readonly TCard _card;
        private readonly Dictionary<uint, uint> _registers = [];
        private int _reads;
        private int _answers;
        private uint _answer;

        public Device(TCard card)
        {
            _card = card;
            card.Tamper = Read;
        }

        /// <summary>Whether the device did what the model does not.</summary>
        public bool IsHostile { get; private set; }

        public void Do(Step step, FuzzReader reader)
        {
            IsHostile |= step is Step.Write or Step.Fill or Step.Answer or Step.Register or Step.Config;
            try
            {
                Act(step, reader);
            }
            catch (Exception) when (IsHostile)
            {
                // The model has read what the input has written over.
            }
        }

        public void EndStep()
        {
            FuzzFinding.Unless(_reads < MostReads, "registers are read without an end");
            _reads = 0;
            _card.Writes.Clear(); // Nobody looks at these two, and they would grow.
            _card.Sent.Clear();
        }

        private void Act(Step step, FuzzReader reader)
        {
            switch (step)
            {
                case Step.Receive:
                    Receive(Math.Max(reader.Word() % 1600, Nic.MinimumFrameSize));
                    break;
                case Step.Write:
                    int at = reader.Word();
                    ReadOnlySpan<byte> bytes = reader.Take(reader.Byte() & LongestWrite);
                    bytes.CopyTo(Room(at, bytes.Length));
                    break;
                case Step.Fill:
                    Fill(reader.Word(), reader.Byte(), reader.Byte(), reader.Take(4));
                    break;
                case Step.Answer:
                    _answers = reader.Byte();
                    _answer = reader.Long();
                    break;
                case Step.Register when _registers.Count < MostRegisters:
                    _registers[reader.Word()] = reader.Long();
                    break;
                case Step.Forget:
                    _registers.Clear();
                    _answers = 0;
                    break;
                case Step.Config:
                    _card.Config[reader.Byte()] = reader.Byte();
                    break;
                case Step.Faults:
                    byte bits = reader.Byte();
                    IsHostile |= (bits & 2) != 0; // It goes on with memory that it has lost.
                    _card.TransmitterHangs = (bits & 1) != 0;
                    _card.NeverResets = (bits & 2) != 0;
                    _card.IsLinkUp = (bits & 4) == 0;
                    break;
                case Step.Remove:
                    _card.IsRemoved = true;
                    break;
                default:
                    break;
            }
        }

        private ulong Read(int bar, uint offset, int width, ulong value)
        {
            if (++_reads >= MostReads)
            {
                return ulong.MaxValue;
            }

            if (_answers > 0)
            {
                _answers--;
                return _answer;
            }

            return _registers.TryGetValue(offset, out uint set) ? set : value;
        }

        private void Receive(int length)
        {
            byte[] frame = new byte[length];
            s_frame.CopyTo(frame, 0);
            _card.Receive(frame);
        }

        private void Fill(int at, int distance, int count, ReadOnlySpan<byte> bytes)
        {
            for (int i = 0; i < count; i++)
            {
                bytes.CopyTo(Room(at + (i * distance), bytes.Length));
            }
        }

        /// <summary>A place in the shared memory; one of no account when there is none.</summary>
        private Span<byte> Room(int at, int size)
        {
            Span<byte> memory = _card.MappingCount == 0 ? default : _card.Mapped(0);
            return at + size <= memory.Length ? memory.Slice(at, size) : new byte[size];
        }
    }
}
