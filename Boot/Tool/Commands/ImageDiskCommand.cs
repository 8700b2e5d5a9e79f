using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Packaging.Disks;
using NetBoot.Boot.Tool.Disks;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Commands;

/// <summary><c>./netboot image disk</c> and <c>iso</c>: media that boot the application.</summary>
public static class ImageDiskCommand
{
    public static Command CreateDisk() => Create("disk", "Make a disk image (GPT, EFI system partition) that boots the application.", isIso: false);

    public static Command CreateIso() => Create("iso", "Make a CD image that boots the application, from a memory stick too.", isIso: true);

    /// <summary>Makes a disk or a CD.</summary>
    /// <param name="images">The application, one for each processor; none: the built ones of <paramref name="architectures"/>.</param>
    /// <param name="architectures">A name of <see cref="Architecture"/>, or both.</param>
    /// <param name="script">What runs, or null.</param>
    /// <param name="isIso">A CD.</param>
    /// <returns>The medium, and the names of the files on it.</returns>
    /// <exception cref="ToolError">An image is not there, or no application, or a program is not installed.</exception>
    public static async Task<(byte[] Medium, IEnumerable<string> Files)> MakeAsync(
        IReadOnlyList<string> images, string architectures, byte[]? script, bool isIso)
    {
        Dictionary<string, byte[]> files = await FilesAsync(images, architectures, script);
        using TemporaryDirectory directory = new();
        string volume = directory.Combine("efi.img");
        await FatVolume.MakeAsync(volume, files);
        return (isIso ? await IsoImage.MakeAsync(volume) : GuidPartitionTable.Make(await File.ReadAllBytesAsync(volume), "NetBoot"), files.Keys);
    }

    private static Command Create(string name, string description, bool isIso)
    {
        Argument<string[]> images = new("images") { Description = "The application, one for each processor, e.g. signed ones; without: the built netboot.efi.", Arity = ArgumentArity.ZeroOrMore };
        Option<FileInfo?> script = ScriptOption.Create();
        Option<FileInfo> output = new("--out") { Description = "The image to write.", Required = true };
        Option<string> arch = new("--arch") { Description = "The processors, without images.", DefaultValueFactory = _ => "both" };
        arch.AcceptOnlyFromAmong("x64", "aa64", "both");
        Command command = new(name, description) { images, script, output, arch };
        command.SetAction(async (parsed, _) =>
        {
            string path = parsed.GetValue(output)!.FullName;
            byte[]? content = ScriptOption.Read(parsed.GetValue(script));
            (byte[] medium, IEnumerable<string> files) = await MakeAsync(parsed.GetValue(images)!, parsed.GetValue(arch)!, content, isIso);
            OutputFile.Write(path, medium);
            Console.WriteLine($"{path}: {medium.Length} bytes, with {string.Join(", ", files)}");
            return 0;
        });
        return command;
    }

    private static async Task<Dictionary<string, byte[]>> FilesAsync(IReadOnlyList<string> images, string arch, byte[]? script)
    {
        Dictionary<string, byte[]> files = [];
        List<string> paths = [.. images];
        foreach (Architecture each in Architecture.All.Where(each => images.Count == 0 && (arch == "both" || each.Name == arch)))
        {
            paths.Add(await ImageInput.BuiltAsync(each, "netboot"));
        }

        foreach (string path in paths)
        {
            PortableExecutable image = ImageInput.ReadImage(path);
            string name = "EFI/BOOT/" + Architecture.Named(image.MachineName).DefaultBootFile;
            if (!image.IsApplication || !files.TryAdd(name, image.Bytes.ToArray()))
            {
                throw new ToolError($"{path} is {(image.IsApplication ? $"the second application for {image.MachineName}" : "a driver, not an application")}.");
            }
        }

        if (script != null)
        {
            files["EFI/BOOT/autoexec.ipxe"] = script;
        }

        return files;
    }
}
