using System.CommandLine;
using System.IO;

namespace Boot.Tool.Commands;

/// <summary><c>./netboot image rom</c>: a PCI expansion ROM with a driver, for QEMU's <c>romfile=</c> or a card's flash.</summary>
public static class ImageRomCommand
{
    public static Command Create()
    {
        var nic = new Option<string>("--nic") { Description = "The driver, which says the PCI identifiers too.", Required = true };
        var output = new Option<FileInfo>("--out") { Description = "The ROM image to write.", Required = true };
        var command = new Command("rom", "Make a PCI option ROM of a NIC's driver.") { nic, output };
        command.SetAction((_, _) => throw new ToolError("Option ROMs are not there yet."));
        return command;
    }
}
