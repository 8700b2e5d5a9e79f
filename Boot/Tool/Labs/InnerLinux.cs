using System.IO;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Labs;

/// <summary>Debian 13's Linux as the operating system that an inner guest boots: its own drivers, and a script that reports what they do.</summary>
public static class InnerLinux
{
    /// <summary>Writes linux.efi and linux.cpio.</summary>
    /// <param name="root">Where they come from.</param>
    /// <param name="folder">Where they go.</param>
    /// <param name="script">Shell commands (busybox) that run once the modules are loaded; what they print is on the serial line.</param>
    /// <param name="data">A file to find at /data.</param>
    /// <param name="modules">What to load.</param>
    public static void Write(LabRoot root, string folder, string script, byte[] data, params string[] modules)
    {
        File.Copy(root.Kernel, Path.Combine(folder, "linux.efi"), overwrite: true);
        using CpioArchive initrd = root.NewInnerInitrd(Path.Combine(folder, "linux.cpio"), $"""
            #!/bin/busybox sh
            export PATH=/bin
            /bin/busybox --install -s /bin
            mkdir -p /proc /sys /tmp
            mount -t proc proc /proc
            mount -t sysfs sys /sys
            mount -t devtmpfs dev /dev
            echo "linux: up"
            for module in $(cat /modules/order); do insmod "/modules/$module" || echo "linux: FAILED module $module"; done
            {script}
            echo "linux: done"
            poweroff -f
            """, modules);
        initrd.AddFile("data", data);
    }

    /// <summary>Starts it from the system partition; its own loader reads the initrd from there.</summary>
    public static void AddBoot(VariableStore store) =>
        store.AddBoot("linux", MachinePath.SystemPartition().FilePath(@"\linux.efi"), $@"initrd=\linux.cpio {Arguments}");

    public const string Arguments = "console=ttyS0 quiet panic=-1 " + EmulatedLinux.NoTimerCheck;
}
