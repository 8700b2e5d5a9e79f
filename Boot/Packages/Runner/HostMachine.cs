using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace NetBoot.Boot.Packages.Runner;

/// <summary>QEMU and a firmware of UEFI, as this host has them.</summary>
/// <param name="Qemu">The program.</param>
/// <param name="Code">The firmware's code.</param>
/// <param name="Variables">What its variables begin with.</param>
/// <param name="BootFile">What firmware boots from a volume by itself.</param>
/// <param name="Kind">The machine, processor and screen, as QEMU's arguments.</param>
public sealed record HostMachine(string Qemu, string Code, string Variables, string BootFile, string[] Kind)
{
    /// <summary>Looks for both.</summary>
    /// <param name="architecture">x64 or aa64.</param>
    /// <param name="missing">What there is not, and how to come by it.</param>
    public static HostMachine? Find(string architecture, out string missing)
    {
        missing = "";
        bool isX64 = architecture == "x64";
        if (!isX64 && architecture != "aa64")
        {
            missing = $"There is no architecture {architecture}: UefiRunArchitecture is x64 or aa64.";
            return null;
        }

        string program = isX64 ? "qemu-system-x86_64" : "qemu-system-aarch64";
        string? qemu = FindProgram(program);
        if (qemu is null)
        {
            missing = $"{program} is not installed. {Install("qemu-system-x86", "qemu-system-arm")}";
            return null;
        }

        (string? code, string? variables) = Firmwares(qemu, isX64).FirstOrDefault(each => File.Exists(each.Code) && File.Exists(each.Variables));
        if (code is null || variables is null)
        {
            missing = $"QEMU has no UEFI firmware (OVMF, on AArch64 AAVMF) on this machine. {Install("ovmf", "qemu-efi-aarch64")}";
            return null;
        }

        string[] kind = isX64 ? ["-machine", "q35", "-cpu", "max", "-vga", "std"] : ["-machine", "virt", "-cpu", "cortex-a57", "-device", "virtio-gpu-pci"];
        return new(qemu, code, variables, isX64 ? "BOOTX64.EFI" : "BOOTAA64.EFI", kind);

        string Install(string x64, string aa64) =>
            OperatingSystem.IsMacOS() ? "Install QEMU, which brings it: brew install qemu"
            : OperatingSystem.IsWindows() ? "Install QEMU, which brings it: winget install SoftwareFreedomConservancy.QEMU"
            : $"Install it (Debian and Ubuntu: apt-get install {(isX64 ? x64 : aa64)}; Fedora: dnf install qemu-system-{(isX64 ? "x86 edk2-ovmf" : "aarch64 edk2-aarch64")}; " +
                $"Arch: pacman -S qemu-system-{(isX64 ? "x86 edk2-ovmf" : "aarch64 edk2-aarch64")}).";
    }

    /// <summary>QEMU's arguments: no network, no window, the serial line on the terminal, and an end where the machine is switched off or reset.</summary>
    /// <param name="volume">The folder that is the machine's disk.</param>
    /// <param name="variables">The machine's own variables.</param>
    public IEnumerable<string> Arguments(string volume, string variables) =>
    [
        .. Kind, "-m", "512", "-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot",
        "-drive", $"if=pflash,unit=0,format=raw,readonly=on,file={Escaped(Code)}",
        "-drive", $"if=pflash,unit=1,format=raw,file={Escaped(variables)}",
        "-drive", $"if=none,id=volume,format=raw,file=fat:rw:{Escaped(volume)}",
        "-device", "virtio-blk-pci,drive=volume,bootindex=0",
    ];

    private static string Escaped(string path) => path.Replace(",", ",,", StringComparison.Ordinal);

    private static string? FindProgram(string name)
    {
        string file = OperatingSystem.IsWindows() ? name + ".exe" : name;
        string[] usual = OperatingSystem.IsWindows()
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "qemu")]
            : OperatingSystem.IsMacOS() ? ["/opt/homebrew/bin", "/usr/local/bin"] : [];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(usual)
            .Where(folder => folder.Length != 0)
            .Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Debian's, Fedora's, Arch's, and what QEMU itself brings.</summary>
    private static IEnumerable<(string Code, string Variables)> Firmwares(string qemu, bool isX64)
    {
        (string Code, string Variables)[] usual = isX64
            ? [
                ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
                ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
                ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
                ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
            ]
            : [
                ("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
                ("/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw", "/usr/share/edk2/aarch64/vars-template-pflash.raw"),
            ];
        string program = File.ResolveLinkTarget(qemu, returnFinalTarget: true)?.FullName ?? qemu;
        string folder = Path.GetDirectoryName(program)!;
        string own = Path.Combine(folder, OperatingSystem.IsWindows() ? "share" : "../share/qemu");
        return usual.Append((
            Path.Combine(own, isX64 ? "edk2-x86_64-code.fd" : "edk2-aarch64-code.fd"), Path.Combine(own, isX64 ? "edk2-i386-vars.fd" : "edk2-arm-vars.fd")));
    }
}
