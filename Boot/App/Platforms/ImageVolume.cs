using System;
using System.Runtime.InteropServices;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// Shows an <see cref="ImageFolder"/> to what is started: EFI_SIMPLE_FILE_SYSTEM_PROTOCOL on the device that it is told to come from, read-only
/// (UEFI 2.10, 13.4 and 13.5). wimboot, shim, and kernels with "initrd=" in their arguments read what they need from it. Is there while the
/// image runs. Where the device has a volume already, that of another loader, it has that again afterwards. On a disk's volume the images stand
/// beside the files that are there, and before those of the same name: what is the disk's own is its driver's to read and to write.
/// </summary>
public sealed unsafe class ImageVolume : IDisposable
{
    /// <summary>In characters. No file of ours has a longer path, and none that a boot loader reads.</summary>
    private const int MaximumPath = 1024;

    private const string Label = "NetBoot";
    private const ulong ReadWrite = EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ | EFI_FILE_PROTOCOL.EFI_FILE_MODE_WRITE;

    /// <summary>What is joined with a disk's volume, whose own structure a caller of it gives.</summary>
    private static ImageVolume? s_joined;

    private readonly ImageFolder _folder;
    private readonly FaultDomain _domain;
    private readonly ProtocolSet _protocols = new(2);
    private ProtocolInstance<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>* _protocol;

    private ObjectReference _owner;

    /// <summary>Of a handle of our own.</summary>
    private EFI_DEVICE_PATH_PROTOCOL* _path;

    /// <summary>What the handle had before.</summary>
    private EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* _other;

    /// <summary>The member of <see cref="_other"/> that ours stands in for, on a disk.</summary>
    private delegate* unmanaged<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL*, EFI_FILE_PROTOCOL**, EFI_STATUS> _openOther;

    /// <summary>What was opened and not closed.</summary>
    private OpenFile* _first;

    private ImageVolume(ImageFolder folder, FaultDomain domain)
    {
        _folder = folder;
        _domain = domain;
    }

    /// <summary>Where it is.</summary>
    public EFI_HANDLE Handle { get; private set; }

    /// <summary>Whether the disk's driver still drives it.</summary>
    private bool IsOtherThere => _openOther != null && Firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(Handle) == _other;

    /// <summary>Installs the protocol; null with an error when that fails, with nothing left.</summary>
    /// <param name="folder">What is on it.</param>
    /// <param name="device">Where; null for a new handle.</param>
    /// <param name="path">The device path of a new handle, from the pool; the volume's from then on. Null with a device.</param>
    /// <param name="domain">Whose code answers.</param>
    /// <param name="status">Why not.</param>
    public static ImageVolume? Install(ImageFolder folder, EFI_HANDLE device, EFI_DEVICE_PATH_PROTOCOL* path, FaultDomain domain, out EFI_STATUS status)
    {
        ImageVolume volume = new(folder, domain) { _path = path, _protocol = Pool.Allocate<ProtocolInstance<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>>() };
        status = volume._protocol == null || (device.IsNull && path == null) ? EFI_STATUS.EFI_OUT_OF_RESOURCES : volume.InstallOn(device);
        if (status.IsError)
        {
            volume.Dispose();
            return null;
        }

        return volume;
    }

    /// <summary>
    /// Puts the images beside the files of a disk's volume; null when there is none. One volume at a time. The interface stays the driver's own, but
    /// for the member that opens it: a driver that is stopped meanwhile looks for what it installed.
    /// </summary>
    /// <param name="folder">What is put there.</param>
    /// <param name="volume">Has the protocol.</param>
    /// <param name="domain">Whose code answers.</param>
    public static ImageVolume? Join(ImageFolder folder, EFI_HANDLE volume, FaultDomain domain)
    {
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* other = Firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(volume);
        if (other == null)
        {
            return null;
        }

        ImageVolume joined = new(folder, domain) { _other = other, _openOther = other->OpenVolume, Handle = volume };
        joined._owner = ObjectReference.To(joined);
        s_joined = joined;
        other->OpenVolume = &OpenJoined;
        return joined;
    }

