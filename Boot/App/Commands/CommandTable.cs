using System;

namespace NetBoot.Boot.App.Commands;

/// <summary>All commands, in the order that help lists them.</summary>
public static class CommandTable
{
    /// <summary>Makes the commands; they live in the current arena.</summary>
    public static Command[] Create() =>
    [
        new EchoCommand(),
        new PromptCommand(),
        new MenuCommand("menu", "make a menu"),
        new MenuCommand("form", "make a form"),
        new ItemCommand(),
        new ChooseCommand(),
        new PresentCommand(),
        new LoginCommand(),
        new ConsoleCommand(),
        new ColourCommand(isPair: false),
        new ColourCommand(isPair: true),
        new ReadCommand(),
        new SetCommand(),
        new ClearCommand(),
        new ShowCommand(),
        new IncrementCommand(),
        new ConfigCommand(),
        new KeymapCommand(),
        new IsSetCommand(),
        new IsEqualCommand(),
        new DhcpCommand("dhcp", "open an interface and get its address by DHCP, or else by IPv6", insistsOnDhcp: true),
        new DhcpCommand("ifconf", "open an interface and get its address by DHCP or IPv6", insistsOnDhcp: false),
        new InterfaceStatusCommand(),
        new NeighbourStatusCommand(),
        new InterfaceOpenCommand(),
        new InterfaceCloseCommand(),
        new InterfaceTakeCommand(),
        new InterfaceLinkWaitCommand(),
        new VlanCreateCommand(),
        new VlanDestroyCommand(),
        new RouteCommand(),
        new IPStatisticsCommand(),
        new PingCommand(),
        new NameLookupCommand(),
        new NtpCommand(),
        new CertificateCommand("certstat", "list the certificates that are trusted", CertificateAction.Show),
        new CertificateCommand("certstore", "trust a file's certificates", CertificateAction.Add),
        new CertificateCommand("certfree", "forget certificates that were added", CertificateAction.Remove),
        new FetchCommand("imgfetch", "fetch an image"),
        new FetchCommand("module", "fetch an image for the initrd"),
        new FetchCommand("initrd", "fetch an image for the initrd"),
        new KernelCommand("kernel", "fetch an image and select it for boot"),
        new KernelCommand("imgselect", "select an image for boot"),
        new KernelCommand("imgload", "the same as imgselect"),
        new ImageArgumentsCommand(),
        new ImageStatusCommand(),
        new ImageSetCommand(),
        new ImageExtractCommand(),
        new ImageMemoryCommand(),
        new DigestCommand("md5sum", "print an image's MD5 digest"),
        new DigestCommand("sha1sum", "print an image's SHA-1 digest"),
        new DigestCommand("sha256sum", "print an image's SHA-256 digest"),
        new DigestCommand("sha512sum", "print an image's SHA-512 digest"),
        new ImageTrustCommand(),
        new ImageVerifyCommand(),
        new ImageDecryptCommand(),
        new ImageFreeCommand(),
        new ExecuteCommand("boot", "execute the selected image"),
        new ExecuteCommand("imgexec", "execute an image"),
        new ExecuteCommand("chain", "fetch an image and execute it"),
        new ShimCommand(),
        new DeviceTreeCommand(),
        new AutobootCommand(),
        new PxeBootServerCommand(),
        new LocalBootCommand(),
        new SanBootCommand(),
        new RamDiskCommand(),
        new SanHookCommand(),
        new SanUnhookCommand(),
        new ParameterListCommand(),
        new ParameterCommand(),
        new GotoCommand(),
        new ExitCommand(),
        new ShellCommand(),
        new SleepCommand(),
        new SyncCommand(),
        new TimeCommand(),
        new CpuidCommand(),
        new PciScanCommand(),
        new UsbScanCommand(),
        new RebootCommand(),
        new PowerOffCommand(),
        new HelpCommand(),
    ];

    /// <summary>The command of exactly that name, or null.</summary>
    public static Command? Find(ReadOnlySpan<Command> commands, string name)
    {
        foreach (Command command in commands)
        {
            if (command.Name == name)
            {
                return command;
            }
        }

        return null;
    }
}
