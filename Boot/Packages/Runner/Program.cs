using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace NetBoot.Boot.Packages.Runner;

/// <summary>
/// Runs an image in QEMU with the firmware that the host has, its console being this terminal, until the image ends:
/// <c>uefi-run IMAGE LAUNCHER ARCHITECTURE [QEMU's arguments...] -- [the image's arguments...]</c>. NetBoot.Uefi.Sdk starts it.
/// </summary>
public static class Program
{
    /// <summary>What Main answered, so 0 when the image ended well; 1 for a status that is an error, and where nothing was run.</summary>
    public static int Main(string[] arguments)
    {
        int end = Array.IndexOf(arguments, "--");
        if (end < 3)
        {
            Console.Error.WriteLine("uefi-run IMAGE LAUNCHER ARCHITECTURE [QEMU's arguments...] -- [the image's arguments...]");
            return 1;
        }

        HostMachine? machine = HostMachine.Find(arguments[2], out string missing);
        if (machine is null)
        {
            Console.Error.WriteLine(missing);
            return 1;
        }

        string folder = Directory.CreateTempSubdirectory("uefi-run-").FullName;
        try
        {
            string volume = MakeVolume(folder, arguments[0], arguments[1], machine.BootFile, arguments[(end + 1)..]);
            string variables = Path.Combine(folder, "variables.fd");
            File.Copy(machine.Variables, variables);
            File.SetAttributes(variables, FileAttributes.Normal); // A package's file may not be written to.
            return Run(machine, volume, variables, arguments[3..end]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string MakeVolume(string folder, string image, string launcher, string bootFile, string[] options)
    {
        string volume = Path.Combine(folder, "volume");
        string name = Path.GetFileName(image).Replace(' ', '_');
        Directory.CreateDirectory(Path.Combine(volume, "EFI", "BOOT"));
        File.Copy(launcher, Path.Combine(volume, "EFI", "BOOT", bootFile));
        File.Copy(image, Path.Combine(volume, name));
        File.WriteAllText(Path.Combine(volume, "launch.txt"), string.Join(' ', [name, .. options.Select(Quoted)]), new UnicodeEncoding(bigEndian: false, byteOrderMark: false));
        return volume;
    }

    private static string Quoted(string option) => option.Contains(' ', StringComparison.Ordinal) || option.Length == 0 ? $"\"{option}\"" : option;

    private static int Run(HostMachine machine, string volume, string variables, IEnumerable<string> more)
    {
        ProcessStartInfo start = new(machine.Qemu, machine.Arguments(volume, variables).Concat(more)) { RedirectStandardOutput = true };
        using Process qemu = new() { StartInfo = start };
        try
        {
            qemu.Start();
        }
        catch (Win32Exception error)
        {
            Console.Error.WriteLine($"{machine.Qemu} does not start: {error.Message}");
            return 1;
        }

        // Ctrl-C ends QEMU, and then this; what ends this ends QEMU.
        Console.CancelKeyPress += (_, pressed) => pressed.Cancel = true;
        using PosixSignalRegistration ending = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => qemu.Kill());
        using Stream terminal = Console.OpenStandardOutput();
        GuestConsole console = new(terminal);
        byte[] buffer = new byte[4096];
        for (int read = -1; read != 0;)
        {
            read = qemu.StandardOutput.BaseStream.Read(buffer);
            console.Write(buffer.AsSpan(0, read));
        }

        qemu.WaitForExit();
        if (!Console.IsOutputRedirected)
        {
            terminal.Write("\e[0m"u8); // What colours the image left.
        }

        if (console.Status is null)
        {
            Console.Error.WriteLine(
                console.HasBegun
                    ? "The machine stopped before the image ended."
                    : $"The firmware did not start the image. It said:\n{console.FirmwareText}");
            return 1;
        }

        if (console.Status <= byte.MaxValue)
        {
            return (int)console.Status;
        }

        Console.Error.WriteLine($"The image ended with EFI_STATUS 0x{console.Status:X}.");
        return 1;
    }
}
