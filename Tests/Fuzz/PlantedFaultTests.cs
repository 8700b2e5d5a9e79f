using System;
using System.Collections.Generic;
using NetBoot.NicDrivers;
using NetBoot.Tests.Fuzz.Drivers;
using NetBoot.Tests.Fuzz.Engine;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using SharpFuzz.Common;
using Xunit;

namespace NetBoot.Tests.Fuzz;

/// <summary>Faults that were put there to be found.</summary>
[Collection("Firmware")]
public sealed class PlantedFaultTests
{
    public enum Fault
    {
        None,
        Index,
        LongFrame,
        Memory,
        Attributes,
        Wait,
        EndlessReads,
    }

    [Theory]
    [InlineData(Fault.Index, typeof(IndexOutOfRangeException))]
    [InlineData(Fault.LongFrame, typeof(FuzzFinding))]
    [InlineData(Fault.Memory, typeof(FuzzFinding))]
    [InlineData(Fault.Attributes, typeof(FuzzFinding))]
    [InlineData(Fault.Wait, typeof(FuzzFinding))]
    [InlineData(Fault.EndlessReads, typeof(FuzzFinding))]
    public void Driver_WithAPlantedFault_IsFound(Fault fault, Type expected)
    {
        byte[] poll = [0, (byte)NicClient.Request.Poll, 1];
        new FaultyTarget(Fault.None).Run(poll);
        Assert.IsType(expected, Record.Exception(() => new FaultyTarget(fault).Run(poll)));
    }

    [Fact]
    public void Fault_ThatEndsAtTheBoundaryOfAnEntry_IsFound_BeforeWhatComesOfIt() =>
        Assert.IsType<IndexOutOfRangeException>(Record.Exception(() => new EntryTarget().Run([0])));

    [Fact]
    public void Loop_FindsWhatLiesBehindSeveralBranches_AndKeepsTheWayThere()
    {
        List<byte[]> kept = [];
        List<byte[]> found = [];
        FuzzLoop loop = new(new DeepTarget(), new Random(1))
        {
            Running = _ => { },
            Keeping = kept.Add,
            Found = (input, _) => found.Add(input),
        };
        loop.Load([[0]]);
        loop.Run(() => found.Count == 0 && loop.Executions < 2_000_000);
        Assert.StartsWith("fuzz", System.Text.Encoding.ASCII.GetString(Assert.Single(found)));
        Assert.All(kept, each => Assert.Equal((byte)'f', each[0]));
        Assert.InRange(kept.Count, 1, 3);
    }

    /// <summary>Calls what faults as firmware does.</summary>
    private sealed unsafe class EntryTarget : FuzzTarget
    {
        public override string Name => "entry";
        public override string Subject => "a fault";
        public override IEnumerable<byte[]> Seeds => [];

        protected override void Execute(ReadOnlySpan<byte> input)
        {
            DeviceFirmware.Start();
            int index = input.Length;
            FuzzFinding.Unless(FirmwareEntry.Run(new Owner(), 0, ref index, &Fault).IsSuccess, "an error");
        }

        private static EFI_STATUS Fault(ref int index) => throw new IndexOutOfRangeException();

        private sealed class Owner : FaultDomain
        {
            public override string Name => "owner";
        }
    }

    /// <summary>Has branches that it counts itself, as instrumented code does.</summary>
    private sealed unsafe class DeepTarget : FuzzTarget
    {
        public override string Name => "deep";
        public override string Subject => "a word, letter by letter";
        public override int MaximumSize => 8;
        public override IEnumerable<byte[]> Seeds => [];

        protected override void Execute(ReadOnlySpan<byte> input)
        {
            int letters = input.CommonPrefixLength("fuzz"u8);
            for (int i = 0; i <= letters; i++)
            {
                Trace.SharedMem[i]++;
            }

            if (letters == 4)
            {
                throw new IndexOutOfRangeException();
            }
        }
    }

    private sealed class FaultyTarget(Fault fault) : CardTarget<SimulatedRtl8139>
    {
        public override string Name => "faulty";

        protected override SimulatedRtl8139 CreateCard(byte variant) => new();

        protected override Nic? TryCreate(PciDevice device, out EFI_STATUS status)
        {
            status = device.EnableAttributes(EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_IO | EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_MEMORY);
            return new FaultyNic(device, fault);
        }
    }

    private sealed class FaultyNic(PciDevice device, Fault fault) : Nic
    {
        private readonly DmaBuffer? _memory = device.AllocateDma(4096, out _);
        private readonly byte[] _frame = new byte[2000];
        private readonly PciRegion _registers = device.OpenBar(1, 0, 256);

        public override string Model => "faulty";
        public override MacAddress PermanentAddress => new(2);
        public override int ReceiveRingSize => 1;

        public override EFI_STATUS Open(MacAddress station) => EFI_STATUS.EFI_SUCCESS;

        public override void Close()
        {
        }

        public override void SetFilter(ReceiveFilters filters, ReadOnlySpan<MacAddress> multicast)
        {
        }

        public override void SetStation(MacAddress station)
        {
        }

        public override bool TryTransmit(ReadOnlySpan<byte> frame) => true;

        public override ReadOnlySpan<byte> Peek()
        {
            switch (fault)
            {
                case Fault.Index:
                    _frame[_frame.Length] = 0;
                    break;
                case Fault.Wait:
                    Firmware.Stall(60_000_000);
                    break;
                case Fault.EndlessReads:
                    while (_registers.Read32(0) != uint.MaxValue)
                    {
                    }

                    break;
                default:
                    break;
            }

            return _frame.AsSpan(0, fault == Fault.LongFrame ? Nic.MaximumFrameSize + 1 : 60);
        }

        public override void Release()
        {
        }

        public override bool IsLinkUp() => true;

        public override void Dispose()
        {
            if (fault != Fault.Attributes)
            {
                device.RestoreAttributes();
            }

            if (fault != Fault.Memory)
            {
                _memory?.Dispose();
            }
        }
    }
}
