using System.Collections.Generic;

namespace NetBoot.Boot.Packaging.OptionRoms;

/// <summary>One image of an expansion ROM, as its headers describe it.</summary>
public sealed record RomImage
{
    /// <summary>CodeType of a BIOS image.</summary>
    public const byte Bios = 0;

    /// <summary>CodeType of a UEFI image.</summary>
    public const byte Uefi = 3;

    /// <summary>In bytes from the start of the ROM.</summary>
    public required int Offset { get; init; }

    /// <summary>In bytes.</summary>
    public required int Length { get; init; }

    public required byte CodeType { get; init; }

    public required bool IsLast { get; init; }

    public required ushort VendorId { get; init; }

    /// <summary>The first is the header's own; the others are of the device list.</summary>
    public required IReadOnlyList<ushort> DeviceIds { get; init; }

    /// <summary>Of the PCI data structure, in bytes from the start of the ROM.</summary>
    public required int DataStructure { get; init; }

    /// <summary>Of a UEFI image: the executable's subsystem, machine, and where it is.</summary>
    public ushort Subsystem { get; init; }

    public ushort Machine { get; init; }

    public bool IsCompressed { get; init; }

    /// <summary>In bytes from the start of the ROM.</summary>
    public int Payload { get; init; }
}
