using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>A ResetSystem that was asked for. Real firmware would not have returned.</summary>
public readonly record struct SimulatedReset(EFI_RESET_TYPE Type, EFI_STATUS Status);
