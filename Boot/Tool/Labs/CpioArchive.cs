using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace NetBoot.Boot.Tool.Labs;

/// <summary>Writes the archive that a Linux kernel unpacks as its first file system (cpio's "newc" format).</summary>
public sealed class CpioArchive : IDisposable
{
    private const int File = 0x8000;
    private const int Folder = 0x4000;
    private const int Link = 0xA000;
    private const int CharacterDevice = 0x2000;

    private readonly Stream _stream;
    private readonly HashSet<string> _folders = [""];
    private int _count;

    public CpioArchive(string path)
    {
        _stream = System.IO.File.Create(path);

        // The kernel opens this before anything of ours can mount devices.
        AddFolder("dev");
        Add("dev/console", CharacterDevice | 0x180, [], 5, 1);
    }

    /// <summary>Adds a file that all may run. Paths are absolute or relative to the root; their folders are made.</summary>
    public void AddFile(string path, ReadOnlySpan<byte> content)
    {
        AddFolder(Path.GetDirectoryName(path.TrimStart('/'))!);
        Add(path, File | 0x1ED, content);
    }

    public void AddFile(string path, string source) => AddFile(path, System.IO.File.ReadAllBytes(source));

    public void AddText(string path, string text) => AddFile(path, Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n")));

    public void AddLink(string path, string target)
    {
        AddFolder(Path.GetDirectoryName(path.TrimStart('/'))!);
        Add(path, Link | 0x1FF, Encoding.UTF8.GetBytes(target));
    }

    public void AddFolder(string path)
    {
        path = path.Trim('/');
        if (_folders.Add(path))
        {
            AddFolder(Path.GetDirectoryName(path)!);
            Add(path, Folder | 0x1ED, []);
        }
    }

    public void Dispose()
    {
        Add("TRAILER!!!", 0, []);
        _stream.Dispose();
    }

    private void Add(string path, int mode, ReadOnlySpan<byte> content, int major = 0, int minor = 0)
    {
        byte[] name = Encoding.UTF8.GetBytes(path.TrimStart('/') + "\0");
        int links = (mode & 0xF000) == Folder ? 2 : 1;
        int[] fields = [++_count, mode, 0, 0, links, 0, content.Length, 0, 0, major, minor, name.Length, 0];
        _stream.Write("070701"u8);
        foreach (int field in fields)
        {
            _stream.Write(Encoding.ASCII.GetBytes(field.ToString("x8")));
        }

        _stream.Write(name);
        Align();
        _stream.Write(content);
        Align();
    }

    private void Align()
    {
        while (_stream.Position % 4 != 0)
        {
            _stream.WriteByte(0);
        }
    }
}
