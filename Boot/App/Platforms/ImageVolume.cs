using System;
using System.Runtime.InteropServices;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// Shows an <see cref="ImageFolder"/> to what is started: EFI_SIMPLE_FILE_SYSTEM_PROTOCOL on the device that it is told to come from, read-only, with one
/// directory (UEFI 2.10, 13.4 and 13.5). wimboot, shim, and kernels with "initrd=" in their arguments read what they need from it. Is there while the
/// image runs. Where the device has a volume already, that of another loader, it has that again afterwards.
/// </summary>
public sealed unsafe class ImageVolume : IDisposable
{
    private const int Root = -1;

    /// <summary>In characters; the longest that a file path node can have.</summary>
    private const int MaximumPath = 0x7FFF;

    private const string Label = "NetBoot";

    private readonly ImageFolder _folder;
    private readonly FaultDomain _domain;
    private ProtocolInstance<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>* _protocol;

    /// <summary>Of a handle of our own.</summary>
    private EFI_DEVICE_PATH_PROTOCOL* _path;

    /// <summary>What the handle had before.</summary>
    private EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* _other;

    /// <summary>What was opened and not closed.</summary>
    private OpenFile* _first;

    private ImageVolume(ImageFolder folder, FaultDomain domain)
    {
        _folder = folder;
        _domain = domain;
    }

    /// <summary>Where it is.</summary>
    public EFI_HANDLE Handle { get; private set; }

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

    /// <summary>Takes the protocol away, and closes what is open.</summary>
    public void Dispose()
    {
        if (!Handle.IsNull)
        {
            EFI_HANDLE handle = Handle;
            Firmware.Uninstall(handle, &_protocol->Protocol);
            if (_other != null)
            {
                Firmware.Install(ref handle, _other);
            }
            else if (_path != null)
            {
                Firmware.Uninstall(handle, _path);
            }
        }

        while (_first != null)
        {
            Close(_first);
        }

        if (_protocol != null && _protocol->Owner.Value != 0)
        {
            _protocol->Owner.Free();
        }

        Pool.Free(_protocol);
        Pool.Free(_path);
        _protocol = null;
        _path = null;
        _other = null;
        Handle = default;
    }

    private EFI_STATUS InstallOn(EFI_HANDLE device)
    {
        _protocol->Protocol.Revision = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL.EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_REVISION;
        _protocol->Protocol.OpenVolume = &OpenVolume;
        _protocol->Owner = ObjectReference.To(this);
        EFI_HANDLE handle = device;
        EFI_STATUS status = _path == null ? EFI_STATUS.EFI_SUCCESS : Firmware.Install(ref handle, _path);
        _other = _path == null ? Firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(handle) : null;
        if (_other != null)
        {
            status = Firmware.Uninstall(handle, _other); // Not reinstalled: that would connect the firmware's drivers to the device.
            _other = status.IsError ? null : _other;
        }

        if (status.IsError)
        {
            return status;
        }

        status = Firmware.Install(ref handle, &_protocol->Protocol);
        if (!status.IsError)
        {
            Handle = handle;
        }
        else if (_other != null)
        {
            Firmware.Install(ref handle, _other);
        }
        else if (_path != null)
        {
            Firmware.Uninstall(handle, _path);
        }

        return status;
    }

    /// <summary>An open file or directory, in pool memory.</summary>
    private struct OpenFile
    {
        /// <summary>First, so that its address is the structure's.</summary>
        public ProtocolInstance<EFI_FILE_PROTOCOL> Instance;

        /// <summary>Of the folder; or <see cref="Root"/>.</summary>
        public int Index;

        /// <summary>In bytes; in the directory the index of the next file.</summary>
        public ulong Position;

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
        public EFI_GUID Type;
        public nuint* Size;
        public void* Buffer;
    }

    private EFI_STATUS Open(int index, EFI_FILE_PROTOCOL** result)
    {
        OpenFile* file = Pool.Allocate<OpenFile>();
        if (file == null)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

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
        file->Instance.Owner = _protocol->Owner;
        file->Index = index;
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

        Pool.Free(file);
    }

