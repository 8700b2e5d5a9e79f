using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Qemu;
using Architecture = NetBoot.Boot.Tool.Qemu.Architecture;

namespace NetBoot.Boot.Tool.Labs;

/// <summary>
/// What the nested labs run: QEMU 10, a Linux kernel with KVM and OVMF, out of Debian 13's packages. Made once (about 25 s) from the
/// mirror that this machine's apt uses, without privileges, and kept in the user's cache folder; nothing is installed.
/// </summary>
public sealed class LabRoot
{
    /// <summary>Counts changes of this class and of <see cref="OuterInit"/> that make what is in the cache out of date.</summary>
    private const int Recipe = 6;

    private const string Suite = "trixie";
    private const string Variables = "OVMF_VARS_4M.fd";
    private const string StrictFirmware = "OVMF_CODE_4M.secboot.strictnx.fd";
    private const string SnakeoilStore = "OVMF_VARS_4M.snakeoil.fd";
    private const string IpxeName = "ipxe.efi";
    private const string SnakeoilName = "PkKek-1-snakeoil";
    private const long SpaceNeeded = 1L << 30;

    private static readonly string[] s_packages = ["qemu-system-x86", "ovmf", "busybox-static", "linux-image-amd64", "ipxe", "open-iscsi"];

    /// <summary>The outer guest's: KVM, and the folder that it shares with this machine.</summary>
    private static readonly string[] s_outerModules = ["kvm_amd", "9pnet_virtio", "9p"];

    /// <summary>What a Linux needs that finds its disk in the iBFT, and a FAT volume on it, by the NIC that firmware lacks a driver for.</summary>
    public static IReadOnlyList<string> Iscsi { get; } = ["e1000", "crc32c_generic", "iscsi_ibft", "iscsi_tcp", "sd_mod", "vfat", "nls_cp437", "nls_ascii"];

    /// <summary>What a Linux needs that finds a CD in memory by ACPI's NFIT.</summary>
    public static IReadOnlyList<string> RamDisk { get; } = ["nfit", "nd_pmem", "isofs"];

    /// <summary>For the Linux that runs in the inner guest.</summary>
    private static readonly string[] s_innerModules = ["hv_balloon", "xen_netfront", .. Iscsi, .. RamDisk];

    /// <summary>
    /// The first process of the outer guest. Its second serial line takes commands (start SCRIPT, stop), its third is the inner guest's
    /// serial line, on which an end-of-transmission character marks the guest's end. Firmware asks for a timer interrupt each 10 ms; each costs
    /// an emulated KVM a dozen exits, on a busy machine more than there is time for, so that it gets them each 25 ms.
    /// </summary>
    private const string OuterInit = """
        #!/bin/busybox sh
        export PATH=/bin:/usr/bin HOME=/ share
        /bin/busybox --install -s /bin
        mkdir -p /proc /sys /run /var/tmp "$share"
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        mount -t devtmpfs dev /dev
        for module in $(cat /modules/order); do insmod "/modules/$module" || echo "module $module failed"; done
        mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 share "$share"
        echo 25000 > /sys/module/kvm/parameters/min_timer_period_us
        ip link set lo up
        httpd -p 127.0.0.1:80 -h "$share"
        stty -F /dev/ttyS1 raw -echo clocal
        stty -F /dev/ttyS2 raw -echo clocal
        exec 3<>/dev/ttyS1 4<>/dev/ttyS2
        echo "ready $(cut -d ' ' -f 1 /proc/uptime)" >&3
        while read -r verb script <&3; do
            case $verb in
                start)
                    (
                        sh "$script" <&4 >&4
                        code=$?
                        printf '\004' >&4
                        echo "ended $code" >&3
                    ) &
                    ;;
                stop) kill "$(cat /run/guest)" ;;
            esac
        done
        """;

    private LabRoot(string folder)
    {
        Folder = folder;
        Firmware = WithFirmware(Architecture.X64.Program, [], "host");
        Emulated = WithFirmware(Qemu[0], [.. Qemu.Skip(1)], "max"); // This OVMF has no network without RDRAND.
    }

    public string Folder { get; }

    /// <summary>OVMF as the inner guest has it.</summary>
    public Architecture Firmware { get; }

    /// <summary>OVMF with Secure Boot and the strictest memory protection: no page is writable and executable, nor is the stack.</summary>
    public string StrictCode => File(StrictFirmware);

    /// <summary>iPXE with its own drivers and TLS, for x64.</summary>
    public string Ipxe => File(IpxeName);

    /// <summary>Variables with Debian's snakeoil key in db.</summary>
    public string SnakeoilVariables => File(SnakeoilStore);

    /// <summary>That key (.key, passphrase snakeoil) and its certificate (.pem), less the file names' ends.</summary>
    public string SnakeoilKey => File(SnakeoilName);

