using System;
using System.Collections.Generic;
using NetBoot.BusDrivers.Storvsc;
using NetBoot.Tests.Models.Devices;
using NetBoot.Tests.Storvsc;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Fuzz.Drivers.Storvsc;

/// <summary>The driver of Hyper-V's SCSI controllers on a channel whose host does what the input says: see <see cref="StorvscFuzzChannel"/>.</summary>
/// <remarks>
/// Bytes of <see cref="Step"/>, each with what it needs; what the host does is taken from between them, whenever the driver asks. The controller is
/// started first.
/// </remarks>
internal sealed unsafe class StorvscTarget : FuzzTarget
{
    private const ulong LongestWait = 40_000_000;
    private const ulong BufferPages = StorChannel.BufferSize / Pages.PageSize;

    /// <summary>What firmware and its drivers do.</summary>
    private enum Step : byte
    {
        Poll,

        /// <summary>Sector, bytes, LUN, time.</summary>
        Read,
        Write,
        BeginRead,
        BeginWrite,

        /// <summary>Bits: 0 written, 1 begun; how many bytes the command has, the command; bytes of data, LUN, time; room for sense data.</summary>
        Command,
        List,

        /// <summary>LUN.</summary>
        Path,
        Reset,

        /// <summary>LUN.</summary>
        ResetUnit,

        /// <summary>How long.</summary>
        Wait,
        Restart,
        Count,
    }

    public override string Name => "storvsc";