    /// <summary>EFI_SIMPLE_FILE_SYSTEM_PROTOCOL.OpenVolume (UEFI 2.10, 13.4.2).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS OpenVolume(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* self, EFI_FILE_PROTOCOL** root)
    {
        if (self == null || root == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Call call = new() { Volume = ProtocolInstance<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>.OwnerOf<ImageVolume>(self), NewFile = root };
        return FirmwareEntry.Run(call.Volume._domain, EFI_TPL.TPL_CALLBACK, ref call, &OpenRoot);
    }

    private static EFI_STATUS OpenRoot(ref Call call) => call.Volume.Open(Root, call.NewFile);

    /// <summary>EFI_FILE_PROTOCOL.Open (UEFI 2.10, 13.5.2).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Open(EFI_FILE_PROTOCOL* self, EFI_FILE_PROTOCOL** newFile, char* path, ulong mode, ulong attributes)
    {
        if (self == null || newFile == null || path == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (mode != EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ)
        {
            ulong others = mode & ~(EFI_FILE_PROTOCOL.EFI_FILE_MODE_CREATE | EFI_FILE_PROTOCOL.EFI_FILE_MODE_WRITE);
            return others == EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ ? EFI_STATUS.EFI_WRITE_PROTECTED : EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        int length = 0;
        while (path[length] != '\0')
        {
            if (++length > MaximumPath)
            {
                return EFI_STATUS.EFI_INVALID_PARAMETER;
            }
        }

        Call call = new() { NewFile = newFile, Path = new ReadOnlySpan<char>(path, length) };
        return Enter(self, ref call, &OpenPath);
    }

    private static EFI_STATUS OpenPath(ref Call call)
    {
        ReadOnlySpan<char> path = call.Path;
        bool isAbsolute = path.Length > 0 && IsSeparator(path[0]);
        if (!isAbsolute && call.File->Index != Root)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        while (path.Length > 0 && (IsSeparator(path[0]) || (path[0] == '.' && (path.Length == 1 || IsSeparator(path[1])))))
        {
            path = path.Slice(1);
        }

        int index = path.Length == 0 ? Root : call.Volume._folder.IndexOf(path);
        return path.Length > 0 && index < 0 ? EFI_STATUS.EFI_NOT_FOUND : call.Volume.Open(index, call.NewFile);
    }

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
        if (file->Index == Root)
        {
            int next = (int)file->Position;
            while (next < folder.Count && !folder[next].IsListed)
            {
                next++;
            }

            if (next == folder.Count)
            {
                *call.Size = 0;
                return EFI_STATUS.EFI_SUCCESS;
            }

            EFI_STATUS status = Describe(folder, next, ref call);
            file->Position = status.IsError ? file->Position : (ulong)next + 1;
            return status;
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
        if (file->Index == Root)
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
        if (file->Index == Root && position != 0)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        file->Position = position;
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
        if (call.Type == EFI_FILE_INFO.EFI_FILE_INFO_ID)
        {
            return Describe(folder, call.File->Index, ref call);
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

    /// <summary>EFI_FILE_PROTOCOL.SetInfo (UEFI 2.10, 13.5.14).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS SetInfo(EFI_FILE_PROTOCOL* self, EFI_GUID* type, nuint size, void* buffer) => EFI_STATUS.EFI_WRITE_PROTECTED;

    /// <summary>EFI_FILE_PROTOCOL.Flush (UEFI 2.10, 13.5.15).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Flush(EFI_FILE_PROTOCOL* self) => EFI_STATUS.EFI_WRITE_PROTECTED;

    /// <summary>At TPL_CALLBACK, which is the highest that a file system is called at: no other call comes between.</summary>
    private static EFI_STATUS Enter(EFI_FILE_PROTOCOL* self, ref Call call, delegate*<ref Call, EFI_STATUS> body)
    {
        call.File = (OpenFile*)self;
        call.Volume = ProtocolInstance<EFI_FILE_PROTOCOL>.OwnerOf<ImageVolume>(self);
        return FirmwareEntry.Run(call.Volume._domain, EFI_TPL.TPL_CALLBACK, ref call, body);
    }

    /// <summary>Gives EFI_FILE_INFO of a file, or of the root.</summary>
    private static EFI_STATUS Describe(ImageFolder folder, int index, ref Call call)
    {
        EFI_FILE_INFO info = new() { Attribute = EFI_FILE_PROTOCOL.EFI_FILE_READ_ONLY };
        ReadOnlySpan<char> name = "";
        if (index == Root)
        {
            info.Attribute |= EFI_FILE_PROTOCOL.EFI_FILE_DIRECTORY;
        }
        else
        {
            name = folder[index].Name;
            info.FileSize = folder[index].Length;
            info.PhysicalSize = info.FileSize;
        }

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
