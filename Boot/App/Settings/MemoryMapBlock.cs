using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// The machine's memory: <c>memmap/REGIONS-1.FIRST.FLAGS.SHIFT</c> adds up starts (flag 1) or lengths (2) of regions of memory from the
/// first on, fewer where there are fewer (4), and shifts the sum right.
/// </summary>
public sealed class MemoryMapBlock(Platform platform) : SettingsBlock("memmap")
{
    private const ulong IncludesStart = 1 << 8;
    private const ulong IncludesLength = 1 << 9;
    private const ulong MayBeFewer = 1 << 10;

    /// <inheritdoc/>
    public override bool HasOwnNames => true;

    /// <inheritdoc/>
    public override Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value) => ReadOnly(name);

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        type = SettingType.HexRaw;
        value = default;
        if (!name.IsNumber)
        {
            return false;
        }

        ulong tag = name.Tag;
        int first = (int)((tag >> 16) & 0xFF);
        int count = (int)((tag >> 24) & 0xFF) + 1;
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            if (!platform.TryGetMemoryRegion(first + i, out ulong start, out ulong length))
            {
                if ((tag & MayBeFewer) == 0)
                {
                    return false;
                }

                break;
            }

            sum += ((tag & IncludesStart) != 0 ? start : 0) + ((tag & IncludesLength) != 0 ? length : 0);
        }

        value = SettingFormat.WriteInteger((long)(sum >> (int)(tag & 0x3F)), 8);
        return true;
    }
}