    public override string Subject => "driver against the host behind its channel: set-up, completions, statuses, sense data, lists of LUNs, losses";

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] start = [.. new byte[24]];
            yield return [.. start, (byte)Step.Read, 7, 0, 2, 0, 9, 0, 0, 0, (byte)Step.Write, 8, 0, 2, 1, 9, 0, 0, 0, (byte)Step.List];
            yield return
            [
                .. start, (byte)Step.BeginRead, 1, 0, 2, 0, 50, 0, 0, (byte)Step.BeginWrite, 2, 0, 2, 0, 50, StorvscFuzzChannel.Earlier, 0, 0, 0, 0, 0, 0,
                (byte)Step.Wait, 1,
            ];
            yield return
            [
                .. start, (byte)Step.Read, 1, 0, 2, 0, 9, 0, 0, StorvscFuzzChannel.Patched, 14, 20, 0x84, 2, 0, 0, 0, 0, 16, 20, 1, 0, 0, 0, 0, 0, 0x70, 0, 5, 0, 0, 0,
            ];
            yield return [.. start, (byte)Step.Read, 1, 0, 2, 0, 9, 0, StorvscFuzzChannel.Silence, 255, (byte)Step.Reset, (byte)Step.ResetUnit, 0];
            yield return
            [
                .. start, (byte)Step.BeginRead, 1, 0, 2, 0, 50, 0, StorvscFuzzChannel.Renew, (byte)Step.Wait, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                (byte)Step.Restart,
            ];
            yield return [.. start, (byte)Step.Poll, StorvscFuzzChannel.InBand, 1, 0, 0, 0, 4, 11, 0, 0, 0, 0, (byte)Step.List, (byte)Step.Path, 1];
            yield return [.. start, (byte)Step.Command, 0, 6, 0x12, 0, 0, 0, 36, 0, 36, 0, 0, 9, 18, 0, 0, 0, (byte)Step.Poll, StorvscFuzzChannel.Fail, 1];
            yield return [0, 0, 0, StorvscFuzzChannel.Patched, 8, 4, 0x59, 0, 0, 0xC0, 0, 0, StorvscFuzzChannel.Answer, 12];
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        FuzzReader reader = new(input);
        DeviceFirmware.Start();
        Machine.Counter = () => DeviceFirmware.Waited * 1000;
        ulong expected = 0;
        while (!reader.IsEmpty)
        {
            StorvscFuzzChannel channel = new(reader);
            new Session(reader, channel).ToTheEnd();
            FuzzFinding.Unless(!channel.IsOpen, "the channel is left open");
            ulong kept = DeviceFirmware.PageCount - expected;
            FuzzFinding.Unless(kept >= (ulong)channel.HeldBuffers * BufferPages, "memory was freed that the host may write to");
            FuzzFinding.Unless(kept <= (ulong)channel.KeptBuffers * BufferPages, "memory is left behind");
            expected = DeviceFirmware.PageCount;
        }

        FuzzFinding.Unless(DeviceFirmware.PoolCount == 0 && DeviceFirmware.EventCount == 0, "memory or an event is left behind");
    }

    /// <summary>The controller from its start to its stop.</summary>
    private sealed class Session(FuzzReader reader, StorvscFuzzChannel channel)
    {
        private readonly List<ScsiClient.ScsiCall> _begun = [];
        private StorChannel? _controller;
        private ScsiClient _client = null!;

        public void ToTheEnd()
        {
            ulong before = DeviceFirmware.Waited;
            Owner owner = new();
            _controller = StorChannel.Create(channel, owner, out EFI_STATUS status);
            FuzzFinding.Unless(_controller is null == status.IsError, "the status does not say whether there is a channel");
            ScsiPassThru? protocol = _controller is null ? null : ScsiPassThru.Create(owner, _controller, out _);
            CheckWait(before, LongestWait, "the start");
            if (protocol is not null)
            {
                _client = new ScsiClient(protocol.Protocol);
                for (Step step = Next(); step != Step.Restart; step = Next())
                {
                    before = DeviceFirmware.Waited;
                    Do(step);
                    CheckWait(before, LongestWait, step.ToString());
                }
            }

            before = DeviceFirmware.Waited;
            _controller?.Dispose();
            protocol?.Dispose();
            CheckWait(before, LongestWait, "the stop");
            foreach (ScsiClient.ScsiCall call in _begun)
            {
                FuzzFinding.Unless(call.IsOver, "a request is never over");
                call.Finish();
                call.Dispose();
            }
        }

        private Step Next() => reader.IsEmpty ? Step.Restart : (Step)(reader.Byte() % (byte)Step.Count);

        private void Do(Step step)
        {
            switch (step)
            {
                case Step.Read or Step.BeginRead:
                    Pass(ScsiClient.ReadCdb(reader.Byte(), 1), isWritten: false, step == Step.BeginRead);
                    break;
                case Step.Write or Step.BeginWrite:
                    Pass(ScsiClient.WriteCdb(reader.Byte(), 1), isWritten: true, step == Step.BeginWrite);
                    break;
                case Step.Command:
                    byte bits = reader.Byte();
                    byte[] cdb = new byte[1 + (reader.Byte() & 15)];
                    reader.Take(cdb.Length).CopyTo(cdb);
                    Pass(cdb, isWritten: (bits & 1) != 0, isBegun: (bits & 2) != 0);
                    break;
                case Step.List:
                    FuzzFinding.Unless(_client.Units.Count <= 256, "more devices than there can be");
                    break;
                case Step.Path:
                    Path(reader.Byte());
                    break;
                case Step.Reset:
                    _client.Protocol->ResetChannel(_client.Protocol);
                    break;
                case Step.ResetUnit:
                    fixed (byte* target = ScsiClient.Target(0))
                    {
                        _client.Protocol->ResetTargetLun(_client.Protocol, target, reader.Byte());
                    }

                    break;
                case Step.Wait:
                    for (int milliseconds = reader.Byte(); milliseconds > 0; milliseconds--)
                    {
                        Firmware.Stall(1_000);
                    }

                    break;
                default:
                    _controller!.Poll();
                    break;
            }
        }

        private void Pass(byte[] cdb, bool isWritten, bool isBegun)
        {
            int size = reader.Word();
            byte lun = reader.Byte();
            ulong milliseconds = reader.Byte() * 10ul;
            byte pattern = StorvscFuzzChannel.PatternOf(cdb);
            byte[]? data = isWritten ? new byte[size] : null;
            data.AsSpan().Fill(pattern);
            if (isBegun)
            {
                ScsiClient.ScsiCall call = _client.Begin(cdb, size, data, lun, milliseconds * 10_000); // 0 is without a limit.
                if (call.Status.IsError)
                {
                    call.Dispose();
                }
                else
                {
                    _begun.Add(call);
                }

                return;
            }

            milliseconds = Math.Max(milliseconds, 1);
            ulong before = DeviceFirmware.Waited;
            ScsiClient.Result result = _client.Execute(cdb, size, data, lun, milliseconds * 10_000, reader.Byte());
            CheckWait(before, (milliseconds * 1_000) + 5_000, $"a request that may take {milliseconds} ms");
            if (result.Status.IsSuccess)
            {
                FuzzFinding.Unless(result.Transferred <= size, $"{result.Transferred} bytes of data for {size}");
                FuzzFinding.Unless(
                    isWritten || channel.HasTampered || cdb[0] == 0xA0 || !result.Data.AsSpan(0, result.Transferred).ContainsAnyExcept(pattern),
                    "another's data was read");
            }
        }

        private void Path(byte lun)
        {
            EFI_EXT_SCSI_PASS_THRU_PROTOCOL* protocol = _client.Protocol;
            EFI_DEVICE_PATH_PROTOCOL* path;
            byte[] made = new byte[EFI_EXT_SCSI_PASS_THRU_PROTOCOL.TARGET_MAX_BYTES];
            fixed (byte* target = ScsiClient.Target(0), parsed = made)
            {
                if (protocol->BuildDevicePath(protocol, target, lun, &path).IsSuccess)
                {
                    byte* next = parsed;
                    ulong found;
                    EFI_STATUS status = protocol->GetTargetLun(protocol, path, &next, &found);
                    FuzzFinding.Unless(status.IsSuccess && *parsed == 0 && found == lun, "a path leads elsewhere");
                    Pool.Free(path);
                }

                new Span<byte>(parsed, made.Length).Fill(0xFF);
                byte* first = parsed;
                for (int i = 0; i <= 256 && protocol->GetNextTarget(protocol, &first).IsSuccess; i++)
                {
                    FuzzFinding.Unless(i < 256, "more targets than there can be");
                }
            }
        }

        private static void CheckWait(ulong before, ulong most, string what)
        {
            ulong waited = DeviceFirmware.Waited - before;
            FuzzFinding.Unless(waited <= most, $"{what} waited for {waited} microseconds");
        }
    }

    private sealed class Owner : FaultDomain
    {
        public override string Name => "storvsc";
    }
}