    /// <summary>The same in this QEMU's emulation, for devices that Debian 12's QEMU does not have.</summary>
    public Architecture Emulated { get; }

    /// <summary>Debian's kernel: the outer guest's, and an EFI application for the inner one.</summary>
    public string Kernel => File("vmlinuz");

    /// <summary>Debian's busybox, with no library.</summary>
    public string Busybox => File("busybox");

    public string OuterInitrd => File("outer.cpio");

    /// <summary>The program and the first arguments that start its QEMU on this machine.</summary>
    public IReadOnlyList<string> Qemu =>
        [File("lib/ld-linux-x86-64.so.2"), "--library-path", File("lib"), File("qemu-system-x86_64"), "-L", File("share")];

    /// <summary>Gives the root from the cache, or makes it; <paramref name="report"/> is told of each step.</summary>
    /// <exception cref="ToolError">It cannot be made here; the message says why and what to do.</exception>
    public static async Task<LabRoot> EnsureAsync(Action<string> report)
    {
        string cache = Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } home
                ? home : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "netboot");
        string recipe = string.Join('\n', [Recipe.ToString(), Suite, .. s_packages, .. s_outerModules, .. s_innerModules, OuterInit, typeof(CpioArchive).FullName!]);
        string stamp = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(recipe)))[..12];
        string folder = Path.Combine(cache, $"lab-{stamp}");
        if (Directory.Exists(folder))
        {
            return new LabRoot(folder);
        }

        if (RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64)
        {
            throw new ToolError("The nested labs run on x86-64 Linux only.", "Run ./netboot test --unit and ./netboot test --firmware here.");
        }

        Directory.CreateDirectory(cache);
        await using FileStream held = await LockAsync(Path.Combine(cache, "lab.lock"));
        if (Directory.Exists(folder))
        {
            return new LabRoot(folder);
        }

        long space = new DriveInfo(cache).AvailableFreeSpace;
        if (space < SpaceNeeded)
        {
            throw new ToolError(
                $"The nested labs need {SpaceNeeded >> 20} MiB in {cache} while they are made; {space >> 20} MiB are free.",
                "Make room, or set XDG_CACHE_HOME to a folder on another disk.");
        }

        report($"Making the nested labs' root in {folder} (once)");
        Stopwatch watch = Stopwatch.StartNew();
        string work = Path.Combine(cache, "lab.new");
        if (Directory.Exists(work))
        {
            Directory.Delete(work, recursive: true); // a run that was cut off
        }

        string made = Directory.CreateDirectory(Path.Combine(work, "root")).FullName;
        await UnpackAsync(Directory.CreateDirectory(Path.Combine(work, "packages")).FullName, Path.Combine(work, "unpacked"), made, report);
        report("Packing the outer guest");
        await CollectAsync(Path.Combine(work, "unpacked"), made, folder);
        report("Starting the firmware once, for its variables");
        await new LabRoot(made).FillVariablesAsync();
        Directory.Move(made, folder);
        Directory.Delete(work, recursive: true);
        report($"Made in {watch.Elapsed.TotalSeconds:0} s");
        return new LabRoot(folder);
    }

    private Architecture WithFirmware(string program, IReadOnlyList<string> programArguments, string cpu) => new()
    {
        Name = Architecture.X64.Name,
        Program = program,
        ProgramArguments = programArguments,
        Machine = Architecture.X64.Machine,
        Cpu = cpu,
        DefaultBootFile = Architecture.X64.DefaultBootFile,
        CodeFiles = [File("OVMF_CODE_4M.fd")],
        VariableFiles = [File(Variables)],
        Packages = "",
        ShellVolume = Architecture.X64.ShellVolume,
        MemoryBase = Architecture.X64.MemoryBase,
    };

    /// <summary>Adds Debian's iscsistart to an archive, with the libraries that it needs.</summary>
    public void AddIscsiStart(CpioArchive archive)
    {
        archive.AddFile("sbin/iscsistart", File("iscsistart"));
        archive.AddLink("lib64", "lib/x86_64-linux-gnu");
        foreach (string library in Directory.GetFiles(File("iscsi")))
        {
            archive.AddFile("lib/x86_64-linux-gnu/" + Path.GetFileName(library), library);
        }
    }

    /// <summary>Begins the archive of a small Linux for the inner guest: busybox, kernel modules in <c>/modules</c>, and <c>/init</c>.</summary>
    public CpioArchive NewInnerInitrd(string path, string init, IEnumerable<string> modules)
    {
        CpioArchive archive = new(path);
        AddSystem(archive, Folder, init, modules);
        return archive;
    }

    private string File(string name) => Path.Combine(Folder, name);

    /// <summary>
    /// Keeps what the firmware writes into its variables at a first start: in an inner guest each byte of that leaves KVM several times, which
    /// took longer than all the rest of its start.
    /// </summary>
    private async Task FillVariablesAsync() => await System.IO.File.WriteAllBytesAsync(File(Variables), await FirstStart.VariablesAsync(Emulated));

    private static void AddSystem(CpioArchive archive, string root, string init, IEnumerable<string> modules)
    {
        archive.AddFile("bin/busybox", Path.Combine(root, "busybox"));
        archive.AddText("init", init);
        IReadOnlyList<string> order = KernelModule.InOrder(Path.Combine(root, "modules"), modules);
        foreach (string module in order)
        {
            archive.AddFile("modules/" + Path.GetFileName(module), module);
        }

        archive.AddText("modules/order", string.Join('\n', order.Select(Path.GetFileName)) + "\n");
    }

    /// <summary>Downloads the packages with all that they need, by apt with state of its own, and unpacks them.</summary>
    private static async Task UnpackAsync(string packages, string unpacked, string made, Action<string> report)
    {
        string mirror = await FindMirrorAsync();
        Directory.CreateDirectory(Path.Combine(packages, "lists", "partial"));
        Directory.CreateDirectory(Path.Combine(packages, "archives", "partial"));
        await System.IO.File.WriteAllTextAsync(Path.Combine(packages, "status"), "");
        await System.IO.File.WriteAllTextAsync(
            Path.Combine(packages, "sources.list"), $"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {mirror} {Suite} main\n");
        string[] settings =
        [
            "-q", "-o", $"Dir::State={packages}", "-o", $"Dir::State::status={packages}/status", "-o", $"Dir::Cache={packages}",
            "-o", $"Dir::Etc::sourcelist={packages}/sources.list", "-o", "Dir::Etc::sourceparts=/dev/null", "-o", "Dir::Etc::preferences=/dev/null",
            "-o", "Dir::Etc::preferencesparts=/dev/null", "-o", "APT::Architecture=amd64", "-o", "APT::Architectures=amd64", "-o", "Acquire::Languages=none",
            "-o", "APT::Sandbox::User=",
        ];
        Task<string> Apt(string program, params string[] arguments) => ChildProcess.RunAsync(program, [.. settings, .. arguments], "apt");
        try
        {
            report("Reading Debian 13's package lists");
            await Apt("apt-get", "update", "--error-on=any");
            report("Downloading packages (about 160 MB)");
            await Apt("apt-get", ["install", "--yes", "--download-only", "--no-install-recommends", .. s_packages]);
        }
        catch (ToolError error)
        {
            throw new ToolError(
                $"Debian 13's packages could not be had from {mirror}. {error.Message}",
                "Check that apt-get update works here, that the mirror carries Debian 13 (trixie) and that debian-archive-keyring is up to date; then run the same command again.");
        }

        report("Unpacking");
        string[] archives = Directory.GetFiles(Path.Combine(packages, "archives"), "*.deb");
        foreach (string archive in archives)
        {
            await ChildProcess.RunAsync("dpkg-deb", ["--extract", archive, unpacked], "dpkg");
        }

        await System.IO.File.WriteAllLinesAsync(Path.Combine(made, "packages.txt"), archives.Select(Path.GetFileName).Order(StringComparer.Ordinal)!);
    }

    /// <summary>The Debian mirror that this machine's own apt uses.</summary>
    /// <exception cref="ToolError">apt's sources name none.</exception>
    public static async Task<string> FindMirrorAsync()
    {
        string targets = await ChildProcess.RunAsync("apt-get", ["indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages"], "apt");
        string[] lines = targets.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Where(line => line.StartsWith("Debian ", StringComparison.Ordinal)).Select(line => line[7..]).FirstOrDefault()
            ?? lines.Select(line => line[(line.LastIndexOf(' ') + 1)..]).FirstOrDefault(uri => uri.TrimEnd('/').EndsWith("/debian", StringComparison.Ordinal))
            ?? throw new ToolError(
                "apt's sources on this machine name no Debian mirror, and a Debian of the tests' own is made from its packages.",
                "Add one to /etc/apt/sources.list.d, run apt-get update, and the same command again.");
    }

    /// <summary>Takes what is needed out of the unpacked packages.</summary>
    /// <param name="system">The unpacked packages.</param>
    /// <param name="made">Where to put it.</param>
    /// <param name="folder">Where it will be in the end: the firmware has the same path inside the outer guest.</param>
    private static async Task CollectAsync(string system, string made, string folder)
    {
        string Made(string path)
        {
            string full = Path.Combine(made, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            return full;
        }

        void Copy(string source, string target) => System.IO.File.Copy(Path.Combine(system, source), Made(target));

        Copy("usr/bin/busybox", "busybox");
        Copy("usr/bin/qemu-system-x86_64", "qemu-system-x86_64");
        Copy("usr/lib/ipxe/ipxe-amd64.efi", IpxeName);
        Copy("usr/share/OVMF/OVMF_CODE_4M.fd", "OVMF_CODE_4M.fd");
        foreach (string file in new[] { Variables, StrictFirmware, SnakeoilStore })
        {
            Copy("usr/share/OVMF/" + file, file);
        }

        foreach (string file in new[] { SnakeoilName + ".key", SnakeoilName + ".pem" })
        {
            Copy("usr/share/ovmf/" + file, file);
        }

        Copy("usr/share/seabios/bios-256k.bin", "share/bios-256k.bin");
        foreach (string rom in (string[])["kvmvapic.bin", "linuxboot_dma.bin", .. Directory.GetFiles(Path.Combine(system, "usr/share/qemu"), "efi-*.rom").Select(Path.GetFileName)!])
        {
            System.IO.File.Copy(Path.Combine(system, "usr/share/qemu", rom), Made("share/" + rom));
        }

        string libraries = Path.Combine(system, "usr/lib/x86_64-linux-gnu");
        string loader = Path.Combine(libraries, "ld-linux-x86-64.so.2");
        Copy("usr/sbin/iscsistart", "iscsistart");
        foreach ((string program, string folderOfLibraries) in new[] { ("qemu-system-x86_64", "lib"), ("iscsistart", "iscsi") })
        {
            string closure = await ChildProcess.RunAsync(loader, ["--library-path", libraries, "--list", Path.Combine(made, program)], "");
            string[] words = closure.Split(['\n', ' '], StringSplitOptions.RemoveEmptyEntries);
            foreach (string library in words.Where(word => word.StartsWith(libraries, StringComparison.Ordinal)).Append(loader))
            {
                System.IO.File.Copy(library, Made(Path.Combine(folderOfLibraries, Path.GetFileName(library))), overwrite: true);
            }
        }

        await CollectModulesAsync(Path.Combine(system, "usr/lib/modules"), Path.GetDirectoryName(Made("modules/x"))!, Path.Combine(made, "busybox"));
        System.IO.File.Copy(Directory.GetFiles(Path.Combine(system, "boot"), "vmlinuz-*").Single(), Made("vmlinuz"));

        using CpioArchive archive = new(Made("outer.cpio"));
        AddSystem(archive, made, OuterInit, s_outerModules);
        archive.AddFile("usr/bin/qemu-system-x86_64", Made("qemu-system-x86_64"));
        archive.AddLink("lib64", "lib/x86_64-linux-gnu");
        foreach (string library in Directory.GetFiles(Made("lib/.")))
        {
            archive.AddFile("lib/x86_64-linux-gnu/" + Path.GetFileName(library), library);
        }

        foreach (string rom in Directory.GetFiles(Made("share/.")))
        {
            archive.AddFile("usr/share/qemu/" + Path.GetFileName(rom), rom);
        }

        archive.AddFile(Path.Combine(folder, "OVMF_CODE_4M.fd"), Made("OVMF_CODE_4M.fd"));
    }

    /// <summary>Decompresses the modules that the guests load, and all that those need.</summary>
    private static async Task CollectModulesAsync(string compressed, string target, string busybox)
    {
        Dictionary<string, string> all = Directory.GetFiles(compressed, "*.ko.xz", SearchOption.AllDirectories)
            .ToDictionary(path => KernelModule.FileName(Path.GetFileName(path)[..^6]), path => path, StringComparer.Ordinal);
        Queue<string> wanted = new([.. s_outerModules, .. s_innerModules]);
        while (wanted.TryDequeue(out string? name))
        {
            string file = KernelModule.FileName(name);
            string plain = Path.Combine(target, file);
            if (System.IO.File.Exists(plain))
            {
                continue;
            }

            if (!all.TryGetValue(file, out string? source))
            {
                throw new ToolError($"Debian 13's kernel has no module {name} any more.", "See the lists at the head of LabRoot.");
            }

            System.IO.File.Copy(source, plain + ".xz");
            await ChildProcess.RunAsync(busybox, ["unxz", plain + ".xz"], "");
            byte[] module = await System.IO.File.ReadAllBytesAsync(plain);
            if (name == "kvm_amd")
            {
                await System.IO.File.WriteAllBytesAsync(plain, KernelModule.KeepCr8Intercept(module));
            }

            KernelModule.Dependencies(module).ToList().ForEach(wanted.Enqueue);
        }
    }

    /// <summary>Waits for whoever else makes the root at the same time.</summary>
    private static async Task<FileStream> LockAsync(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }
    }
}
