using System;
using System.Collections.Generic;
using NetBoot.Boot.App.Settings;
using NetBoot.Tests.App;

namespace NetBoot.Tests.Fuzz.Parsers;

internal sealed class SmbiosTarget : FuzzTarget
{
    public override string Name => "smbios";

    public override string Subject => "SMBIOS tables and entry points of the firmware";

    public override IEnumerable<byte[]> Seeds =>
        [SmbiosSample.Table, [.. "_SM3_"u8, 0, 24, 3, 2, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0], [.. "_SM_"u8, .. new byte[12], .. "_DMI_"u8, .. new byte[10]]];

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        Smbios table = new(input);
        for (int type = 0; type < 256; type += type < 4 ? 1 : 123)
        {
            for (int instance = 0; instance < 3 && table.TryFind((byte)type, instance, out ReadOnlySpan<byte> fields, out ReadOnlySpan<byte> strings); instance++)
            {
                for (int offset = 0; offset < 12 && offset < fields.Length; offset++)
                {
                    Smbios.GetString(strings, fields[offset]);
                }
            }
        }

        Smbios.TryReadEntryPoint(input, out _, out _, out _);
    }
}
