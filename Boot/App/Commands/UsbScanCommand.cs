using NetBoot.Boot.App.Settings;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Sets a setting to the number of the USB device behind the one that it holds, or of the first; fails behind the last.</summary>
public sealed class UsbScanCommand : Command
{
    public override string Name => "usbscan";
    public override string Summary => "go to the next USB device";
    public override string Operands => "SETTING";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;
    public override bool FailsQuietly => true;

    protected override Error? Run(Session session, Arguments arguments)
    {
        string setting = arguments.Words[0];
        long number = ImageArguments.NextNumber(session, setting, 1);
        return number is < 1 or > short.MaxValue || session.Platform.ReadUsb((int)number, 0) is null
            ? new Error(EFI_STATUS.EFI_NOT_FOUND, "there is no further USB device")
            : ImageArguments.Store(session, setting, SettingType.UInt16, SettingFormat.WriteInteger(number, sizeof(ushort)));
    }
}
