using System;
using System.CommandLine;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using Spectre.Console;

namespace NetBoot.Boot.Tool.Commands;

/// <summary><c>./netboot run</c>: an image or a script in a machine, its serial line on the terminal.</summary>
public static class RunCommand
{
    public static Command Create()
    {
        Argument<FileInfo?> file = new("file") { Description = "An .efi image or an iPXE script for netboot.efi; without one: netboot.efi.", Arity = ArgumentArity.ZeroOrOne };
        Option<string> nic = new("--nic") { Description = $"The network card: {string.Join(", ", CardCatalogue.Names)}, or another of QEMU's.", DefaultValueFactory = _ => CardCatalogue.Get(CardRole.Driven).Device };
        Option<string> arch = new("--arch") { Description = "The machine's processor.", DefaultValueFactory = _ => "x64" };
        arch.AcceptOnlyFromAmong("x64", "aa64");
        Option<string> mode = new("--mode") { Description = "Our own driver (full) or the firmware's (snponly), for a script.", DefaultValueFactory = _ => "full" };
        mode.AcceptOnlyFromAmong("full", "snponly");
        Option<string[]> driver = new("--driver") { Description = "A driver image that the firmware loads first, e.g. netboot-drivers.efi; may be repeated." };
        Option<DirectoryInfo?> tftp = new("--tftp") { Description = "The folder that the network's TFTP server serves." };
        Option<int> memory = new("--memory") { Description = "Memory in MiB.", DefaultValueFactory = _ => 768 };
        Option<bool> gui = new("--gui") { Description = "Show the screen in a window." };
        Command command = new("run", "Run an image or a script in QEMU; Ctrl-C ends it.") { file, nic, arch, mode, driver, tftp, memory, gui };
        command.SetAction(async (parsed, cancellation) =>
        {
            Architecture architecture = Architecture.Named(parsed.GetValue(arch)!);
            using TemporaryDirectory directory = new();
            SystemPartition partition = new(architecture, directory.CreateDirectory("esp"));
            AddApplication(partition, architecture, parsed.GetValue(mode) == "full" ? "netboot.efi" : "netboot-snponly.efi", parsed.GetValue(file));
            foreach (string image in parsed.GetValue(driver) ?? [])
            {
                partition.AddDriver(File.Exists(image) ? image : Repository.Image(architecture, image));
            }

            string card = parsed.GetValue(nic)!;
            await using VirtualMachine machine = await VirtualMachine.StartAsync(new VirtualMachineOptions
            {
                Architecture = architecture,
                MemoryMiB = parsed.GetValue(memory),
                Gui = parsed.GetValue(gui),
                SystemPartition = partition.Root,
                Variables = partition.WriteVariables,
                Nics = [new GuestNic { Model = CardCatalogue.Find(card)?.Device ?? card, Network = new UserNetwork { TftpRoot = parsed.GetValue(tftp)?.FullName } }],
                More = ["-uuid", "6e657462-6f6f-4000-8000-000000000001"], // The same machine each time, to servers that know machines by it.
                Limit = Timeout.InfiniteTimeSpan,
                OnSerial = text =>
                {
                    Console.Write(text);
                    Console.Out.Flush();
                },
            });
            await WaitAsync(machine, cancellation);
            return 0;
        });
        return command;
    }

    /// <summary>Puts what is to run where the firmware finds it: the chosen image, or an application of ours, with the chosen script beside it.</summary>
    private static void AddApplication(SystemPartition partition, Architecture architecture, string application, FileInfo? chosen)
    {
        if (chosen is { Exists: false })
        {
            throw new ToolError($"{chosen.FullName} does not exist.", "Name an .efi image or a script that starts with #!ipxe.");
        }

        bool isImage = chosen != null && chosen.Extension.Equals(".efi", StringComparison.OrdinalIgnoreCase);
        partition.SetApplication(isImage ? chosen!.FullName : Repository.Image(architecture, application));
        if (chosen != null && !isImage)
        {
            partition.Add(chosen.FullName, "EFI/BOOT/autoexec.ipxe");
        }
    }

    /// <summary>Until the machine ends, or Ctrl-C.</summary>
    private static async Task WaitAsync(VirtualMachine machine, CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _ = TypeAsync(machine, stop.Token);
        try
        {
            await machine.WaitForExitAsync(Timeout.InfiniteTimeSpan).WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            AnsiConsole.MarkupLine("\n[grey]ended[/]");
        }

        stop.Cancel();
    }

    /// <summary>Passes what is typed here to the guest.</summary>
    private static async Task TypeAsync(VirtualMachine machine, CancellationToken stop)
    {
        await using Stream keyboard = Console.OpenStandardInput();
        byte[] buffer = new byte[256];
        for (int count; !stop.IsCancellationRequested && (count = await keyboard.ReadAsync(buffer, stop)) > 0;)
        {
            await machine.Serial.SendAsync(System.Text.Encoding.UTF8.GetString(buffer, 0, count).Replace('\n', '\r'));
        }
    }
}
