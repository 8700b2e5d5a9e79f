using System.CommandLine;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Commands;

/// <summary><c>./netboot demo</c>: a machine boots Debian's installer from the network through our images.</summary>
public static class DemoCommand
{
    public static Command Create()
    {
        Option<string> nic = new("--nic") { Description = "The network card.", DefaultValueFactory = _ => CardCatalogue.Get(CardRole.Undriven).Device };
        nic.AcceptOnlyFromAmong([.. CardCatalogue.Names]);
        Option<string> mode = new("--mode") { Description = "full: netboot.efi with its own drivers; snponly: on the driver that is there.", DefaultValueFactory = _ => "full" };
        mode.AcceptOnlyFromAmong("full", "snponly");
        Option<bool> gui = new("--gui") { Description = "Show the machine's screen." };
        Option<bool> verbose = new("--verbose") { Description = "Show all that the machine prints." };
        Command command = new("demo", "Boot Linux from the network in a virtual machine whose NIC only we can drive.") { nic, mode, gui, verbose };
        command.SetAction(async (parsed, _) =>
        {
            if (Repository.IsCheckout)
            {
                await BuildCommand.BuildAsync();
            }

            await new Demonstration
            {
                Card = CardCatalogue.Find(parsed.GetValue(nic)!)!,
                IsOnOwnDriver = parsed.GetValue(mode) == "full",
                HasScreen = parsed.GetValue(gui),
                IsVerbose = parsed.GetValue(verbose),
            }.RunAsync();
            return 0;
        });
        return command;
    }

    /// <summary>The script that the demo's machine runs.</summary>
    public static string Script(int port) => $"""
        #!ipxe
        echo demo: script runs
        dhcp || goto failed
        echo demo: network is up, address {"${net0/ip}"}
        kernel http://{UserNetwork.Host}:{port}/linux console=tty0 console=ttyS0,115200 {EmulatedLinux.NoTimerCheck} DEBIAN_FRONTEND=text || goto failed
        initrd http://{UserNetwork.Host}:{port}/initrd.gz || goto failed
        imgstat
        boot || goto failed
        :failed
        echo demo: failed
        """ + "\n";
}
