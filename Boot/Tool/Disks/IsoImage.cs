using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Disks;

/// <summary>
/// An ISO 9660 image that UEFI boots: its El Torito catalog names a FAT volume (UEFI 2.10, 13.3.2.1), which a GUID partition table names
/// too, for an image that is written to a memory stick. By Debian's xorriso.
/// </summary>
public static class IsoImage
{
    /// <param name="volume">The FAT volume's file.</param>
    /// <param name="files">Names of at most eight characters and three, and what is in the files that readers of ISO 9660 find; null for none.</param>
    public static async Task<byte[]> MakeAsync(string volume, IReadOnlyDictionary<string, byte[]>? files = null)
    {
        DateTime time = FatVolume.FixTime();
        using TemporaryDirectory directory = new();
        string root = directory.CreateDirectory("root");
        foreach ((string name, byte[] content) in files ?? new Dictionary<string, byte[]>())
        {
            await File.WriteAllBytesAsync(Path.Combine(root, name), content);
            File.SetLastWriteTimeUtc(Path.Combine(root, name), time);
        }

        Directory.SetLastWriteTimeUtc(root, time);
        string disk = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(volume)))[..32];
        string path = directory.Combine("iso");
        await ChildProcess.RunAsync(
            "xorriso",
            [
                "-as", "mkisofs", "-quiet", "-V", "NETBOOT", "--norock", "-o", path, "-e", "--interval:appended_partition_2:all::", "-no-emul-boot",
                "-append_partition", "2", "0xef", volume, "-appended_part_as_gpt", "--gpt_disk_guid", disk, root,
            ],
            "xorriso");
        return await File.ReadAllBytesAsync(path);
    }
}
