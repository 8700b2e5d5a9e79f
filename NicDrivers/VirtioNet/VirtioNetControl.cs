using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop;

namespace NetBoot.NicDrivers.VirtioNet;

/// <summary>
/// The control queue, for receive filters. Virtio 1.2, 5.1.6.5. One command at a time, waited for; a device that leaves one unanswered
/// is asked nothing more until the NIC is opened again.
/// </summary>
internal sealed unsafe class VirtioNetControl
{
    internal const int QueueSize = 4; // A command is three descriptors.

    private const byte ClassReceive = 0;
    private const byte ReceivePromiscuous = 0;
    private const byte ReceiveAllMulticast = 1;
    private const byte ClassAddress = 1;
    private const byte AddressTableSet = 0;

    private const uint CommandSize = 2;
    private const uint DataOffset = 64;
    private const uint DataSize = 2048;
    private const uint AnswerOffset = 4032;
    private const byte Accepted = 0;
    private const byte Unanswered = 0xFF;

    // In microseconds.
    private const uint Timeout = 200_000;
    private const uint Step = 10;

    private readonly VirtioTransport _transport;
    private readonly Virtqueue _queue;
    private readonly byte* _host;
    private readonly ulong _deviceAddress;
    private bool _isAnswering;

    /// <param name="transport">How the device is reached.</param>
    /// <param name="queue">The control queue.</param>
    /// <param name="host">A page of memory for commands, as the processor sees it.</param>
    /// <param name="deviceAddress">As the device sees it.</param>
    internal VirtioNetControl(VirtioTransport transport, Virtqueue queue, byte* host, ulong deviceAddress)
    {
        _transport = transport;
        _queue = queue;
        _host = host;
        _deviceAddress = deviceAddress;
    }

    private Span<byte> Data => new(_host + DataOffset, (int)DataSize);

    internal bool Open()
    {
        _queue.Clear();
        _isAnswering = true;
        return _transport.EnableQueue(_queue);
    }

    internal bool SetPromiscuous(bool value) => Switch(ReceivePromiscuous, value);

    internal bool SetAllMulticast(bool value) => Switch(ReceiveAllMulticast, value);

    /// <summary>Sets the multicast addresses that are received.</summary>
    /// <param name="addresses">At most 16.</param>
    internal bool SetMulticast(ReadOnlySpan<MacAddress> addresses)
    {
        // Two tables, unicast and multicast, each a 32-bit count and 6 bytes an address: virtio 1.2, 5.1.6.5.2.
        Span<byte> data = Data;
        BinaryPrimitives.WriteUInt32LittleEndian(data, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(data.Slice(sizeof(uint)), (uint)addresses.Length);
        int at = 2 * sizeof(uint);
        foreach (MacAddress address in addresses)
        {
            address.CopyTo(data.Slice(at));
            at += MacAddress.Size;
        }

        return Run(ClassAddress, AddressTableSet, (uint)at);
    }

    private bool Switch(byte command, bool value)
    {
        Data[0] = value ? (byte)1 : (byte)0;
        return Run(ClassReceive, command, 1);
    }

    private bool Run(byte commandClass, byte command, uint length)
    {
        if (!_isAnswering)
        {
            return false;
        }

        _host[0] = commandClass;
        _host[1] = command;
        _host[AnswerOffset] = Unanswered;
        Describe(0, 0, CommandSize, VirtqueueDescriptor.HasNext);
        Describe(1, DataOffset, length, VirtqueueDescriptor.HasNext);
        Describe(2, AnswerOffset, 1, VirtqueueDescriptor.DeviceWrites);
        _queue.Offer(0);
        if (_queue.Publish())
        {
            _transport.Notify(_queue);
        }

        for (uint waited = 0; waited <= Timeout; waited += Step)
        {
            if (_queue.TryTakeUsed(out _, out _))
            {
                return _host[AnswerOffset] == Accepted;
            }

            Firmware.Stall(Step);
        }

        _isAnswering = false;
        return false;
    }

    private void Describe(ushort index, uint offset, uint length, ushort flags)
    {
        VirtqueueDescriptor* descriptor = _queue.Descriptors + index;
        descriptor->Address = _deviceAddress + offset;
        descriptor->Length = length;
        descriptor->Flags = flags;
        descriptor->Next = (ushort)(index + 1);
    }
}
