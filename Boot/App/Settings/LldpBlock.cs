using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// What the switch says of itself by LLDP ("net0.lldp"). Numbers are iPXE's: [PREFIX.]TYPE.INDEX.OFFSET.LENGTH. LENGTH bytes behind the first OFFSET of the
/// value number INDEX of a type, all of them as text when LENGTH is 0; of those alone that begin with PREFIX, as organizations have theirs, whose last
/// OFFSET bytes count, at most four.
/// </summary>
public sealed class LldpBlock(BootInterface bootInterface) : SettingsBlock("lldp")
{
    private const int MaximumPrefix = 4;

    /// <inheritdoc/>
    public override bool HasOwnNames => true;

    protected override bool SpeaksForOthers => true;

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        value = default;
        int wanted = (byte)(name.Tag >> 24);
        int index = (byte)(name.Tag >> 16);
        int offset = (byte)(name.Tag >> 8);
        int length = (byte)name.Tag;
        type = length == 0 ? SettingType.String : SettingType.Hex;
        uint high = (uint)(name.Tag >> 32);
        Span<byte> prefix = stackalloc byte[MaximumPrefix];
        for (int i = 0; i < MaximumPrefix; i++)
        {
            prefix[i] = (byte)(high >> (8 * (MaximumPrefix - 1 - i)));
        }

        prefix = high == 0 ? default : prefix.Slice(MaximumPrefix - Math.Min(offset, MaximumPrefix));
        LldpReader reader = new(name.IsNumber ? bootInterface.Interface.GetLldpMessage() : default);
        while (reader.Read())
        {
            if (reader.Type == wanted && reader.Value.StartsWith(prefix) && index-- == 0)
            {
                value = reader.Value.Slice(Math.Min(offset, reader.Value.Length));
                value = length == 0 ? value : value.Slice(0, Math.Min(length, value.Length));
                break;
            }
        }

        return value.Length > 0;
    }
}
