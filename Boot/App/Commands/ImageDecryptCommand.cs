using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Refuses to decrypt an image: scripts that ask for it are told so.</summary>
public sealed class ImageDecryptCommand : Command
{
    public override string Name => "imgdecrypt";
    public override string Summary => "not possible here: says so, and fails";
    public override string Options => "n|name=NAME k|keep t|timeout=MILLISECONDS q|quiet";
    public override string Operands => "URI|IMAGE ENVELOPE";
    public override int MinimumOperands => 2;
    public override int MaximumOperands => 2;

    protected override Error? Run(Session session, Arguments arguments) => new(
        EFI_STATUS.EFI_UNSUPPORTED,
        "UEFI firmware has nothing that decrypts, and neither has NetBoot: let a server have the file that asks for a client's certificate (https)");
}
