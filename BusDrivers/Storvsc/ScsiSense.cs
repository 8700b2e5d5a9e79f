using System;

namespace NetBoot.BusDrivers.Storvsc;

/// <summary>Sense data, in the one format that firmware's disk driver reads. SPC-4, 4.5.</summary>
internal static class ScsiSense
{
    private const int FixedSize = 18;
    private const byte FixedCurrent = 0x70;
    private const byte DescriptorCurrent = 0x72;
    private const byte DescriptorDeferred = 0x73;
    private const byte CodeMask = 0x7F;

    /// <summary>
    /// Copies a device's sense data; what is in descriptor format is put into fixed format, as Microsoft's firmware does (mu_msvm,
    /// StorvscDxe): edk2's ScsiDiskDxe looks for the sense key there.
    /// </summary>
    /// <returns>How many bytes were copied: no more than there is room for.</returns>
    public static int Copy(scoped ReadOnlySpan<byte> sense, Span<byte> target)
    {
        Span<byte> converted = stackalloc byte[FixedSize];
        if (sense.Length >= 4 && (sense[0] & CodeMask) is DescriptorCurrent or DescriptorDeferred)
        {
            converted.Clear();
            converted[0] = (byte)(FixedCurrent | (sense[0] & 1)); // deferred stays deferred
            converted[2] = (byte)(sense[1] & 0x0F);
            converted[7] = FixedSize - 8;
            converted[12] = sense[2];
            converted[13] = sense[3];
            sense = converted;
        }

        int length = Math.Min(sense.Length, target.Length);
        sense.Slice(0, length).CopyTo(target);
        return length;
    }
}
