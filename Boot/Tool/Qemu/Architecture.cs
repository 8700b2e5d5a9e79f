using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>What differs between the machines that we run: QEMU's program and board, and Debian's firmware for it.</summary>
public sealed class Architecture
{
    /// <summary>OVMF on q35, with the oldest x86-64 processor that QEMU models.</summary>
    public static Architecture X64 { get; } = new()
    {
        Name = "x64",
        Program = "qemu-system-x86_64",
        Machine = "q35",
        Cpu = "qemu64",
        MemoryBase = 0,
        DefaultBootFile = "BOOTX64.EFI",
        CodeFiles = ["/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_CODE.fd"],
        VariableFiles = ["/usr/share/OVMF/OVMF_VARS_4M.fd", "/usr/share/OVMF/OVMF_VARS.fd"],
        Packages = "qemu-system-x86 ovmf",
        ShellVolume = "7CB8BDC9-F8EB-4F34-AAEA-3EE4AF6516A1",
    };

    /// <summary>
    /// OVMF that enforces Secure Boot, on a board whose variables only System Management Mode can write. Debian's snakeoil key is in db.
    /// </summary>
    public static Architecture X64SecureBoot { get; } = X64.With(
        "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", "/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd", hasManagementMode: true);

    /// <summary>AAVMF on virt, with an ARMv8.0 processor.</summary>
    public static Architecture Aa64 { get; } = new()
    {
        Name = "aa64",
        Program = "qemu-system-aarch64",
        Machine = "virt",
        Cpu = "cortex-a57",
        MemoryBase = 0x4000_0000,
        DefaultBootFile = "BOOTAA64.EFI",
        CodeFiles = ["/usr/share/AAVMF/AAVMF_CODE.no-secboot.fd", "/usr/share/AAVMF/AAVMF_CODE.fd"],
        VariableFiles = ["/usr/share/AAVMF/AAVMF_VARS.fd"],
        Packages = "qemu-system-arm qemu-efi-aarch64",
        ShellVolume = "64074AFE-340A-4BE6-94BA-91B5B4D0F71E",
    };

    /// <summary>AAVMF that enforces Secure Boot, with the same key in db.</summary>
    public static Architecture Aa64SecureBoot { get; } = Aa64.With(
        "/usr/share/AAVMF/AAVMF_CODE.snakeoil.fd", "/usr/share/AAVMF/AAVMF_VARS.snakeoil.fd", hasManagementMode: false);

    public static IReadOnlyList<Architecture> All { get; } = [X64, Aa64];

    /// <summary>As in <c>artifacts/NAME</c>.</summary>
    public required string Name { get; init; }

    public required string Program { get; init; }

    /// <summary>What the program wants to be told before all else.</summary>
    public IReadOnlyList<string> ProgramArguments { get; init; } = [];

    public required string Machine { get; init; }

    public required string Cpu { get; init; }

    /// <summary>What else QEMU is told of the board.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The guest-physical address at which the board's memory begins.</summary>
    public required long MemoryBase { get; init; }

    /// <summary>What firmware starts from <c>\EFI\BOOT</c> (UEFI 2.10, 3.5.1.1).</summary>
    public required string DefaultBootFile { get; init; }

    public required IReadOnlyList<string> CodeFiles { get; init; }

    public required IReadOnlyList<string> VariableFiles { get; init; }

    /// <summary>The Debian packages that bring the program and the firmware.</summary>
    public required string Packages { get; init; }

    /// <summary>The firmware volume that holds the built-in UEFI shell.</summary>
    public required string ShellVolume { get; init; }

    public string Code => FirstOf(CodeFiles);

    public string Variables => FirstOf(VariableFiles);

    /// <summary>The one of this name.</summary>
    public static Architecture Named(string name) => All.Single(each => each.Name == name);

    public override string ToString() => Name;

    /// <summary>The same board with other firmware.</summary>
    /// <param name="code">Its code.</param>
    /// <param name="variables">Its variable store, to start from.</param>
    /// <param name="hasManagementMode">Whether it keeps its variables by System Management Mode, which the board then has (q35).</param>
    public Architecture With(string code, string variables, bool hasManagementMode) => new()
    {
        Name = Name,
        Program = Program,
        Machine = hasManagementMode ? Machine + ",smm=on" : Machine,
        Arguments = hasManagementMode ? ["-global", "driver=cfi.pflash01,property=secure,value=on", "-global", "ICH9-LPC.disable_s3=1"] : [],
        Cpu = Cpu,
        MemoryBase = MemoryBase,
        DefaultBootFile = DefaultBootFile,
        CodeFiles = [code],
        VariableFiles = [variables],
        Packages = Packages,
        ShellVolume = ShellVolume,
    };

    private string FirstOf(IReadOnlyList<string> files) => files.FirstOrDefault(File.Exists)
        ?? throw new ToolError($"The firmware {files[0]} is not installed.", $"Install it: sudo apt-get install {Packages}");
}
