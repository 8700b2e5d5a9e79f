using Uefi.Interop;
using Uefi.Interop.Raw;

namespace Boot.App;

/// <summary>Something unpredictable to start random numbers with: EFI_RNG where there is one, and always time and counters.</summary>
public static unsafe class Entropy
{
    public static ulong Collect()
    {
        ulong value = Machine.ReadCounter();
        EFI_RNG_PROTOCOL* rng = Firmware.Locate<EFI_RNG_PROTOCOL>();
        ulong random = 0;
        if (rng != null && !rng->GetRNG(rng, null, sizeof(ulong), (byte*)&random).IsError)
        {
            value ^= random;
        }
        EFI_TIME time = default;
        if (!Firmware.RuntimeServices->GetTime(&time, null).IsError)
        {
            value ^= FirmwarePlatform.Seconds(time) * 0x9E37_79B9_7F4A_7C15 + time.Nanosecond;
        }
        Firmware.Stall(10); // its jitter shows in the counter
        return value ^ (Machine.ReadCounter() << 20);
    }
}
