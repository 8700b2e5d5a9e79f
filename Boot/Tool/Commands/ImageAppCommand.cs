using System;
using System.CommandLine;
using System.IO;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Tool.Qemu;
using Command = System.CommandLine.Command;

namespace NetBoot.Boot.Tool.Commands;

/// <summary><c>./netboot image app</c>: the application with a script inside, for TFTP and HTTP servers, ROMs and firmware volumes.</summary>
public static class ImageAppCommand
{
    public static Command Create()
    {
        Argument<string> image = new("image") { Description = "The application: a file, or a name as in artifacts.", DefaultValueFactory = _ => "netboot.efi" };
        Option<FileInfo?> script = ScriptOption.Create(isRequired: true);
        Option<FileInfo> output = new("--out") { Description = "The new image.", Required = true };
        Option<string> arch = new("--arch") { Description = "Its processor.", DefaultValueFactory = _ => "x64" };
        arch.AcceptOnlyFromAmong("x64", "aa64");
        Command command = new("app", "Put a script into the application; sign it afterwards.") { image, script, output, arch };
        command.SetAction(async (parsed, _) =>
        {
            Architecture architecture = Architecture.Named(parsed.GetValue(arch)!);
            PortableExecutable application = await ImageInput.ReadAsync(architecture, parsed.GetValue(image)!);
            byte[] content = ScriptOption.Read(parsed.GetValue(script))!;
            OutputFile.Write(parsed.GetValue(output)!.FullName, application.WithSection(EmbeddedSection.Script, content));
            Console.WriteLine($"{parsed.GetValue(output)}: {application.Name} with a script of {content.Length} bytes");
            return 0;
        });
        return command;
    }
}
