using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using Request = NetBoot.Uefi.Interop.Raw.EFI_EXT_SCSI_PASS_THRU_SCSI_REQUEST_PACKET;

namespace NetBoot.Tests.Storvsc;

/// <summary>Whoever uses EFI_EXT_SCSI_PASS_THRU_PROTOCOL: firmware's SCSI bus driver, and a test.</summary>
internal sealed unsafe class ScsiClient(EFI_EXT_SCSI_PASS_THRU_PROTOCOL* protocol)
{
    public const ulong Second = 10_000_000;

    public EFI_EXT_SCSI_PASS_THRU_PROTOCOL* Protocol => protocol;

    /// <summary>How a request went.</summary>
    public sealed record Result(EFI_STATUS Status, byte Adapter, byte Target, byte[] Data, int Transferred, byte[] Sense);

    /// <summary>Targets and LUNs, as the protocol lists them.</summary>
    public List<(byte Target, ulong Lun)> Units
    {
        get
        {
            List<(byte, ulong)> units = [];
            byte* target = stackalloc byte[EFI_EXT_SCSI_PASS_THRU_PROTOCOL.TARGET_MAX_BYTES];
            new Span<byte>(target, EFI_EXT_SCSI_PASS_THRU_PROTOCOL.TARGET_MAX_BYTES).Fill(0xFF);
            ulong lun = 0;
            EFI_STATUS status;
            while ((status = protocol->GetNextTargetLun(protocol, &target, &lun)).IsSuccess)
            {
                Assert.Equal(-1, new ReadOnlySpan<byte>(target + 1, 15).IndexOfAnyExcept((byte)0));
                units.Add((*target, lun));
            }

            Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, status);
            return units;
        }
    }

    public static byte[] Target(byte first)
    {
        byte[] target = new byte[EFI_EXT_SCSI_PASS_THRU_PROTOCOL.TARGET_MAX_BYTES];
        target[0] = first;
        return target;
    }

    /// <summary>Sends a request, and waits.</summary>
    /// <param name="cdb">The command.</param>
    /// <param name="room">Bytes for data of the device.</param>
    /// <param name="data">Data for the device, instead.</param>
    /// <param name="lun">The device.</param>
    /// <param name="timeout">In 100 ns.</param>
    /// <param name="senseRoom">Bytes for sense data.</param>
    public Result Execute(byte[] cdb, int room = 0, byte[]? data = null, byte lun = 0, ulong timeout = 0, byte senseRoom = 18)
    {
        using ScsiCall call = new(cdb, room, data, timeout, senseRoom);
        return call.Finish(Pass(call.Packet, lun, default));
    }

    public EFI_STATUS Pass(Request* packet, ulong lun, EFI_EVENT handler, byte target = 0)
    {
        fixed (byte* bytes = Target(target))
        {
            return protocol->PassThru(protocol, bytes, lun, packet, handler);
        }
    }

    /// <summary>Begins a request.</summary>
    public ScsiCall Begin(byte[] cdb, int room = 0, byte[]? data = null, byte lun = 0, ulong timeout = 0)
    {
        ScsiCall call = new(cdb, room, data, timeout, 18);
        call.Listen();
        call.Status = Pass(call.Packet, lun, call.Handler);
        return call;
    }

    public static byte[] ReadCdb(int first, int count) => Cdb10(0x28, first, count);

    public static byte[] WriteCdb(int first, int count) => Cdb10(0x2A, first, count);

    public Result Read(int first, int count, byte lun = 0, ulong timeout = 30 * Second) =>
        Execute(ReadCdb(first, count), count * StorvscMachine.Sector, lun: lun, timeout: timeout);

    public Result Write(int first, byte[] data, byte lun = 0) =>
        Execute(WriteCdb(first, data.Length / StorvscMachine.Sector), data: data, lun: lun, timeout: 30 * Second);

    /// <summary>The disk has this.</summary>
    public void ExpectRead(StorvscMachine machine, int first, int count)
    {
        Result result = Read(first, count);
        Assert.Equal((EFI_STATUS.EFI_SUCCESS, 0, 0), (result.Status, result.Adapter, result.Target));
        Assert.Equal(machine.SectorsAt(first, count), result.Data);
    }

    private static byte[] Cdb10(byte operation, int first, int count)
    {
        byte[] cdb = new byte[10];
        cdb[0] = operation;
        BinaryPrimitives.WriteInt32BigEndian(cdb.AsSpan(2), first);
        BinaryPrimitives.WriteUInt16BigEndian(cdb.AsSpan(7), (ushort)count);
        return cdb;
    }

    /// <summary>A request in memory of its own, at an odd address. Its command is gone as soon as it is under way.</summary>
    public sealed class ScsiCall : IDisposable
    {
        private const int Guard = 32;

        private readonly byte* _memory;
        private readonly int _size;
        private readonly bool _isRead;
        private Event? _event;

        public ScsiCall(byte[] cdb, int room, byte[]? data, ulong timeout, byte senseRoom)
        {
            _isRead = data is null;
            _size = data?.Length ?? room;
            int all = sizeof(Request) + 16 + Guard + 256 + Guard + _size + Guard + 1;
            _memory = (byte*)NativeMemory.AllocZeroed((nuint)all);
            Packet = (Request*)_memory;
            new Span<byte>(_memory + sizeof(Request), all - sizeof(Request)).Fill(0xA5);
            byte* at = _memory + sizeof(Request);
            cdb.CopyTo(new Span<byte>(at, 16));
            Packet->Cdb = at;
            Packet->CdbLength = (byte)cdb.Length;
            Packet->Timeout = timeout;
            Packet->SenseData = senseRoom == 0 ? null : at + 16 + Guard;
            Packet->SenseDataLength = senseRoom;
            byte* buffer = _size == 0 ? null : at + 16 + Guard + 256 + Guard + 1;
            if (_isRead)
            {
                Packet->InDataBuffer = buffer;
                Packet->InTransferLength = (uint)room;
            }
            else
            {
                Packet->DataDirection = Request.EFI_EXT_SCSI_DATA_DIRECTION_WRITE;
                Packet->OutDataBuffer = buffer;
                Packet->OutTransferLength = (uint)_size;
                data.CopyTo(new Span<byte>(buffer, _size));
            }
        }

        public Request* Packet { get; }

        /// <summary>What PassThru returned.</summary>
        public EFI_STATUS Status { get; set; }

        public EFI_EVENT Handler => _event!.Handle;

        /// <summary>Whether the event was signalled; asking ends that.</summary>
        public bool IsOver => _event!.Check();

        /// <summary>Lets time go by until the event is signalled.</summary>
        public Result Wait()
        {
            int waited = 0;
            for (; !IsOver && waited < 1000; waited++)
            {
                Firmware.Stall(1000);
            }

            Assert.NotEqual(1000, waited);
            return Finish();
        }

        public void Listen() => _event = Event.Create(0, out _);

        /// <summary>Reads the result, and sees that nothing was written behind what there is room for.</summary>
        public Result Finish(EFI_STATUS status)
        {
            byte[] sense = Packet->SenseData == null ? [] : new ReadOnlySpan<byte>(Packet->SenseData, Packet->SenseDataLength).ToArray();
            byte* buffer = (byte*)(_isRead ? Packet->InDataBuffer : Packet->OutDataBuffer);
            byte[] data = new ReadOnlySpan<byte>(buffer, _size).ToArray();
            if (buffer != null)
            {
                Assert.Equal(-1, new ReadOnlySpan<byte>(buffer + _size, Guard).IndexOfAnyExcept((byte)0xA5));
            }

            Assert.Equal(-1, new ReadOnlySpan<byte>(_memory + sizeof(Request) + 16, Guard).IndexOfAnyExcept((byte)0xA5));
            return new Result(
                status, Packet->HostAdapterStatus, Packet->TargetStatus, data, (int)(_isRead ? Packet->InTransferLength : Packet->OutTransferLength),
                sense);
        }

        public Result Finish() => Finish(Status);

        public void Dispose()
        {
            _event?.Dispose();
            NativeMemory.Free(_memory);
        }
    }
}
