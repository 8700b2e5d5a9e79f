using System.IO;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;

namespace NetBoot.OvmfTest;

/// <summary>Network boot programs that others wrote.</summary>
internal static class BootPrograms
{
    /// <summary>Debian's iPXE that runs on whatever SNP it was booted from.</summary>
    public const string IpxeSnpOnly = "/usr/lib/ipxe/snponly.efi";

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
