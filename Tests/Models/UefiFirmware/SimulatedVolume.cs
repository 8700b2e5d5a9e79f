using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>A volume with files that can be read, and opened for writing, as the firmware's FAT driver has it (UEFI 2.10, 13.4 and 13.5).</summary>
public sealed unsafe class SimulatedVolume
{
    private readonly SimulatedFirmware _firmware;
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="path">The device path of the partition.</param>
    public SimulatedVolume(SimulatedFirmware firmware, byte[] path)
    {
        _firmware = firmware;
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* volume = firmware.Allocate<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(this);
        volume->Revision = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL.EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_REVISION;
        volume->OpenVolume = &OpenVolume;
        Handle = firmware.Install(firmware.CreateController(path), volume);
    }

    public EFI_HANDLE Handle { get; }

    /// <summary>What FAT has room for in a directory entry.</summary>
    public string Label { get; init; } = "";

    /// <summary>Whether its files and directories can be opened for writing.</summary>
    public bool IsWritable { get; init; }

    /// <summary>Calls of SetInfo and Flush, with the path that they were for.</summary>
    public List<string> Changes { get; } = [];

    /// <summary>Files and directories that were opened and not closed.</summary>
    public int OpenCount { get; private set; }

    /// <summary>A file's content, by its whole path with backslashes ("\EFI\BOOT\autoexec.ipxe").</summary>
    public byte[] this[string path]
    {
        set => _files[path] = value;
    }

    private sealed class File(SimulatedVolume volume, string path, byte[]? content)
    {
        public readonly SimulatedVolume Volume = volume;
        public readonly string Path = path;

        /// <summary>Null: a directory.</summary>
        public readonly byte[]? Content = content;
        public int Position;
        public bool IsClosed;

        /// <summary>What reading a directory gives, one at a time: the names in it, and whether they are directories.</summary>
        public Queue<(string Name, bool IsDirectory)> Entries = new(content is null ? volume.EntriesOf(path.TrimEnd('\\') + '\\') : []);

        /// <summary>Reads a directory from its beginning again.</summary>
        public void Rewind() => Entries = new(Content is null ? Volume.EntriesOf(Path.TrimEnd('\\') + '\\') : []);
    }

    private IEnumerable<(string Name, bool IsDirectory)> EntriesOf(string folder) =>
        _files.Keys.Where(path => path.StartsWith(folder, StringComparison.OrdinalIgnoreCase))
            .Select(path => path[folder.Length..].Split('\\')).Select(parts => (parts[0], parts.Length > 1)).Distinct();

    private EFI_FILE_PROTOCOL* Open(string path, byte[]? content)
    {
        ProtocolInstance<EFI_FILE_PROTOCOL>* published = _firmware.Allocate<ProtocolInstance<EFI_FILE_PROTOCOL>>();
        _firmware.Own(published->Owner = ObjectReference.To(new File(this, path, content)));
        EFI_FILE_PROTOCOL* file = &published->Protocol;
        file->Revision = EFI_FILE_PROTOCOL.EFI_FILE_PROTOCOL_REVISION;
        file->Open = &OpenFile;
        file->Close = &Close;
        file->Read = &Read;
        file->GetPosition = &GetPosition;
        file->SetPosition = &SetPosition;
        file->GetInfo = &GetInfo;
        file->SetInfo = &SetInfo;
        file->Flush = &Flush;
        OpenCount++;
        return file;
    }

    private static EFI_STATUS Do(string member, EFI_FILE_PROTOCOL* self, Func<File, EFI_STATUS> body) =>
        SimulatedFirmware.Serve("EFI_FILE_PROTOCOL." + member, EFI_TPL.TPL_CALLBACK, firmware =>
        {
            File file = ProtocolInstance<EFI_FILE_PROTOCOL>.OwnerOf<File>(self);
            if (file.IsClosed)
            {
                firmware.Violate($"{member} of a file that was closed");
            }

            return body(file);
        });

    [UnmanagedCallersOnly]
    private static EFI_STATUS OpenVolume(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* self, EFI_FILE_PROTOCOL** root) =>
        SimulatedFirmware.Serve(nameof(OpenVolume), EFI_TPL.TPL_CALLBACK, _ =>
        {
            *root = ProtocolInstance<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>.OwnerOf<SimulatedVolume>(self).Open("\\", null);
            return EFI_STATUS.EFI_SUCCESS;
        });

    [UnmanagedCallersOnly]
    private static EFI_STATUS OpenFile(EFI_FILE_PROTOCOL* self, EFI_FILE_PROTOCOL** opened, char* name, ulong mode, ulong attributes) =>
        Do(nameof(Open), self, file =>
        {
            if (mode != EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ && !file.Volume.IsWritable)
            {
                return EFI_STATUS.EFI_WRITE_PROTECTED;
            }

            string path = new(name);
            path = path.StartsWith('\\') ? path : '\\' + path;
            if (file.Volume._files.TryGetValue(path, out byte[]? content))
            {
                *opened = file.Volume.Open(path, content);
                return EFI_STATUS.EFI_SUCCESS;
            }

            foreach (string each in file.Volume._files.Keys)
            {
                if (each.StartsWith(path.TrimEnd('\\') + '\\', StringComparison.OrdinalIgnoreCase))
                {
                    *opened = file.Volume.Open(path, null);
                    return EFI_STATUS.EFI_SUCCESS;
                }
            }

            return EFI_STATUS.EFI_NOT_FOUND;
        });

