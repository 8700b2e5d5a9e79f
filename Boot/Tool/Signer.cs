using System;
using System.IO;
using System.Text;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Tool.Commands;

namespace NetBoot.Boot.Tool;

/// <summary>Signs EFI executables for Secure Boot with the user's key, by Debian's sbsigntool.</summary>
/// <param name="key">The private key: PEM.</param>
/// <param name="certificate">Its certificate, which the firmware has in db: PEM.</param>
public sealed class Signer(FileInfo key, FileInfo certificate)
{
    private const string Package = "sbsigntool";

    /// <summary>Writes the signed image to <paramref name="output"/>, which may be the image itself; on failure nothing is written.</summary>
    /// <exception cref="ToolError">The key or the certificate is none, they do not belong together, or the image is signed already.</exception>
    /// <exception cref="InputError">The image is no EFI executable.</exception>
    public async Task SignAsync(string image, string output)
    {
        CheckPem(key, "PRIVATE KEY", "private key");
        CheckPem(certificate, "CERTIFICATE", "certificate");
        if (new PortableExecutable(image, ImageInput.ReadFile(image)).IsSigned)
        {
            throw new ToolError($"{image} is signed already.", "Sign the image as it was built; a second signature is not added.");
        }

        using TemporaryDirectory directory = new();
        string signed = directory.Combine("signed.efi");
        try
        {
            await ChildProcess.RunAsync("sbsign", ["--key", key.FullName, "--cert", certificate.FullName, "--output", signed, image], Package);
        }
        catch (ToolError error) when (error.Message.Contains("key/certificate chain", StringComparison.Ordinal))
        {
            throw new ToolError(
                $"The key {key} and the certificate {certificate} do not belong together.",
                "Give --key and --cert of one pair.");
        }

        File.Copy(signed, output, overwrite: true);
    }

    private static void CheckPem(FileInfo file, string label, string kind)
    {
        if (!Encoding.Latin1.GetString(ImageInput.ReadFile(file.FullName)).Contains($"{label}-----", StringComparison.Ordinal))
        {
            throw new ToolError(
                $"{file} is no {kind} in PEM form.",
                "A pair is made by: openssl req -new -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=me/ -keyout my.key -out my.pem");
        }
    }
}
