using System;
using System.IO;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.OvmfTest;

/// <summary>Network boot programs that others wrote.</summary>
internal static class BootPrograms
{
    /// <summary>Debian's iPXE that runs on whatever SNP it was booted from.</summary>
    public const string IpxeSnpOnly = "/usr/lib/ipxe/snponly.efi";

    public const string SystemdBoot = "/usr/lib/systemd/boot/efi/systemd-bootx64.efi";

    public const string Memtest = "/boot/memtest86+x64.efi";

    /// <summary>The UEFI shell's file in the firmware's volumes.</summary>
    public static readonly Guid Shell = new("7C04A583-9E3E-4F1C-AD65-E05268D0B4D1");

    /// <summary>Takes the UEFI shell out of the firmware.</summary>
    public static async Task<string> ExtractShellAsync(TemporaryDirectory directory, Architecture architecture)
    {
        string code = directory.Combine("code.fd");
        File.Copy(architecture.Code, code);
        await ChildProcess.RunAsync("UEFIExtract", [code, Shell.ToString().ToUpperInvariant(), "-o", directory.Combine("shell"), "-m", "body", "-t", "10"], "uefitool-cli");
        return directory.Combine("shell/body.bin");
    }

    /// <summary>Makes GRUB's network boot image with its configuration inside, and more modules than it takes for that.</summary>
    public static async Task<string> MakeGrubAsync(TemporaryDirectory directory, string configuration, params string[] modules)
    {
        string early = directory.Combine("early.cfg");
        string image = directory.Combine("grubnetx64.efi");
        await File.WriteAllTextAsync(early, configuration);
        await ChildProcess.RunAsync(
            "grub-mkimage",
            ["-O", "x86_64-efi", "-o", image, "-p", "/grub", "-c", early, "efinet", "net", "tftp", "http", "normal", "configfile", "echo", "halt", "cat", "minicmd", "sleep", .. modules],
            "grub-common grub-efi-amd64-bin");
        return image;
    }
}
