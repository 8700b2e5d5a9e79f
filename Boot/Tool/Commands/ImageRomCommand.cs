using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Packaging.OptionRoms;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using Spectre.Console;

namespace NetBoot.Boot.Tool.Commands;

/// <summary><c>./netboot image rom</c>: a PCI expansion ROM with a driver, for QEMU's <c>romfile=</c> or a card's flash.</summary>
public static class ImageRomCommand
{
    public static Command Create()
    {
        Option<string> nic = new("--nic") { Description = "The driver, or QEMU's name of a card that it drives; it says the cards' PCI identifiers too.", Required = true };
        nic.AcceptOnlyFromAmong([.. CardCatalogue.Names]);
        Option<string[]> arch = new("--arch")
        {
            Description = "The processors that the ROM is for.",
            DefaultValueFactory = _ => ["x64", "aa64"],
            AllowMultipleArgumentsPerToken = true,
        };
        arch.AcceptOnlyFromAmong("x64", "aa64");
        Option<string?> app = new("--app")
        {
            Description = "Also the boot application, as a boot option of its own: netboot.efi, or the image or file named here.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<FileInfo?> script = ScriptOption.Create();
        Option<FileInfo?> bios = new("--bios") { Description = "A ROM whose images for a BIOS become part of this one, e.g. one of /usr/lib/ipxe/qemu." };
        Option<FileInfo?> key = new("--key") { Description = "Sign driver and application for Secure Boot with this private key (PEM)." };
        Option<FileInfo?> certificate = new("--cert") { Description = "The certificate of --key (PEM)." };
        Option<FileInfo> output = new("--out") { Description = "The ROM image to write.", Required = true };
        Command command = new("rom", "Make a PCI option ROM of a NIC's driver.") { nic, arch, app, script, bios, key, certificate, output };
        command.SetAction(async (parsed, _) =>
        {
            Signer? signer = (parsed.GetValue(key), parsed.GetValue(certificate)) switch
            {
                (null, null) => null,
                (FileInfo k, FileInfo c) => new Signer(k, c),
                _ => throw new ToolError("--key and --cert go together.", "Give both, or neither."),
            };
            CardFamily family = CardCatalogue.Find(parsed.GetValue(nic)!)!.Family;
            string? application = parsed.GetResult(app) == null ? null : parsed.GetValue(app) ?? "netboot.efi";
            byte[]? content = ScriptOption.Read(parsed.GetValue(script));
            if (content != null && application == null)
            {
                throw new ToolError("A script runs in the application.", "Give --app too.");
            }

            string[] architectures = [.. parsed.GetValue(arch)!.Distinct()];
            foreach (string architecture in architectures)
            {
                await ImageInput.BuiltAsync(Architecture.Named(architecture), family.Image);
            }

            byte[] rom = await MakeAsync(family, architectures, application, parsed.GetValue(bios), signer, content);
            OutputFile.Write(parsed.GetValue(output)!.FullName, rom);
            AnsiConsole.MarkupLineInterpolated($"{parsed.GetValue(output)}: {rom.Length / 1024.0:0.0} KiB");
            return 0;
        });
        return command;
    }

    /// <summary>Puts built images into a ROM: for each architecture the driver, and after it the application.</summary>
    /// <param name="family">Whose driver; of a card on PCI.</param>
    /// <param name="architectures">Names of <see cref="Architecture"/>.</param>
    /// <param name="application">The application: a file, which is for one architecture, or a built image's name; or null.</param>
    /// <param name="bios">The ROM for the other half, or null.</param>
    /// <param name="signer">Signs the images, or null.</param>
    /// <param name="script">What is put into the application, or null.</param>
    public static async Task<byte[]> MakeAsync(
        CardFamily family, IReadOnlyList<string> architectures, string? application, FileInfo? bios, Signer? signer, byte[]? script = null)
    {
        uint[] identifiers = family.Driver!.Identifiers.ToArray();
        RomBuilder rom = new((ushort)(identifiers[0] >> 16), identifiers.Select(each => (ushort)each));
        if (bios != null)
        {
            (int added, int leftOut) = rom.AddBios(new InputView(bios.ToString(), ImageInput.ReadFile(bios.FullName)));
            AnsiConsole.MarkupLineInterpolated($"{bios}: took {added} images for a BIOS, left out {leftOut} others");
        }

        using TemporaryDirectory directory = new();
        foreach (Architecture architecture in architectures.Select(Architecture.Named))
        {
            foreach (string image in new[] { Repository.Image(architecture, family.Image + ".efi"), application }.OfType<string>())
            {
                PortableExecutable executable = await ImageInput.ReadAsync(architecture, image);
                if (executable.IsApplication != (image == application))
                {
                    throw new ToolError($"{executable.Name} is no application.", "--app takes netboot.efi, netboot-snponly.efi, or what ./netboot image app makes.");
                }

                if (script != null && image == application)
                {
                    string scripted = directory.Combine("scripted.efi");
                    await File.WriteAllBytesAsync(scripted, executable.WithSection(EmbeddedSection.Script, script));
                    executable = await ImageInput.ReadAsync(architecture, scripted);
                }

                if (signer != null)
                {
                    string signed = directory.Combine("signed.efi");
                    await signer.SignAsync(executable.Name, signed);
                    executable = await ImageInput.ReadAsync(architecture, signed);
                }

                rom.Add(executable);
            }
        }

        return rom.ToArray();
    }
}
