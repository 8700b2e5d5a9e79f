using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Boot.Packaging;
using Boot.Packaging.Disks;
using Boot.Tool.Disks;
using Boot.Tool.Qemu;

namespace Boot.Tool.Commands;

/// <summary><c>./netboot image disk</c> and <c>iso</c>: media that boot the application.</summary>
public static class ImageDiskCommand
{
    public static Command CreateDisk() => Create("disk", "Make a disk image (GPT, EFI system partition) that boots the application.", async (volume, output) =>
        await File.WriteAllBytesAsync(output, GuidPartitionTable.Make(await File.ReadAllBytesAsync(volume), "NetBoot")));

    public static Command CreateIso() => Create("iso", "Make a CD image that boots the application, from a memory stick too.", (volume, output) => IsoImage.MakeAsync(output, volume));

    private static Command Create(string name, string description, Func<string, string, Task> wrap)
    {
        var images = new Argument<string[]>("images") { Description = "The application, one for each processor, e.g. signed ones; without: the built netboot.efi.", Arity = ArgumentArity.ZeroOrMore };
        Option<FileInfo?> script = ScriptOption.Create();
        var output = new Option<FileInfo>("--out") { Description = "The image to write.", Required = true };
        var arch = new Option<string>("--arch") { Description = "The processors, without images.", DefaultValueFactory = _ => "both" };
        arch.AcceptOnlyFromAmong("x64", "aa64", "both");
        var command = new Command(name, description) { images, script, output, arch };
        command.SetAction(async (parsed, _) =>
        {
            IReadOnlyDictionary<string, byte[]> files = Files(parsed.GetValue(images)!, parsed.GetValue(arch)!, ScriptOption.Read(parsed.GetValue(script)));
            using var directory = new TemporaryDirectory();
            string volume = directory.Combine("efi.img");
            await FatVolume.MakeAsync(volume, files);
            string path = parsed.GetValue(output)!.FullName;
            await wrap(volume, path);
            Console.WriteLine($"{path}: {new FileInfo(path).Length} bytes, with {string.Join(", ", files.Keys)}");
            return 0;
        });
        return command;
    }

    private static Dictionary<string, byte[]> Files(string[] images, string arch, byte[]? script)
    {
        var files = new Dictionary<string, byte[]>();
        IEnumerable<string> paths = images.Length != 0
            ? images
            : Architecture.All.Where(each => arch == "both" || each.Name == arch).Select(each => Repository.Image(each, "netboot.efi"));
        foreach (string path in paths)
        {
            var image = new PortableExecutable(path, ImageInput.ReadFile(path));
            string name = "EFI/BOOT/" + Architecture.All.Single(each => each.Name == image.MachineName).DefaultBootFile;
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
