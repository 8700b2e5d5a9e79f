using System;
using System.Collections.Generic;
using NetBoot.NicDrivers.Netvsc;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Raw;
using static NetBoot.Tests.Fuzz.Drivers.NicClient;

namespace NetBoot.Tests.Fuzz.Drivers.Netvsc;

/// <summary>The driver of Hyper-V's network adapter on a channel whose host does what the input says: see <see cref="NetvscFuzzChannel"/>.</summary>
/// <remarks>Bytes of <see cref="Request"/>, each with what it needs; what the host does is taken from between them, whenever the driver asks.</remarks>
internal sealed class NetvscTarget : FuzzTarget
{
    public override string Name => "netvsc";

    public override string Subject => "driver against the host behind its channel: NVSP, RNDIS, completions, transfer pages, losses";

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] start = [.. new byte[40]];
            yield return [.. start, (byte)Request.Poll, 2, NetvscFuzzChannel.Frame, 60, 0, NetvscFuzzChannel.Frame, 0xEE, 5];
            yield return [.. start, (byte)Request.Transmit, 60, 0, (byte)Request.Link, (byte)Request.Filter, 31, 2];
            yield return [.. start, (byte)Request.Poll, 5, NetvscFuzzChannel.Completed, 0, 1, 0, 0, NetvscFuzzChannel.InBand, 4, 1, 2, 3, 4];
            yield return [.. start, (byte)Request.Poll, 5, NetvscFuzzChannel.Ranges, 2, 0, 0, 0, 0, 52, 0, 0, 0, 0, 8, 0, 0, 100, 0, 0, 0];
            yield return [.. start, (byte)Request.Poll, 5, NetvscFuzzChannel.Write, 0, 0, 12, 8, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, NetvscFuzzChannel.Ranges, 1, 0, 0, 0, 0, 12];
            yield return [.. start, (byte)Request.Link, NetvscFuzzChannel.Renew, (byte)Request.Reopen, (byte)Request.Link, NetvscFuzzChannel.Fail, 3, (byte)Request.Poll, 3];
            yield return [NetvscFuzzChannel.Answer, 8, 0, 0, 0, 0, 0, 0, 0, 0, NetvscFuzzChannel.Answer, 16, 2, 0, 0, 0, 0, 0, 0, 0];
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        FuzzReader reader = new(input);
        DeviceFirmware.Start();
        NetvscFuzzChannel channel = new(reader);
        using (NetvscNic? nic = NetvscNic.Create(channel, isPathAnonymous: false, out EFI_STATUS status))
        {
            FuzzFinding.Unless(nic is null == status.IsError, "the status does not say whether there is a NIC");
            NicClient? client = nic is null ? null : new NicClient(nic);
            client?.Open();
            while (client is not null && !reader.IsEmpty)
            {
                client.Do((Request)(reader.Byte() % (int)Request.Count), reader);
            }
        }

        FuzzFinding.Unless(!channel.IsOpen, "the channel is left open");
        FuzzFinding.Unless(DeviceFirmware.PageCount == 0 || channel.MayWrite || channel.MayRead, "memory is left behind");
        FuzzFinding.Unless(DeviceFirmware.PageCount != 0 || !channel.MayWrite, "memory was freed that the host may write to");
    }
}
