using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using Command = System.CommandLine.Command;

namespace NetBoot.Boot.Tool.Commands;

/// <summary><c>./netboot image app</c>: the application with a script inside and whom it trusts, for servers, ROMs and firmware volumes.</summary>
public static class ImageAppCommand
{
    private const int MostDescribed = 8;

    public static Command Create()
    {
        Argument<string> image = new("image") { Description = "The application: a file, or a name as in artifacts.", DefaultValueFactory = _ => "netboot.efi" };
        Option<FileInfo?> script = ScriptOption.Create();
        Option<FileInfo[]> trust = new("--trust") { Description = "Roots that are trusted too, for servers and for signatures (imgverify), PEM or DER. Several times for several files.", HelpName = "file" };
        Option<FileInfo[]> trustOnly = new("--trust-only")
        {
            Description = "The only roots that are trusted: neither those in the image nor the firmware's are.",
            HelpName = "file",
        };
        Option<FileInfo[]> roots = new("--roots")
        {
            Description = "Public authorities, which say who servers are and count for no signature, PEM or DER; netboot.efi has Debian's.",
            HelpName = "file",
        };
        Option<FileInfo?> certificate = new("--cert") { Description = "The certificate that servers get who ask for one, PEM or DER.", HelpName = "file" };
        Option<FileInfo?> key = new("--key") { Description = "Its key, PEM or DER, without a passphrase. Who has the image has the key.", HelpName = "file" };
        Option<bool> httpsOnly = new("--https-only") { Description = "Nothing is fetched by any other scheme, whatever scripts, servers and DHCP say." };
        Option<FileInfo> output = new("--out") { Description = "The new image.", Required = true };
        Option<string> arch = new("--arch") { Description = "Its processor.", DefaultValueFactory = _ => "x64" };
        arch.AcceptOnlyFromAmong("x64", "aa64");
        Command command = new("app", "Put a script into the application, and whom it trusts; sign it afterwards.")
        {
            image, script, trust, trustOnly, roots, certificate, key, httpsOnly, output, arch,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(trustOnly) is { Length: > 0 } && (result.GetValue(trust) ?? []).Concat(result.GetValue(roots) ?? []).Any())
            {
                result.AddError("--trust and --roots add, and --trust-only replaces: it may be there several times, but alone.");
            }

            if (result.GetValue(certificate) is null != result.GetValue(key) is null)
            {
                result.AddError("--cert and --key belong together.");
            }
        });
        command.SetAction(async (parsed, _) =>
        {
            Architecture architecture = Architecture.Named(parsed.GetValue(arch)!);
            PortableExecutable application = await ImageInput.ReadAsync(architecture, parsed.GetValue(image)!);
            string name = application.Name;
            List<string> done = [];
            FileInfo[] only = parsed.GetValue(trustOnly) ?? [];
            FileInfo[] more = parsed.GetValue(trust) ?? [];
            FileInfo[] publicOnes = parsed.GetValue(roots) ?? [];
            if (publicOnes.Length > 0)
            {
                Join(ref application, EmbeddedSection.Roots, keepsOld: true, publicOnes, done);
            }

            if (only.Length + more.Length > 0)
            {
                bool hasRoots = only.Length > 0 && application.Content(EmbeddedSection.Roots) is not null;
                application = hasRoots ? application.WithoutLastSection(EmbeddedSection.Roots) : application;
                Join(ref application, EmbeddedSection.Trust, keepsOld: only.Length == 0, [.. only, .. more], done);
            }

            if (ScriptOption.Read(parsed.GetValue(script)) is byte[] content)
            {
                Add(ref application, EmbeddedSection.Script, content);
                done.Add($"a script of {content.Length} bytes");
            }

            if (parsed.GetValue(certificate) is FileInfo certificateFile)
            {
                (byte[] der, byte[] pem, int others) = TrustSections.ReadClient(certificateFile, parsed.GetValue(key)!);
                Add(ref application, EmbeddedSection.Certificate, der);
                Add(ref application, EmbeddedSection.Key, pem);
                done.Add($"a client's certificate and its key{(others > 0 ? $" (the first of {others + 1} in the file: the firmware's TLS sends no others)" : "")}");
            }

            List<string> policy = parsed.GetValue(httpsOnly) ? [EmbeddedSection.HttpsOnly] : [];
            policy.AddRange(only.Length > 0 ? [EmbeddedSection.OwnRootsOnly] : []);
            if (policy.Count > 0)
            {
                Add(ref application, EmbeddedSection.Policy, Encoding.ASCII.GetBytes(string.Join(' ', policy)));
                done.Add(string.Join(", ", policy));
            }

            if (done.Count == 0)
            {
                throw new ToolError("There is nothing to put into the image.", "Give --script, --trust, --trust-only, --roots, --cert with --key, or --https-only.");
            }

            OutputFile.Write(parsed.GetValue(output)!.FullName, application.Bytes.ToArray());
            Console.WriteLine($"{parsed.GetValue(output)}: {name} with {string.Join("; ", done)}");
            return 0;
        });
        return command;
    }

    /// <summary>Puts the certificates of files into a section, behind those that are in it or in their place.</summary>
    private static void Join(ref PortableExecutable application, string section, bool keepsOld, FileInfo[] files, List<string> done)
    {
        byte[]? old = application.Content(section);
        byte[] all = TrustSections.Join(keepsOld ? old ?? [] : [], files);
        application = old is null ? application : application.WithoutLastSection(section);
        Add(ref application, section, all);
        byte[][] added = [.. files.SelectMany(file => TrustSections.ReadCertificates(file.FullName))];
        done.AddRange(added.Length > MostDescribed ? [$"{added.Length} certificates"] : added.Select(Describe));
    }

    private static void Add(ref PortableExecutable application, string section, byte[] content) =>
        application = new PortableExecutable(application.Name, application.WithSection(section, content));

    private static string Describe(byte[] der)
    {
        X509Certificate.TryParse(der, out X509Certificate certificate);
        TextBuilder name = new(64, 0);
        X509Name.AppendTo(ref name, certificate.Subject);
        string kind = certificate.IsRoot ? "root" : "intermediate (it completes chains, and is not trusted without its root)";
        string subject = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(name.ToString()));
        return $"the {kind} {subject}, valid to {DateTimeOffset.FromUnixTimeSeconds(certificate.NotAfter):yyyy-MM-dd}";
    }
}