    /// <summary>
    /// Takes the protocol away, and closes what is open. Where a driver of the firmware's does not let go, both stay and answer with errors.
    /// </summary>
    public void Dispose()
    {
        bool isStuck = false;
        if (_openOther != null)
        {
            if (IsOtherThere)
            {
                _other->OpenVolume = _openOther;
            }

            for (OpenFile* file = _first; file != null && !IsOtherThere; file = file->Next)
            {
                file->Other = null; // Its driver has taken that with it.
            }

            s_joined = null;
        }
        else if (!Handle.IsNull)
        {
            isStuck = _protocols.Uninstall().IsError;
            if (_other != null && !isStuck)
            {
                EFI_HANDLE handle = Handle;
                Firmware.Install(ref handle, _other);
            }
        }

        while (_first != null && !isStuck)
        {
            Close(_first);
        }

        for (OpenFile* file = _first; file != null; file = file->Next)
        {
            file->Instance.Owner = default;
        }

        if (_owner.Value != 0)
        {
            _owner.Free();
        }

        if (isStuck)
        {
            _protocol->Owner = default;
        }
        else
        {
            Pool.Free(_protocol);
            Pool.Free(_path);
        }

        _first = null;
        _protocol = null;
        _path = null;
        _other = null;
        _openOther = null;
        _owner = default;
        Handle = default;
    }

    private EFI_STATUS InstallOn(EFI_HANDLE device)
    {
        _protocol->Protocol.Revision = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL.EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_REVISION;
        _protocol->Protocol.OpenVolume = &OpenVolume;
        _owner = ObjectReference.To(this);
        _protocol->Owner = _owner;
        EFI_HANDLE handle = device;
        EFI_STATUS status = EFI_STATUS.EFI_SUCCESS;
        if (_path != null)
        {
            _protocols.Add(_path);
        }
        else
        {
            _other = Firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(handle);
        }

        if (_other != null)
        {
            status = Firmware.Uninstall(handle, _other); // Not reinstalled: that would connect the firmware's drivers to the device.
            _other = status.IsError ? null : _other;
        }

        if (status.IsError)
        {
            return status;
        }

        _protocols.Add(&_protocol->Protocol);
        status = _protocols.Install(handle);
        if (!status.IsError)
        {
            Handle = _protocols.Handle;
        }
        else if (_other != null)
        {
            Firmware.Install(ref handle, _other);
        }

        return status;
    }

    /// <summary>An open file or directory, in pool memory.</summary>
    private struct OpenFile
    {
        /// <summary>First, so that its address is the structure's.</summary>
        public ProtocolInstance<EFI_FILE_PROTOCOL> Instance;

        /// <summary>Of the folder; of a directory that of a file below it.</summary>
        public int Index;

        public bool IsDirectory;

        /// <summary>How much of the file's name is the directory's; 0 for the root.</summary>
        public int Prefix;

        /// <summary>In bytes; in a directory the index of the next file.</summary>
        public ulong Position;

        /// <summary>The disk's directory of this path; or null.</summary>
        public EFI_FILE_PROTOCOL* Other;

        public OpenFile* Previous;
        public OpenFile* Next;
    }

    /// <summary>What the protocols' members are called with.</summary>
    private ref struct Call
    {
        public ImageVolume Volume;
        public OpenFile* File;
        public EFI_FILE_PROTOCOL** NewFile;
        public ReadOnlySpan<char> Path;
        public ulong Mode;
        public ulong Attributes;
        public EFI_GUID Type;
        public nuint* Size;
        public void* Buffer;
    }