    [UnmanagedCallersOnly]
    private static EFI_STATUS Close(EFI_FILE_PROTOCOL* self) => Do(nameof(Close), self, file =>
    {
        file.IsClosed = true;
        file.Volume.OpenCount--;
        return EFI_STATUS.EFI_SUCCESS;
    });

    [UnmanagedCallersOnly]
    private static EFI_STATUS Read(EFI_FILE_PROTOCOL* self, nuint* size, void* buffer) => Do(nameof(Read), self, file =>
    {
        if (file.Content is null)
        {
            return ReadEntry(file, size, buffer);
        }

        int count = (int)Math.Min(*size, (nuint)(file.Content.Length - file.Position));
        file.Content.AsSpan(file.Position, count).CopyTo(new Span<byte>(buffer, count));
        file.Position += count;
        *size = (nuint)count;
        return EFI_STATUS.EFI_SUCCESS;
    });

    /// <summary>The next entry of a directory, or none (UEFI 2.10, 13.5.5).</summary>
    private static EFI_STATUS ReadEntry(File file, nuint* size, void* buffer)
    {
        if (!file.Entries.TryPeek(out (string Name, bool IsDirectory) entry))
        {
            *size = 0;
            return EFI_STATUS.EFI_SUCCESS;
        }

        nuint needed = (nuint)(EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO + (entry.Name.Length + 1) * sizeof(char));
        nuint given = *size;
        *size = needed;
        if (given < needed)
        {
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        file.Entries.Dequeue();
        new Span<byte>(buffer, (int)needed).Clear();
        EFI_FILE_INFO* info = (EFI_FILE_INFO*)buffer;
        info->Size = needed;
        info->Attribute = entry.IsDirectory ? EFI_FILE_PROTOCOL.EFI_FILE_DIRECTORY : EFI_FILE_PROTOCOL.EFI_FILE_READ_ONLY;
        entry.Name.CopyTo(new Span<char>((byte*)buffer + EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO, entry.Name.Length));
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetPosition(EFI_FILE_PROTOCOL* self, ulong* position) => Do(nameof(GetPosition), self, file =>
    {
        *position = (ulong)file.Position;
        return EFI_STATUS.EFI_SUCCESS;
    });

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetPosition(EFI_FILE_PROTOCOL* self, ulong position) => Do(nameof(SetPosition), self, file =>
    {
        file.Rewind();
        file.Position = (int)Math.Min(position, (ulong)(file.Content?.Length ?? 0));
        return EFI_STATUS.EFI_SUCCESS;
    });

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetInfo(EFI_FILE_PROTOCOL* self, EFI_GUID* type, nuint* size, void* buffer) => Do(nameof(GetInfo), self, file =>
    {
        if (*type == EFI_FILE_SYSTEM_INFO.EFI_FILE_SYSTEM_INFO_ID)
        {
            return GetVolumeInfo(file.Volume.Label, size, (byte*)buffer);
        }

        if (*type != EFI_FILE_INFO.EFI_FILE_INFO_ID)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        nuint given = *size;
        *size = EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO + sizeof(char); // The name is left out.
        if (given < *size)
        {
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        new Span<byte>(buffer, (int)*size).Clear();
        EFI_FILE_INFO* info = (EFI_FILE_INFO*)buffer;
        info->Size = *size;
        info->FileSize = (ulong)(file.Content?.Length ?? 0);
        info->Attribute = file.Content is null ? EFI_FILE_PROTOCOL.EFI_FILE_DIRECTORY : EFI_FILE_PROTOCOL.EFI_FILE_READ_ONLY;
        return EFI_STATUS.EFI_SUCCESS;
    });

    private static EFI_STATUS GetVolumeInfo(string label, nuint* size, byte* buffer)
    {
        nuint given = *size;
        *size = (nuint)(EFI_FILE_SYSTEM_INFO.SIZE_OF_EFI_FILE_SYSTEM_INFO + (label.Length + 1) * sizeof(char));
        if (given < *size)
        {
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        new Span<byte>(buffer, (int)*size).Clear();
        ((EFI_FILE_SYSTEM_INFO*)buffer)->Size = *size;
        label.CopyTo(new Span<char>(buffer + EFI_FILE_SYSTEM_INFO.SIZE_OF_EFI_FILE_SYSTEM_INFO, label.Length));
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetInfo(EFI_FILE_PROTOCOL* self, EFI_GUID* type, nuint size, void* buffer) => Do(nameof(SetInfo), self, file =>
    {
        file.Volume.Changes.Add($"SetInfo {file.Path} {size}");
        return EFI_STATUS.EFI_SUCCESS;
    });

    [UnmanagedCallersOnly]
    private static EFI_STATUS Flush(EFI_FILE_PROTOCOL* self) => Do(nameof(Flush), self, file =>
    {
        file.Volume.Changes.Add($"Flush {file.Path}");
        return EFI_STATUS.EFI_SUCCESS;
    });
}
