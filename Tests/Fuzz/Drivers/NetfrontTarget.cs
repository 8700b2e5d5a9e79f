using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using NetBoot.BusDrivers.Xen;
using NetBoot.NicDrivers.Netfront;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Raw;
using static NetBoot.Tests.Fuzz.Drivers.NicClient;

namespace NetBoot.Tests.Fuzz.Drivers;

/// <summary>The frontend of a Xen network interface against a backend and a store that do what the input says.</summary>
/// <remarks>
/// Steps: a byte that names a <see cref="Request"/> or, behind those, a <see cref="Step"/>, and what it needs. The driver is started by the first
/// request.
/// </remarks>
internal sealed class NetfrontTarget : NicTarget
{
    private const int ResponsesProduced = 8;

    private static readonly string[] s_rings = ["rx-ring-ref", "tx-ring-ref"];
    private static readonly (XenEnd End, string Name)[] s_nodes =
    [
        (XenEnd.Backend, "state"), (XenEnd.Backend, "feature-rx-copy"), (XenEnd.Frontend, "mac"), (XenEnd.Frontend, "mtu"), (XenEnd.Frontend, "state"),
    ];

    /// <summary>What store and backend do.</summary>
    private enum Step : byte
    {
        /// <summary>A response on the receive ring: 8 bytes, as they are; at the place of the next, with the index moved.</summary>
        Receive = FirstStep,

        /// <summary>The same on the transmit ring.</summary>
        Sent,

        /// <summary>Bytes on a ring's page: ring, offset, how many, bytes.</summary>
        Write,

        /// <summary>The index of responses: ring, how much it moves.</summary>
        Move,

        /// <summary>A node's value: which, how many bytes, bytes.</summary>
        Node,

        /// <summary>The next calls fail: which status, how many calls.</summary>
        Fail,

        /// <summary>Bit 0: the backend does not follow; bit 1: it lets no page go.</summary>
        Backend,

        /// <summary>The driver is stopped; the next request starts it again.</summary>
        Restart,
    }

    public override string Name => "netfront";

    public override string Subject => "driver against its backend and the store: rings, states, nodes, grants that are kept";

    public override IEnumerable<byte[]> Seeds =>
    [
        [(byte)Request.Link, (byte)Step.Receive, 0, 0, 0, 0, 0, 0, 60, 0, (byte)Request.Poll, 1, (byte)Request.Transmit, 60, 0, (byte)Step.Sent, 0, 0, 0, 0],
        [(byte)Request.Link, (byte)Step.Receive, 3, 0, 0, 1, 4, 0, 60, 0, (byte)Step.Receive, 4, 0, 0, 0, 8, 0, 60, 0, (byte)Step.Receive, 5, 1, 0, 0, 0, 0, 0, 0, (byte)Request.Poll, 3],
        [(byte)Request.Link, (byte)Step.Node, 0, 1, (byte)'5', (byte)Request.Link, (byte)Step.Node, 0, 1, (byte)'2', (byte)Request.Link],
        [(byte)Request.Link, (byte)Step.Backend, 3, (byte)Request.Reopen, (byte)Request.Close, (byte)Step.Restart],
        [(byte)Step.Node, 2, 3, (byte)'5', (byte)'2', (byte)':', (byte)Request.Link],
        [(byte)Step.Node, 3, 4, (byte)'1', (byte)'4', (byte)'0', (byte)'0', (byte)Step.Node, 4, 1, (byte)'6', (byte)Request.Link, (byte)Step.Fail, 1, 3, (byte)Request.Reopen],
        [(byte)Request.Link, (byte)Step.Move, 0, 200, (byte)Request.Poll, 4, (byte)Step.Move, 1, 1, (byte)Request.Transmit, 0, 0, (byte)Step.Write, 0, 8, 0, 4, 255, 255, 255, 255],
    ];

    protected override ulong LongestWait => 200_000_000;

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        FuzzReader reader = new(input);
        DeviceFirmware.Start();
        FuzzXenDevice device = new();
        RunSteps(reader, (byte)Step.Restart, () => NetfrontNic.Create(device, out _), step => Do(device, (Step)step, reader));
        FuzzFinding.Unless(!device.HasChannel && !device.IsWatching, "an event channel or a watch is left behind");
        FuzzFinding.Unless(DeviceFirmware.PageCount == 0 || device.GrantCount != 0, "memory is left behind");
        FuzzFinding.Unless(DeviceFirmware.PageCount >= (nuint)device.GrantCount, "memory was freed that the backend has");
    }

    private static void Do(FuzzXenDevice device, Step step, FuzzReader reader)
    {
        switch (step)
        {
            case Step.Receive:
                Respond(device.Ring(s_rings[0]), 8, reader.Take(8));
                break;
            case Step.Sent:
                Respond(device.Ring(s_rings[1]), 12, reader.Take(4));
                break;
            case Step.Write:
                Span<byte> page = device.Ring(s_rings[reader.Byte() & 1]);
                int at = reader.Word() & 4095;
                ReadOnlySpan<byte> bytes = reader.Take(reader.Byte() & 15);
                if (at + bytes.Length <= page.Length)
                {
                    bytes.CopyTo(page[at..]);
                }

                break;
            case Step.Move:
                Move(device.Ring(s_rings[reader.Byte() & 1]), (sbyte)reader.Byte());
                break;
            case Step.Node:
                (XenEnd end, string name) = s_nodes[reader.Byte() % s_nodes.Length];
                device.Set(end, name, reader.Take(reader.Byte() & 31).ToArray());
                break;
            case Step.Fail:
                EFI_STATUS status = (reader.Byte() & 3) switch
                {
                    0 => EFI_STATUS.EFI_TIMEOUT,
                    1 => EFI_STATUS.EFI_DEVICE_ERROR,
                    2 => EFI_STATUS.EFI_NOT_FOUND,
                    _ => EFI_STATUS.EFI_OUT_OF_RESOURCES,
                };
                device.Fail(reader.Byte() & 31, status);
                break;
            case Step.Backend:
                byte bits = reader.Byte();
                device.IsStubborn = (bits & 1) != 0;
                device.KeepsPages = (bits & 2) != 0;
                break;
            default:
                break;
        }
    }

    private static void Respond(Span<byte> page, int slotSize, ReadOnlySpan<byte> response)
    {
        if (!page.IsEmpty)
        {
            uint produced = BinaryPrimitives.ReadUInt32LittleEndian(page[ResponsesProduced..]);
            response.CopyTo(page[(64 + ((int)(produced % 256) * slotSize))..]);
            Move(page, 1);
        }
    }

    private static void Move(Span<byte> page, int by)
    {
        if (!page.IsEmpty)
        {
            Span<byte> index = page[ResponsesProduced..];
            BinaryPrimitives.WriteUInt32LittleEndian(index, BinaryPrimitives.ReadUInt32LittleEndian(index) + (uint)by);
        }
    }
}
