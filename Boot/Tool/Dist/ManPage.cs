using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using System.Globalization;
using System.Linq;
using System.Text;
using NetBoot.Boot.Tool.Commands;

namespace NetBoot.Boot.Tool.Dist;

/// <summary>The tool's page for man(1), made of what its own help says.</summary>
internal static class ManPage
{
    public static string Make(RootCommand root, string version, DateTimeOffset time)
    {
        StringBuilder page = new();
        string day = time.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        page.Append($".TH NETBOOT 1 \"{day}\" \"NetBoot {version}\" \"User Commands\"\n");
        page.Append(".SH NAME\nnetboot \\- prepare and try what boots UEFI machines from the network\n");
        page.Append(".SH SYNOPSIS\n");
        foreach (Command verb in Verbs(root))
        {
            page.Append($".B netboot {Escape(Examples.VerbOf(verb))}\n.RI [ options ]\n");
            page.Append(string.Concat(verb.Arguments.Select(each => $".RI [ {Escape(each.Name)} ]\n"))).Append(".br\n");
        }

        page.Append($".SH DESCRIPTION\n{Escape(root.Description!)}\n");
        page.Append(".SH EXAMPLES\n");
        AppendExamples(page, "");
        page.Append(".SH COMMANDS\n");
        string others = string.Join(", ", root.Subcommands.Select(each => each.Name).Where(Program.NeedsSources));
        page.Append($"The commands {Escape(others)} are for a checkout of NetBoot's sources: ./netboot there.\n");
        foreach (Command verb in Verbs(root))
        {
            string name = Examples.VerbOf(verb);
            page.Append($".SS {Escape(name)}\n{Escape(verb.Description!)}\n");
            AppendExamples(page, name);
            foreach (Argument argument in verb.Arguments)
            {
                page.Append($".TP\n.I {Escape(argument.Name)}\n{Escape(argument.Description ?? "")}\n");
            }

            foreach (Option option in verb.Options.Where(each => each is not (HelpOption or VersionOption)))
            {
                page.Append($".TP\n.B {Escape(option.Name)}\n{Escape(option.Description ?? "")}{Escape(Values(option))}\n");
            }
        }

        page.Append(
            """
            .SH ENVIRONMENT
            .TP
            .B NETBOOT_KEEP
            If set, the folders of a run stay in /tmp: logs, captures, and the machine's disk.
            .TP
            .B NETBOOT_ACCEL
            What QEMU runs machines by: kvm, or tcg, which is the default.
            .TP
            .B SOURCE_DATE_EPOCH
            The time of the files on disks and CDs, in seconds since 1970.
            .SH FILES
            .TP
            .I /usr/lib/netboot/x64, /usr/lib/netboot/aa64
            The images that names without a folder stand for.
            .TP
            .I /usr/share/doc/netboot\-efi/docs
            A page on each way to bring an image to a machine.
            .SH SEE ALSO
            .BR qemu\-system\-x86_64 (1),
            .BR dnsmasq (8),
            .BR sbsign (1)

            """);
        return page.ToString();
    }

    private static IEnumerable<Command> Verbs(Command command) =>
        command.Subcommands.Where(each => !Program.NeedsSources(each.Name)).SelectMany(each => each.Subcommands.Count == 0 ? [each] : Verbs(each));

    private static void AppendExamples(StringBuilder page, string verb)
    {
        foreach ((string line, string meaning) in Examples.Of(verb))
        {
            page.Append($".PP\n{Escape(char.ToUpperInvariant(meaning[0]) + meaning[1..])}:\n.PP\n.nf\n.RS\nnetboot {Escape(line)}\n.RE\n.fi\n");
        }
    }

    /// <summary>What an option takes, where that is a list.</summary>
    private static string Values(Option option)
    {
        string[] values = [.. option.GetCompletions(CompletionContext.Empty).Select(each => each.Label).Where(each => !bool.TryParse(each, out bool _))];
        return values.Length == 0 ? "" : $" One of {string.Join(", ", values)}.";
    }

    /// <summary>Text that roff takes for nothing else.</summary>
    private static string Escape(string text)
    {
        string escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? "\\&" + escaped : escaped;
    }
}
