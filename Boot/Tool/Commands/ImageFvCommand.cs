using System;
using System.Collections.Generic;
using System.CommandLine;
using System.ComponentModel;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Packaging.FirmwareVolumes;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Commands;

/// <summary><c>./netboot image fv</c>: drivers and applications into a firmware's flash image, or into a volume of their own.</summary>
public static class ImageFvCommand
{
    public static Command Create()
    {
        Argument<string[]> images = new("images") { Description = "Drivers and applications: files, or names as in artifacts (netboot-drivers.efi).", Arity = ArgumentArity.OneOrMore };
        Option<FileInfo?> into = new("--into") { Description = "The firmware to add them to: OVMF_CODE.fd, AAVMF_CODE.fd or one like them. It is not changed." };
        Option<FileInfo> output = new("--out") { Description = "The new firmware; without --into a volume (.fv), and a .ffs file of each image beside it.", Required = true };
        Option<string> arch = new("--arch") { Description = "Whose images, without --into.", DefaultValueFactory = _ => "x64" };
        arch.AcceptOnlyFromAmong("x64", "aa64");
        Command command = new("fv", "Put drivers, and applications as boot options, into a firmware volume.") { images, into, output, arch };
        command.SetAction(async (parsed, _) =>
        {
            string path = parsed.GetValue(output)!.FullName;
            foreach (string line in await MakeAsync(parsed.GetValue(images)!, parsed.GetValue(into), path, parsed.GetValue(arch)!))
            {
                Console.WriteLine(line);
            }

            return 0;
        });
        return command;
    }

    /// <summary>Writes the new firmware; without <paramref name="into"/> a volume, and a .ffs file of each image beside it.</summary>
    /// <returns>What was made, a line each.</returns>
    /// <exception cref="ToolError">An image is not there or for another processor, or xz is not installed.</exception>
    /// <exception cref="InputError">The firmware cannot be read.</exception>
    public static async Task<IReadOnlyList<string>> MakeAsync(IReadOnlyList<string> names, FileInfo? into, string output, string architecture)
    {
        try
        {
            return await TryMakeAsync(names, into, output, architecture);
        }
        catch (Win32Exception)
        {
            throw new ToolError("The program xz is not installed.", "Install it: sudo apt-get install xz-utils");
        }
    }

    private static async Task<IReadOnlyList<string>> TryMakeAsync(IReadOnlyList<string> names, FileInfo? into, string output, string architecture)
    {
        FlashImage? flash = into == null ? null : FlashImage.Read(into.FullName, ImageInput.ReadFile(into.FullName));
        Architecture kind = Architecture.Named(flash == null ? architecture : PortableExecutable.NameOf(flash.Machine));
        List<FirmwareImage> images = [];
        foreach (string name in names)
        {
            images.Add(new FirmwareImage(Path.GetFileNameWithoutExtension(name), await ImageInput.ReadAsync(kind, name)));
        }

        List<FirmwareImage> applications = [.. images.Where(each => each.Image.IsApplication)];
        List<(string Name, byte[] File)> files = [.. images.Select(each => (each.Name, each.ToFile()))];
        if (applications.Count != 0)
        {
            FirmwareImage options = FirmwareImage.Read(await ImageInput.BuiltAsync(kind, FirmwareImage.BootOptionsName));
            files.Add((options.Name, options.ToFile(applications)));
        }

        foreach ((string name, byte[] file) in files)
        {
            if (flash == null)
            {
                OutputFile.Write(Path.Combine(Path.GetDirectoryName(output)!, name + ".ffs"), file);
            }
        }

        List<byte[]> content = [.. files.Select(each => each.File)];
        byte[] result = flash == null ? Volume.Make(FirmwareGuid.Named("volume"), content) : flash.With(content);
        OutputFile.Write(output, result);
        return
        [
            .. files.Select(each => $"{new Guid(each.File.AsSpan(0, 16)).ToString().ToUpperInvariant()}  {each.File.Length,8}  {each.Name}"),
            $"{output}: {result.Length} bytes" + (flash == null ? "" : $", of {into!.Name} for {kind.Name}"),
        ];
    }
}
