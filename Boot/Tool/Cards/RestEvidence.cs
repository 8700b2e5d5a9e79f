using System.Collections.Generic;

namespace NetBoot.Boot.Tool.Cards;

/// <summary>What shows from outside, through QEMU, that a card has been reset and is silent.</summary>
public abstract record RestEvidence;

/// <summary>Values of its registers.</summary>
/// <param name="Bar">The base address register that they are behind: memory or ports.</param>
public sealed record RegistersAtRest(int Bar, params IReadOnlyList<RegisterAtRest> Registers) : RestEvidence;

/// <summary>A register, of which the bits of a mask have a value.</summary>
/// <param name="Size">In bytes: 1, 2 or 4.</param>
public sealed record RegisterAtRest(int Offset, uint Mask, uint Value, int Size = 4);

/// <summary>Where no register tells: the last of its commands, as they were written.</summary>
/// <param name="Region">QEMU's name of the registers.</param>
/// <param name="Commands">The values, of 32 bits, in the order of writing; others do not count.</param>
public sealed record LastCommands(string Region, params IReadOnlyList<uint> Commands) : RestEvidence;

/// <summary>The status of a virtio device, which QEMU tells for each transport.</summary>
/// <param name="Device">QEMU's name of its kind.</param>
public sealed record VirtioStatusIsClear(string Device) : RestEvidence;
