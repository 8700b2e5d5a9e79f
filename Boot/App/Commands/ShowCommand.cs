using System;
using NetBoot.Boot.App.Settings;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Prints a setting with the block that it is from and its type.</summary>
public sealed class ShowCommand : Command
{
    public override string Name => "show";
    public override string Summary => "print a setting";
    public override string Options => "q|quiet";
    public override string Operands => "SETTING";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments)
    {
        string setting = arguments.Words[0];
        if (!SettingName.TryParse(setting, out SettingName name) ||
            !session.Settings.TryFetch(name, out ReadOnlySpan<byte> value, out SettingType type, out SettingsBlock origin))
        {
            return new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"no such setting: {setting}"));
        }

        string? text = SettingFormat.TryFormat(type, value);
        if (text is null)
        {
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{setting}: its value is none of type {SettingFormat.NameOf(type)}"));
        }

        if (!arguments.Has('q'))
        {
            TextBuilder path = new(64, 0);
            if (origin.Parent is not null)
            {
                AppendScope(ref path, origin);
                path.Append('/');
            }

            text = TextBuilder.Format($"{path.Written}{name.Name}:{SettingFormat.NameOf(type)} = {text}");
        }

        session.Terminal.WriteLine(text);
        return null;
    }

    private static void AppendScope(ref TextBuilder text, SettingsBlock block)
    {
        if (block.Parent?.Parent is not null)
        {
            AppendScope(ref text, block.Parent);
            text.Append('.');
        }

        text.Append(block.Name);
    }
}
