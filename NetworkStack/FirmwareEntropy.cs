using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack;

/// <summary>
/// What firmware has to make numbers unpredictable: EFI_RNG when it is there and ready, and always counters, the jitter of
/// short waits, the time, and addresses of its tables. Nothing depends on EFI_RNG.
/// </summary>
public static unsafe class FirmwareEntropy
{
    private const int RandomSize = 32;
    private const int Waits = 16;
    private const uint WaitMicroseconds = 20;

    /// <summary>Makes a random source in the current arena.</summary>
    public static RandomSource CreateRandomSource()
    {
        RandomSource random = new(Machine.ReadCounter());
        EFI_RNG_PROTOCOL* rng = Firmware.Locate<EFI_RNG_PROTOCOL>();
        if (rng != null)
        {
            byte* bytes = stackalloc byte[RandomSize];
            if (!rng->GetRNG(rng, null, RandomSize, bytes).IsError)
            {
                random.Stir(new ReadOnlySpan<byte>(bytes, RandomSize));
            }
        }

        EFI_TIME time = default;
        if (!Firmware.RuntimeServices->GetTime(&time, null).IsError)
        {
            random.Stir(new ReadOnlySpan<byte>(&time, sizeof(EFI_TIME)));
        }

        random.Stir((ulong)Firmware.SystemTable ^ ((ulong)Firmware.ImageHandle.Value << 16) ^ (ulong)&time);
        for (int i = 0; i < Waits; i++)
        {
            Firmware.Stall(WaitMicroseconds);
            random.Stir(Machine.ReadCounter());
        }

        return random;
    }
}
