using System.CommandLine;
using System.IO;
using Spectre.Console;

namespace NetBoot.Boot.Tool.Commands;

/// <summary><c>./netboot sign</c>: signs an image for Secure Boot.</summary>
public static class SignCommand
{
    public static Command Create()
    {
        Argument<FileInfo> image = new("image") { Description = "The .efi image, e.g. artifacts/x64/netboot.efi." };
        Option<FileInfo> key = new("--key") { Description = "The private key (PEM).", Required = true };
        Option<FileInfo> certificate = new("--cert") { Description = "Its certificate (PEM), which the firmware knows: in db, or by shim's MOK.", Required = true };
        Option<FileInfo?> output = new("--out") { Description = "Where to write the signed image; without it, the image itself is replaced." };
        Command command = new("sign", "Sign an image for Secure Boot with your own key.") { image, key, certificate, output };
        command.SetAction(async (parsed, _) =>
        {
            FileInfo input = parsed.GetValue(image)!;
            FileInfo target = parsed.GetValue(output) ?? input;
            await new Signer(parsed.GetValue(key)!, parsed.GetValue(certificate)!).SignAsync(input.FullName, target.FullName);
            AnsiConsole.MarkupLineInterpolated($"{target}: signed");
            return 0;
        });
        return command;
    }
}
