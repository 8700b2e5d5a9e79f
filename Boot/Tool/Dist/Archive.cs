using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.IO.Compression;
using System.Linq;

namespace NetBoot.Boot.Tool.Dist;

/// <summary>What is packed with the same bytes for the same files and time, by .NET's own tar and gzip.</summary>
internal static class Archive
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>A .tar.gz of files, in their names' order, all of root and of one time.</summary>
    public static byte[] Make(IEnumerable<DistFile> files, DateTimeOffset time)
    {
        using MemoryStream tar = new();
        using (TarWriter writer = new(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (DistFile file in files.OrderBy(each => each.Path, StringComparer.Ordinal))
            {
                UstarTarEntry entry = file.Target == null
                    ? new(TarEntryType.RegularFile, file.Path) { Mode = Readable, DataStream = new MemoryStream(file.Content) }
                    : new(TarEntryType.SymbolicLink, file.Path) { LinkName = file.Target };
                entry.ModificationTime = time;
                writer.WriteEntry(entry);
            }
        }

        return Compress(tar.ToArray());
    }

    public static byte[] Compress(byte[] content)
    {
        using MemoryStream compressed = new();
        using (GZipStream stream = new(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            stream.Write(content);
        }

        return compressed.ToArray();
    }
}
