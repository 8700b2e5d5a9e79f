using Uefi.Interop.Raw;

namespace Tests.Simulation;

/// <summary>A ResetSystem that was asked for. Real firmware would not have returned.</summary>
public readonly record struct SimulatedReset(EFI_RESET_TYPE Type, EFI_STATUS Status);
