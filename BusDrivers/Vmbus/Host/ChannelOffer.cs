using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>What the host says of a channel when it offers it.</summary>
internal unsafe struct ChannelOffer
{
    public const int UserDefinedSize = 120;

    public EFI_GUID InterfaceType;
    public EFI_GUID InstanceId;
    public ushort Flags;
    public ushort MmioMegabytes;
    public fixed byte UserDefined[UserDefinedSize];
    public ushort SubChannelIndex;

    /// <summary>What the messages about the channel call it, while this connection lasts.</summary>
    public uint Channel;

    /// <summary>Whether the channel has a port of its own for signals, and which. Nothing that hosts of the first version say.</summary>
    public bool HasOwnPort;
    public uint Port;

    /// <summary>Reads the message, of which what the host did not send is zero.</summary>
    public static ChannelOffer Read(ReadOnlySpan<byte> message)
    {
        ChannelOffer offer = new()
        {
            InterfaceType = MemoryMarshal.Read<EFI_GUID>(message.Slice(8)),
            InstanceId = MemoryMarshal.Read<EFI_GUID>(message.Slice(24)),
            Flags = BinaryPrimitives.ReadUInt16LittleEndian(message.Slice(56)),
            MmioMegabytes = BinaryPrimitives.ReadUInt16LittleEndian(message.Slice(58)),
            SubChannelIndex = BinaryPrimitives.ReadUInt16LittleEndian(message.Slice(180)),
            Channel = BinaryPrimitives.ReadUInt32LittleEndian(message.Slice(184)),
            HasOwnPort = BinaryPrimitives.ReadUInt16LittleEndian(message.Slice(190)) != 0,
            Port = BinaryPrimitives.ReadUInt32LittleEndian(message.Slice(192)),
        };
        message.Slice(60, UserDefinedSize).CopyTo(new Span<byte>(offer.UserDefined, UserDefinedSize));
        return offer;
    }
}
