using NetBoot.Boot.App.Settings;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Sets a setting to the PCI function behind the one that it holds, or to the first; fails behind the last.</summary>
public sealed class PciScanCommand : Command
{
    public override string Name => "pciscan";
    public override string Summary => "go to the next PCI function";
    public override string Operands => "SETTING";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;
    public override bool FailsQuietly => true;

    protected override Error? Run(Session session, Arguments arguments)
    {
        string setting = arguments.Words[0];
        long from = ImageArguments.NextNumber(session, setting, 0);
        if (from is < 0 or > uint.MaxValue || !session.Platform.TryFindPciFunction((uint)from, out uint function))
        {
            return new Error(EFI_STATUS.EFI_NOT_FOUND, "there is no further PCI function");
        }

        SettingType type = function <= ushort.MaxValue ? SettingType.UInt16 : SettingType.UInt32;
        return ImageArguments.Store(session, setting, type, SettingFormat.WriteInteger(function, SettingFormat.IntegerSize(type)));
    }
}
