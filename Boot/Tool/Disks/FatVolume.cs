using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Disks;

/// <summary>A FAT volume made of files, by Debian's mtools: the same files make the same bytes.</summary>
public static class FatVolume
{
    private const int MiB = 1 << 20;

    /// <summary>FAT16's least, so that no reader takes it for FAT12.</summary>
    private const int Least = 16 * MiB;
    private const string Serial = "4e425354"; // "NBST"

    /// <summary>2026-01-01: the time of every file, unless whoever calls us says another.</summary>
    private const string Time = "1767225600";

    /// <summary>Says to mtools and xorriso what time it is.</summary>
    /// <returns>That time.</returns>
    public static DateTime FixTime()
    {
        string? given = Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH");
        string time = long.TryParse(given, out _) ? given! : Time;
        Environment.SetEnvironmentVariable("SOURCE_DATE_EPOCH", time);
        Environment.SetEnvironmentVariable("TZ", "UTC"); // FAT has the time of day, wherever that is
        return DateTime.UnixEpoch.AddSeconds(long.Parse(time));
    }

    /// <param name="path">The image to write.</param>
    /// <param name="files">Paths with slashes, and what is in the files.</param>
    public static async Task MakeAsync(string path, IReadOnlyDictionary<string, byte[]> files)
    {
        FixTime();
        using TemporaryDirectory directory = new();
        long content = files.Values.Sum(each => (long)each.Length);
        long size = Math.Max(Least, (content + (content / 8) + (2 * MiB)) / MiB * MiB);
        await using (FileStream image = File.Create(path))
        {
            image.SetLength(size);
        }

        await RunAsync("mformat", "-i", path, "-v", "NETBOOT", "-N", Serial, "-T", (size / 512).ToString(), "-h", "64", "-s", "32", "-c", "4", "::");
        HashSet<string> made = [];
        foreach ((string name, byte[] bytes) in files.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            for (int slash = name.IndexOf('/'); slash >= 0; slash = name.IndexOf('/', slash + 1))
            {
                if (made.Add(name[..slash]))
                {
                    await RunAsync("mmd", "-i", path, "::" + name[..slash]);
                }
            }

            string file = directory.Combine("file");
            await File.WriteAllBytesAsync(file, bytes);
            await RunAsync("mcopy", "-i", path, file, "::" + name);
        }
    }

    private static Task RunAsync(string program, params string[] arguments) => ChildProcess.RunAsync(program, arguments, "mtools");
}
