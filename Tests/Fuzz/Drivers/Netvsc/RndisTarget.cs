using System;
using System.Collections.Generic;
using NetBoot.NicDrivers.Netvsc;

namespace NetBoot.Tests.Fuzz.Drivers.Netvsc;

internal sealed class RndisTarget : FuzzTarget
{
    private uint _sum;

    public override string Name => "rndis";

    public override string Subject => "RNDIS and NVSP messages of a Hyper-V host";

    public override int MaximumSize => 256;

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] packet = new byte[RndisPacket.HeaderSize + 60];
            RndisPacket.WriteHeader(packet, 60);
            yield return packet;
            byte[] tagged = new byte[RndisPacket.HeaderSize + 16 + 20];
            RndisPacket.WriteHeader(tagged, 20);
            new byte[] { 52, 0, 0, 0, 20, 0, 0, 0 }.CopyTo(tagged, 8);
            new byte[] { 36, 0, 0, 0, 16, 0, 0, 0 }.CopyTo(tagged, 28);
            new byte[] { 16, 0, 0, 0, 6, 0, 0, 0, 12, 0, 0, 0, 0x55, 0, 0, 0 }.CopyTo(tagged, 44);
            yield return tagged;
            yield return [4, 0, 0, 0x80, 30, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 16, 0, 0, 0, 0, 0x15, 0x5D, 1, 2, 3];
            yield return [7, 0, 0, 0, 20, 0, 0, 0, 0x0B, 0, 1, 0x40, 0, 0, 0, 0, 0, 0, 0, 0];
            yield return [102, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0];
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        if (RndisMessage.TryParse(input, out RndisMessage message))
        {
            _sum += message.RequestId + message.Status + message.Indication + (uint)message.Type + (uint)message.Information.Length;
        }

        if (RndisPacket.TryParse(input, out RndisPacket packet))
        {
            byte[] bytes = input.ToArray();
            Span<byte> frame = bytes.AsSpan(packet.Offset, packet.Length);
            if (packet.Tag != 0 && frame.Length >= 14)
            {
                RndisPacket.InsertTag(bytes.AsSpan(packet.Offset - RndisPacket.TagSize, packet.Length + RndisPacket.TagSize), packet.Tag);
            }
        }

        NvspMessage.IsInitAccepted(input);
        NvspMessage.IsReceiveBufferAccepted(input, out uint sections);
        _sum += sections;
    }
}
