namespace NetBoot.Tests.Models.HyperV;

/// <summary>Types of packets in a ring.</summary>
public enum PacketType : ushort
{
    InBand = 6,
    TransferPages = 7,
    Gpadl = 8,
    GpaDirect = 9,
    Cancel = 10,
    Completion = 11,
}
