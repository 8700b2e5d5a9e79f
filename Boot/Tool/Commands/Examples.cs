using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.IO;
using System.Linq;
using NetBoot.Boot.Tool.Cards;

namespace NetBoot.Boot.Tool.Commands;

/// <summary>What help and the man page begin with: how each verb is used.</summary>
public static class Examples
{
    private static readonly Card s_card = CardCatalogue.Get(CardRole.Undriven);
    private static readonly Card s_other = CardCatalogue.Get(CardRole.Driven);

    // Each verb as it is typed, arguments that do something, and what.
    private static readonly (string Verb, string Arguments, string Meaning)[] s_all =
    [
        ("", "demo", "boot Debian's installer from the network, in QEMU"),
        ("", "image app --script boot.ipxe --out netboot.efi", "the application with a script inside, for a TFTP server"),
        ("", $"run --nic {s_card} boot.ipxe", "try a script in QEMU"),
        ("build", "", "build all images"),
        ("demo", $"--nic {s_other.Family}", "on a card that the firmware drives too"),
        ("demo", "--mode snponly --gui", "on the firmware's network, with the machine's screen"),
        ("test", "", "build, then run all tests"),
        ("test", "--unit --filter Tcp", "the tests on this machine that have Tcp in their name"),
        ("fuzz", "", "list what can be fuzzed"),
        ("fuzz", "dhcp --time 10m --engine loop", "one target, for ten minutes"),
        ("run", "boot.ipxe", "a script, on netboot.efi"),
        ("run", $"--nic {s_card} --driver {s_card.DriverFile} --mode snponly boot.ipxe", "on a driver that the firmware loads"),
        ("run", "--arch aa64 netboot.efi", "an image of one's own folder, on AArch64"),
        ("bench", $"--rounds 1 --only \"HTTP {s_other.Family}\"", "one row, once"),
        ("pack", "", "the packages for C# developers, into artifacts/packages"),
        ("dist", "", "everything, into artifacts/dist"),
        ("dist", "--out /srv/release", "elsewhere"),
        ("image", $"rom --nic {s_card} --out {s_card}.rom", "an option ROM, for QEMU's romfile="),
        ("image", "iso --script boot.ipxe --out netboot.iso", "a CD with a script"),
        ("image rom", $"--nic {s_card} --out {s_card}.rom", "the driver, for both processors"),
        ("image rom", $"--nic {s_other.Family} --arch x64 --app --script boot.ipxe --out driver.rom", "with the application and a script"),
        ("image rom", $"--nic {s_card} --bios /usr/lib/ipxe/qemu/pxe-{s_card}.rom --out combined.rom", "beside iPXE for a BIOS"),
        ("image fv", "--into /usr/share/OVMF/OVMF_CODE_4M.fd --out OVMF.fd netboot-drivers.efi netboot-snponly.efi", "drivers and application into OVMF"),
        ("image fv", $"--out netboot.fv {s_card.DriverFile} {s_other.Family}.efi", "a volume, and .ffs files, for platform builders"),
        ("image app", "--script boot.ipxe --out netboot.efi", "the application with a script inside"),
        ("image app", "netboot-snponly.efi --arch aa64 --script boot.ipxe --out netboot-aa64.efi", "without drivers, for AArch64"),
        ("image app", "--trust my-ca.pem --script boot.ipxe --out netboot.efi", "believes your own authority too"),
        ("image app", "netboot-snponly.efi --trust-only my-ca.pem --https-only --out boot.efi", "believes no other, and fetches by https alone"),
        ("image app", "netboot-snponly.efi --roots /etc/ssl/certs/ca-certificates.crt --out boot.efi", "for servers on the internet"),
        ("image app", "--cert client.pem --key client.key --out netboot.efi", "for servers that ask who boots"),
        ("image disk", "--script boot.ipxe --out netboot.img", "for both processors; the script can be edited on the disk"),
        ("image disk", "--out netboot.img signed-x64.efi", "with a signed application"),
        ("image iso", "--script boot.ipxe --out netboot.iso", "for both processors, and for memory sticks"),
        ("sign", "netboot.efi --key my.key --cert my.pem --out signed.efi", "a signed copy"),
    ];

    /// <summary>The examples of a verb: arguments behind the command's name, and what they do.</summary>
    /// <param name="verb">As it is typed: <c>image rom</c>; empty for the command itself.</param>
    public static IEnumerable<(string Line, string Meaning)> Of(string verb) =>
        s_all.Where(each => each.Verb == verb).Select(each => ($"{each.Verb} {each.Arguments}".Trim(), each.Meaning));

    /// <summary>The verb that a command is.</summary>
    public static string VerbOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{VerbOf(parent)} {command.Name}".Trim() : "";

    /// <summary>Has the help of a command and all below it begin with the examples.</summary>
    public static void AddTo(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExamplesFirst((SynchronousCommandLineAction)help.Action!);
    }

    private sealed class ExamplesFirst(SynchronousCommandLineAction help) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parsed)
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            (string Line, string Meaning)[] examples = [.. Of(VerbOf(parsed.CommandResult.Command))];
            if (examples.Length != 0)
            {
                output.WriteLine(examples.Length == 1 ? "Example:" : "Examples:");
            }

            foreach ((string line, string meaning) in examples)
            {
                output.WriteLine($"  {Repository.Command} {line}");
                output.WriteLine($"      {meaning}");
            }

            if (examples.Length != 0)
            {
                output.WriteLine();
            }

            return help.Invoke(parsed);
        }
    }
}