    /// <param name="kind">What the structure that is made has of its own; its <see cref="OpenFile.Other"/> is closed when none is made.</param>
    /// <param name="result">Receives it.</param>
    private EFI_STATUS Open(OpenFile kind, EFI_FILE_PROTOCOL** result)
    {
        OpenFile* file = Pool.Allocate<OpenFile>();
        if (file == null)
        {
            CloseOther(kind.Other);
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        *file = kind;

        EFI_FILE_PROTOCOL* protocol = &file->Instance.Protocol;
        protocol->Revision = EFI_FILE_PROTOCOL.EFI_FILE_PROTOCOL_REVISION;
        protocol->Open = &Open;
        protocol->Close = &Close;
        protocol->Delete = &Delete;
        protocol->Read = &Read;
        protocol->Write = &Write;
        protocol->GetPosition = &GetPosition;
        protocol->SetPosition = &SetPosition;
        protocol->GetInfo = &GetInfo;
        protocol->SetInfo = &SetInfo;
        protocol->Flush = &Flush;
        file->Instance.Owner = _owner;
        file->Next = _first;
        if (_first != null)
        {
            _first->Previous = file;
        }

        _first = file;
        *result = protocol;
        return EFI_STATUS.EFI_SUCCESS;
    }

    private void Close(OpenFile* file)
    {
        if (file->Previous != null)
        {
            file->Previous->Next = file->Next;
        }
        else
        {
            _first = file->Next;
        }

        if (file->Next != null)
        {
            file->Next->Previous = file->Previous;
        }

        CloseOther(file->Other);
        Pool.Free(file);
    }

    private static void CloseOther(EFI_FILE_PROTOCOL* other)
    {
        if (other != null)
        {
            other->Close(other);
        }
    }

    /// <summary>Opens the root of the disk's own volume.</summary>
    private EFI_STATUS OpenOtherRoot(EFI_FILE_PROTOCOL** root)
    {
        *root = null;
        EFI_STATUS status = !IsOtherThere ? EFI_STATUS.EFI_NOT_FOUND : _openOther(_other, root);
        return status.IsError || *root != null ? status : EFI_STATUS.EFI_DEVICE_ERROR;
    }

    /// <summary>Opens what is the disk's own, by its path from the root.</summary>
    private EFI_STATUS OpenOther(ReadOnlySpan<char> path, ulong mode, ulong attributes, EFI_FILE_PROTOCOL** result)
    {
        EFI_FILE_PROTOCOL* root;
        EFI_STATUS status = OpenOtherRoot(&root);
        if (!status.IsError)
        {
            fixed (char* name = path)
            {
                status = root->Open(root, result, name, mode, attributes);
            }

            root->Close(root);
        }

        return status;
    }

    /// <summary>EFI_SIMPLE_FILE_SYSTEM_PROTOCOL.OpenVolume (UEFI 2.10, 13.4.2).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS OpenVolume(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* self, EFI_FILE_PROTOCOL** root)
    {
        if (self == null || root == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        ObjectReference owner = ((ProtocolInstance<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>*)self)->Owner;
        if (owner.Value == 0)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        Call call = new() { Volume = owner.Get<ImageVolume>(), NewFile = root };
        return FirmwareEntry.Run(call.Volume._domain, EFI_TPL.TPL_CALLBACK, ref call, &OpenRoot);
    }

    /// <summary>The same of a disk's volume.</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS OpenJoined(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* self, EFI_FILE_PROTOCOL** root)
    {
        if (root == null || s_joined is not ImageVolume joined || self != joined._other)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Call call = new() { Volume = joined, NewFile = root };
        return FirmwareEntry.Run(joined._domain, EFI_TPL.TPL_CALLBACK, ref call, &OpenRoot);
    }

    private static EFI_STATUS OpenRoot(ref Call call)
    {
        EFI_FILE_PROTOCOL* other = null;
        EFI_STATUS status = call.Volume._openOther == null ? EFI_STATUS.EFI_SUCCESS : call.Volume.OpenOtherRoot(&other);
        return status.IsError ? status : call.Volume.Open(new OpenFile { IsDirectory = true, Other = other }, call.NewFile);
    }

    /// <summary>EFI_FILE_PROTOCOL.Open (UEFI 2.10, 13.5.2).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Open(EFI_FILE_PROTOCOL* self, EFI_FILE_PROTOCOL** newFile, char* path, ulong mode, ulong attributes)
    {
        if (self == null || newFile == null || path == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (mode is not (EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ or ReadWrite or (EFI_FILE_PROTOCOL.EFI_FILE_MODE_CREATE | ReadWrite)))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        int length = 0;
        while (path[length] != '\0')
        {
            if (++length > MaximumPath)
            {
                return EFI_STATUS.EFI_NOT_FOUND;
            }
        }

        Call call = new() { NewFile = newFile, Path = new ReadOnlySpan<char>(path, length), Mode = mode, Attributes = attributes };
        return Enter(self, ref call, &OpenPath);
    }

    private static EFI_STATUS OpenPath(ref Call call)
    {
        ImageFolder folder = call.Volume._folder;
        Span<char> whole = stackalloc char[2 * MaximumPath + 3]; // A directory's path, and one from there.
        int length = Resolve(ref call, whole);
        if (length < 0)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        // A separator before it and a zero behind it are for the disk's own driver.
        ReadOnlySpan<char> path = whole.Slice(1, length);
        bool isName = call.Path.Length > 0 && !IsSeparator(call.Path[call.Path.Length - 1]);
        OpenFile kind = default;
        kind.Index = isName && length > 0 ? folder.IndexOf(path) : -1;
        if (kind.Index < 0)
        {
            kind.Index = length == 0 ? 0 : folder.FindDirectory(path, out kind.Prefix);
            kind.IsDirectory = kind.Index >= 0;
        }

        if (kind.Index < 0)
        {
            bool isWritten = call.Mode != EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ && call.Volume._openOther == null;
            return isWritten
                ? EFI_STATUS.EFI_WRITE_PROTECTED
                : call.Volume.OpenOther(whole.Slice(0, length + 2), call.Mode, call.Attributes, call.NewFile);
        }

        EFI_FILE_PROTOCOL* other = null;
        ulong mode = call.Mode & ReadWrite; // It is there.
        if (kind.IsDirectory && !call.Volume.OpenOther(whole.Slice(0, length + 2), mode, 0, &other).IsError && !IsDirectory(other))
        {
            CloseOther(other);
            other = null;
        }

        kind.Other = other;
        return mode == ReadWrite && other == null ? EFI_STATUS.EFI_WRITE_PROTECTED : call.Volume.Open(kind, call.NewFile);
    }

    /// <summary>
    /// Writes a path from the root, without "." and "..", with a separator before each name and a zero behind the last; the length without the
    /// first separator, or -1 where it leads out of the volume or into a file.
    /// </summary>
    private static int Resolve(ref Call call, scoped Span<char> whole)
    {
        int length = 0;
        ReadOnlySpan<char> path = call.Path;
        if (path.Length == 0 || !IsSeparator(path[0]))
        {
            if (!call.File->IsDirectory)
            {
                return -1;
            }

            ReadOnlySpan<char> directory = call.Volume.NameOf(call.File);
            for (int at = 0; at < directory.Length - 1;)
            {
                if (length == MaximumPath)
                {
                    return -1;
                }

                char next = ByteText.NextUcs2(directory, ref at);
                whole[++length] = IsSeparator(next) ? '\\' : next;
            }
        }

        for (int at = 0; at < path.Length;)
        {
            int end = at;
            while (end < path.Length && !IsSeparator(path[end]))
            {
                end++;
            }

            ReadOnlySpan<char> name = path.Slice(at, end - at);
            at = end + 1;
            if (name.Length == 2 && name[0] == '.' && name[1] == '.')
            {
                if (length == 0)
                {
                    return -1;
                }

                while (length > 0 && whole[length] != '\\')
                {
                    length--;
                }

                length = Math.Max(0, length - 1);
            }
            else if (name.Length > 0 && !(name.Length == 1 && name[0] == '.'))
            {
                if (length > 0)
                {
                    whole[++length] = '\\';
                }

                name.CopyTo(whole.Slice(length + 1));
                length += name.Length;
            }
        }

        whole[0] = '\\';
        whole[length + 1] = '\0';
        return length;
    }

    private static bool IsDirectory(EFI_FILE_PROTOCOL* file)
    {
        const int Room = EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO + 256 * sizeof(char);
        ulong* info = stackalloc ulong[Room / sizeof(ulong)];
        nuint size = Room;
        EFI_GUID id = EFI_FILE_INFO.EFI_FILE_INFO_ID;
        return !file->GetInfo(file, &id, &size, info).IsError && (((EFI_FILE_INFO*)info)->Attribute & EFI_FILE_PROTOCOL.EFI_FILE_DIRECTORY) != 0;
    }

    /// <summary>The beginning of the names below a directory.</summary>
    private ReadOnlySpan<char> NameOf(OpenFile* directory) =>
        directory->Prefix == 0 ? default : _folder[directory->Index].Name.AsSpan(0, directory->Prefix);

    /// <summary>EFI_FILE_PROTOCOL.Close (UEFI 2.10, 13.5.3).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Close(EFI_FILE_PROTOCOL* self)
    {
        Call call = default;
        return self == null ? EFI_STATUS.EFI_INVALID_PARAMETER : Enter(self, ref call, &CloseFile);
    }

    private static EFI_STATUS CloseFile(ref Call call)
    {
        call.Volume.Close(call.File);
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>EFI_FILE_PROTOCOL.Delete (UEFI 2.10, 13.5.4).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Delete(EFI_FILE_PROTOCOL* self)
    {
        Call call = default;
        EFI_STATUS status = self == null ? EFI_STATUS.EFI_INVALID_PARAMETER : Enter(self, ref call, &CloseFile);
        return status.IsError ? status : EFI_STATUS.EFI_WARN_DELETE_FAILURE;
    }

    /// <summary>EFI_FILE_PROTOCOL.Read (UEFI 2.10, 13.5.5).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Read(EFI_FILE_PROTOCOL* self, nuint* size, void* buffer)
    {
        if (self == null || size == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Call call = new() { Size = size, Buffer = buffer };
        return Enter(self, ref call, &ReadFile);
    }

    private static EFI_STATUS ReadFile(ref Call call)
    {
        OpenFile* file = call.File;
        ImageFolder folder = call.Volume._folder;
        if (file->IsDirectory)
        {
            return ReadDirectory(ref call);
        }

        ulong length = folder[file->Index].Length;
        if (file->Position > length)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        ulong count = Math.Min(*call.Size, length - file->Position);
        if (call.Buffer == null && count > 0)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        folder[file->Index].Read(file->Position, (byte*)call.Buffer, count);
        file->Position += count;
        *call.Size = (nuint)count;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>Ours first, and then what the disk has and ours do not hide.</summary>
    private static EFI_STATUS ReadDirectory(ref Call call)
    {
        OpenFile* file = call.File;
        ImageFolder folder = call.Volume._folder;
        ReadOnlySpan<char> directory = call.Volume.NameOf(file);
        EFI_STATUS status;
        for (int next = (int)file->Position; next < folder.Count; next++)
        {
            if (folder.TryList(directory, next, out ReadOnlySpan<char> name, out bool isDirectory))
            {
                status = Describe(name, isDirectory, isDirectory ? 0 : folder[next].Length, ref call);
                file->Position = status.IsError ? file->Position : (ulong)next + 1;
                return status;
            }
        }

        file->Position = (ulong)folder.Count;
        nuint room = *call.Size;
        do
        {
            *call.Size = file->Other == null ? 0 : room;
            status = file->Other == null ? EFI_STATUS.EFI_SUCCESS : file->Other->Read(file->Other, call.Size, call.Buffer);
        }
        while (!status.IsError && *call.Size > EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO && *call.Size <= room &&
            folder.Lists(directory, NameIn(ref call)));

        return status;
    }

    /// <summary>The name in the EFI_FILE_INFO that a disk's driver has given.</summary>
    private static ReadOnlySpan<char> NameIn(ref Call call)
    {
        char* name = (char*)((byte*)call.Buffer + EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO);
        int room = (int)((*call.Size - EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO) / sizeof(char));
        int length = 0;
        while (length < room && name[length] != '\0')
        {
            length++;
        }

        return new ReadOnlySpan<char>(name, length);
    }

    /// <summary>EFI_FILE_PROTOCOL.Write (UEFI 2.10, 13.5.6).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Write(EFI_FILE_PROTOCOL* self, nuint* size, void* buffer) => EFI_STATUS.EFI_WRITE_PROTECTED;

    /// <summary>EFI_FILE_PROTOCOL.GetPosition (UEFI 2.10, 13.5.12).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS GetPosition(EFI_FILE_PROTOCOL* self, ulong* position)
    {
        if (self == null || position == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        OpenFile* file = (OpenFile*)self;
        if (file->IsDirectory)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        *position = file->Position;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>EFI_FILE_PROTOCOL.SetPosition (UEFI 2.10, 13.5.11).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS SetPosition(EFI_FILE_PROTOCOL* self, ulong position)
    {
        if (self == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        OpenFile* file = (OpenFile*)self;
        if (file->IsDirectory && position != 0)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        file->Position = position;
        if (file->Other != null)
        {
            return file->Other->SetPosition(file->Other, 0);
        }

        Call call = default;
        return position == ulong.MaxValue ? Enter(self, ref call, &GoToEnd) : EFI_STATUS.EFI_SUCCESS;
    }

    private static EFI_STATUS GoToEnd(ref Call call)
    {
        call.File->Position = call.Volume._folder[call.File->Index].Length;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>EFI_FILE_PROTOCOL.GetInfo (UEFI 2.10, 13.5.13).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS GetInfo(EFI_FILE_PROTOCOL* self, EFI_GUID* type, nuint* size, void* buffer)
    {
        if (self == null || type == null || size == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Call call = new() { Type = *type, Size = size, Buffer = buffer };
        return Enter(self, ref call, &Tell);
    }

    private static EFI_STATUS Tell(ref Call call)
    {
        ImageFolder folder = call.Volume._folder;
        OpenFile* file = call.File;
        if (file->Other != null)
        {
            EFI_GUID type = call.Type;
            return file->Other->GetInfo(file->Other, &type, call.Size, call.Buffer);
        }

        if (call.Type == EFI_FILE_INFO.EFI_FILE_INFO_ID)
        {
            ReadOnlySpan<char> name = file->IsDirectory ? call.Volume.NameOf(file) : folder[file->Index].Name;
            name = file->IsDirectory && name.Length > 0 ? name.Slice(0, name.Length - 1) : name;
            int at = name.Length;
            while (at > 0 && !IsSeparator(name[at - 1]))
            {
                at--;
            }

            return Describe(name.Slice(at), file->IsDirectory, file->IsDirectory ? 0 : folder[file->Index].Length, ref call);
        }

        if (call.Type == EFI_FILE_SYSTEM_INFO.EFI_FILE_SYSTEM_VOLUME_LABEL_ID)
        {
            return Put(default, Label, ref call);
        }

        if (call.Type != EFI_FILE_SYSTEM_INFO.EFI_FILE_SYSTEM_INFO_ID)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        EFI_FILE_SYSTEM_INFO info = new() { ReadOnly = 1, BlockSize = 1 };
        for (int i = 0; i < folder.Count; i++)
        {
            info.VolumeSize += folder[i].IsListed ? folder[i].Length : 0;
        }

        info.Size = EFI_FILE_SYSTEM_INFO.SIZE_OF_EFI_FILE_SYSTEM_INFO + ((ulong)Label.Length + 1) * sizeof(char);
        return Put(new ReadOnlySpan<byte>(&info, EFI_FILE_SYSTEM_INFO.SIZE_OF_EFI_FILE_SYSTEM_INFO), Label, ref call);
    }

    /// <summary>EFI_FILE_PROTOCOL.SetInfo (UEFI 2.10, 13.5.14): of what is the disk's own too.</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS SetInfo(EFI_FILE_PROTOCOL* self, EFI_GUID* type, nuint size, void* buffer)
    {
        if (self == null || type == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Call call = new() { Type = *type, Size = &size, Buffer = buffer };
        return Enter(self, ref call, &Change);
    }

    private static EFI_STATUS Change(ref Call call)
    {
        EFI_FILE_PROTOCOL* other = call.File->Other;
        EFI_GUID type = call.Type;
        return other == null ? EFI_STATUS.EFI_WRITE_PROTECTED : other->SetInfo(other, &type, *call.Size, call.Buffer);
    }

    /// <summary>EFI_FILE_PROTOCOL.Flush (UEFI 2.10, 13.5.15): of what is the disk's own too.</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Flush(EFI_FILE_PROTOCOL* self)
    {
        Call call = default;
        return self == null ? EFI_STATUS.EFI_INVALID_PARAMETER : Enter(self, ref call, &FlushOther);
    }

    private static EFI_STATUS FlushOther(ref Call call)
    {
        EFI_FILE_PROTOCOL* other = call.File->Other;
        return other == null ? EFI_STATUS.EFI_WRITE_PROTECTED : other->Flush(other);
    }

    /// <summary>At TPL_CALLBACK, which is the highest that a file system is called at: no other call comes between.</summary>
    private static EFI_STATUS Enter(EFI_FILE_PROTOCOL* self, ref Call call, delegate*<ref Call, EFI_STATUS> body)
    {
        call.File = (OpenFile*)self;
        if (call.File->Instance.Owner.Value == 0)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        call.Volume = call.File->Instance.Owner.Get<ImageVolume>();
        return FirmwareEntry.Run(call.Volume._domain, EFI_TPL.TPL_CALLBACK, ref call, body);
    }

    /// <summary>Gives EFI_FILE_INFO.</summary>
    private static EFI_STATUS Describe(ReadOnlySpan<char> name, bool isDirectory, ulong length, ref Call call)
    {
        EFI_FILE_INFO info = new() { Attribute = EFI_FILE_PROTOCOL.EFI_FILE_READ_ONLY, FileSize = length, PhysicalSize = length };
        info.Attribute |= isDirectory ? EFI_FILE_PROTOCOL.EFI_FILE_DIRECTORY : 0;
        info.Size = EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO + ((ulong)LengthInUcs2(name) + 1) * sizeof(char);
        return Put(new ReadOnlySpan<byte>(&info, EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO), name, ref call);
    }

    /// <summary>Gives a structure and the text behind it, or says how large both are.</summary>
    private static EFI_STATUS Put(ReadOnlySpan<byte> structure, ReadOnlySpan<char> text, ref Call call)
    {
        nuint room = *call.Size;
        *call.Size = (nuint)(structure.Length + (LengthInUcs2(text) + 1) * sizeof(char));
        if (call.Buffer == null || room < *call.Size)
        {
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        structure.CopyTo(new Span<byte>(call.Buffer, structure.Length));
        char* character = (char*)((byte*)call.Buffer + structure.Length);
        for (int at = 0; at < text.Length;)
        {
            *character++ = ByteText.NextUcs2(text, ref at);
        }

        *character = '\0';
        return EFI_STATUS.EFI_SUCCESS;
    }

    private static int LengthInUcs2(ReadOnlySpan<char> text)
    {
        int length = 0;
        for (int at = 0; at < text.Length; length++)
        {
            ByteText.NextUcs2(text, ref at);
        }

        return length;
    }

    private static bool IsSeparator(char c) => c is '\\' or '/';
}
