using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Script;
using NetBoot.Boot.App.Settings;
using NetBoot.Boot.Options;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// Boots from the machine's own disks. Of a disk the firmware's boot options that lead to it are tried, in their order, and then the file that
/// firmware itself starts from a disk that it has no option for (UEFI 2.10, 3.5.1.1), on each volume. The application itself is never what is found.
/// </summary>
/// <param name="self">The application, and where it is from.</param>
/// <param name="images">What is started finds them on its volume, beside the files that are there.</param>
/// <param name="domain">Whose code answers when it reads them.</param>
/// <param name="terminal">Shows what is started.</param>
/// <param name="defaultFile">The file of UEFI 2.10, 3.5.1.1 for this processor.</param>
/// <param name="hooked">Disks over the network or in memory, which are not the machine's own.</param>
public sealed unsafe class LocalBoot(
    EFI_LOADED_IMAGE_PROTOCOL* self, ImageRegistry images, FaultDomain domain, Terminal terminal, string defaultFile, List<EFI_HANDLE> hooked)
{
    /// <summary>A bus below a bus below a bus: each round finds the devices on those that the last one found.</summary>
    private const int MaximumRounds = 8;

    private const int MaximumInfo = 1024;
    private const int LabelAt = 36;
    private const string NothingOnIt = "there is nothing to boot on it";

    /// <summary>Why what was there could not be started.</summary>
    private Error? _refusal;

    /// <summary>The most that a volume has had of what was asked for (<see cref="Judge"/>).</summary>
    private Match _best;

    /// <summary>Whether the disk goes when what was started ends.</summary>
    private bool _isHooked;

    /// <summary>Boots; returns when what was started has exited, or with what was wrong.</summary>
    public Error? Run(LocalBootRequest request)
    {
        ConnectStorage();
        if (request.Entry is string entry)
        {
            return RunEntry(entry);
        }

        List<EFI_HANDLE> disks = FindDisks();
        if (request.Disk is ulong number)
        {
            return RunDisk(disks, number, request);
        }

        foreach (EFI_HANDLE disk in disks)
        {
            if (TryDisk(disk, request, out Error? ended))
            {
                return ended;
            }
        }

        return NothingFound(
            request,
            disks.Count == 0 ? "there is no disk"
            : disks.Count == 1 ? "the only disk has nothing to boot"
            : TextBuilder.Format($"none of {disks.Count} disks has anything to boot"));
    }

    /// <summary>Boots from a hooked disk, whose volumes are there; as <see cref="Run"/>.</summary>
    public Error? RunHooked(EFI_HANDLE disk, LocalBootRequest request)
    {
        _isHooked = true;
        return TryDisk(disk, request, out Error? ended) ? ended : NothingFound(request, NothingOnIt);
    }

    private Error? RunDisk(List<EFI_HANDLE> disks, ulong number, LocalBootRequest request)
    {
        string name = request.Drive is ulong drive ? TextBuilder.Format($"drive 0x{drive:x2}") : TextBuilder.Format($"disk {number}");
        if (number >= (ulong)disks.Count)
        {
            string count = TextBuilder.Format($"there {(disks.Count == 1 ? "is" : "are")} {disks.Count}");
            return NotFound(request.Drive is null
                ? TextBuilder.Format($"there is no {name}: {count}")
                : TextBuilder.Format($"{name} is neither hooked (sanhook) nor a local disk: {count}"));
        }

        if (TryDisk(disks[(int)number], request, out Error? ended))
        {
            return ended;
        }

        Error error = NothingFound(request, NothingOnIt);
        return new Error(error.Status, TextBuilder.Format($"{name}: {error.Message}"));
    }

    /// <summary>Lets the firmware's drivers have all devices but NICs: on a fast start firmware connects only what it boots from.</summary>
    private static void ConnectStorage()
    {
        int known = -1;
        for (int round = 0; round < MaximumRounds; round++)
        {
            using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<EFI_DEVICE_PATH_PROTOCOL>();
            if (handles.Span.Length == known)
            {
                return;
            }

            known = handles.Span.Length;
            foreach (EFI_HANDLE handle in handles.Span)
            {
                if (!NetworkSetup.IsNetworkCard(handle) && BootOrigin.FindMac(PathOf(handle)) is null)
                {
                    Controllers.Connect(handle, default, recursive: false);
                }
            }
        }
    }

    /// <summary>
    /// Whole disks with a medium that are not hooked: those that stay in the machine first, and the one that the application is from last, with those
    /// over the network.
    /// </summary>
    private List<EFI_HANDLE> FindDisks()
    {
        List<EFI_HANDLE> disks = new();
        ReadOnlySpan<byte> own = Firmware.Has<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(self->DeviceHandle) ? PathOf(self->DeviceHandle) : default;
        using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<EFI_BLOCK_IO_PROTOCOL>();
        for (int rank = 0; rank < 3; rank++)
        {
            foreach (EFI_HANDLE handle in handles.Span)
            {
                EFI_BLOCK_IO_PROTOCOL* block = Firmware.Get<EFI_BLOCK_IO_PROTOCOL>(handle);
                ReadOnlySpan<byte> path = PathOf(handle);
                if (block == null || block->Media == null || block->Media->LogicalPartition != 0 || block->Media->MediaPresent == 0 || path.IsEmpty ||
                    hooked.Contains(handle))
                {
                    continue;
                }

                bool isLast = (!own.IsEmpty && DevicePath.StartsWith(own, path)) || BootOrigin.FindMac(path) is not null;
                int itsRank = isLast ? 2 : block->Media->RemovableMedia != 0 ? 1 : 0;
                if (itsRank == rank)
                {
                    disks.Add(handle);
                }
            }
        }

        return disks;
    }

    /// <summary>Starts the first on a disk that can be started; false when there is none.</summary>
    private bool TryDisk(EFI_HANDLE disk, LocalBootRequest request, out Error? ended)
    {
        ended = null;
        ReadOnlySpan<byte> path = PathOf(disk);
        foreach (ushort number in request.IsSelective ? [] : BootOptions.ReadOrder())
        {
            if (BootOptions.TryRead(number, out LoadOption option) && option.IsActive &&
                TryFindFile(option.Path, path, out EFI_HANDLE volume, out string file) && !IsSelf(volume, file) && TryStart(volume, file, option.Data, out ended))
            {
                return true;
            }
        }

        string wanted = FileOf(request);
        using PoolBuffer<EFI_HANDLE> volumes = Firmware.LocateHandles<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>();
        foreach (EFI_HANDLE volume in volumes.Span)
        {
            if (!DevicePath.StartsWith(PathOf(volume), path))
            {
                continue;
            }

            Match match = Judge(volume, request, wanted);
            _best = match > _best ? match : _best;
            if (match == Match.Whole && !IsSelf(volume, wanted) && TryStart(volume, wanted, default, out ended))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Starts what one of the firmware's boot options says, by its description or its number ("Boot0003", "0003").</summary>
    private Error? RunEntry(string name)
    {
        TextBuilder known = new(64, 0);
        foreach (ushort number in BootOptions.ReadOrder())
        {
            if (!BootOptions.TryRead(number, out LoadOption option))
            {
                continue;
            }

            string description = TextOf(option.Description);
            if (!ByteText.IsSamePath(name, description) && !ByteText.IsSamePath(name, TextBuilder.Format($"Boot{number:X4}")) &&
                !ByteText.IsSamePath(name, TextBuilder.Format($"{number:X4}")))
            {
                known.AppendFormatted(TextBuilder.Format($"{(known.Written.Length > 0 ? ", " : "")}{description}"));
                continue;
            }

            Error? ended;
            List<EFI_HANDLE> disks = FindDisks();
            EFI_HANDLE volume = default;
            string file = "";
            for (int i = 0; i < disks.Count && volume.IsNull; i++)
            {
                TryFindFile(option.Path, PathOf(disks[i]), out volume, out file);
            }

            if (!volume.IsNull || TryFindFile(option.Path, default, out volume, out file)) // A hooked clone of a disk comes after it.
            {
                return TryStart(volume, file, option.Data, out ended) ? ended : _refusal;
            }

            foreach (EFI_HANDLE disk in disks)
            {
                if (DevicePath.AreEqual(PathOf(disk), option.Path))
                {
                    return TryDisk(disk, new LocalBootRequest { FileName = defaultFile }, out ended) ? ended
                        : _refusal ?? NotFound(TextBuilder.Format($"{description} has nothing to boot"));
                }
            }

            return TryStart(option.Path, description, option.Data, out ended) ? ended : _refusal;
        }

        return NotFound(TextBuilder.Format($"no such boot entry: {name} (there are: {known.Written})"));
    }

    /// <summary>
    /// The volume and the file that a boot option leads to; false when there is no such file. A path may begin with the partition (UEFI 2.10,
    /// 3.1.2): that is looked for on the whole disk.
    /// </summary>
    /// <param name="path">The option's.</param>
    /// <param name="disk">The disk's; empty for any disk.</param>
    /// <param name="volume">Null when there is none.</param>
    /// <param name="file">Its path on the volume.</param>
    private static bool TryFindFile(ReadOnlySpan<byte> path, ReadOnlySpan<byte> disk, out EFI_HANDLE volume, out string file)
    {
        volume = default;
        file = BootOrigin.FilePath(path);
        if (file.Length == 0)
        {
            return false;
        }

        ReadOnlySpan<byte> partition = PartitionOf(path);
        bool isShort = partition.Length > 0 && path.StartsWith(partition);
        using PoolBuffer<EFI_HANDLE> volumes = Firmware.LocateHandles<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>();
        foreach (EFI_HANDLE each in volumes.Span)
        {
            ReadOnlySpan<byte> itsPath = PathOf(each);
            bool isIt = isShort ? IsSamePartition(PartitionOf(itsPath), partition) : itsPath.Length > 0 && DevicePath.StartsWith(path, itsPath);
            if (isIt && DevicePath.StartsWith(itsPath, disk) && HasFile(each, file))
            {
                volume = each;
                return true;
            }
        }

        return false;
    }

    /// <summary>Loads a file and starts it; false, and a refusal, when the firmware does not load it.</summary>
    private bool TryStart(EFI_HANDLE volume, string file, ReadOnlySpan<byte> data, out Error? ended) =>
        TryStart(new DevicePathBuilder().Path(PathOf(volume)).FilePath(file).ToArray(), file, data, out ended);

    private bool TryStart(ReadOnlySpan<byte> path, string what, ReadOnlySpan<byte> data, out Error? ended)
    {
        ended = null;
        EFI_DEVICE_PATH_PROTOCOL* copy = new DevicePathBuilder().Path(path).ToPool();
        EFI_HANDLE image = default;
        EFI_STATUS status = copy == null
            ? EFI_STATUS.EFI_OUT_OF_RESOURCES
            : Firmware.BootServices->LoadImage(1, Firmware.ImageHandle, copy, null, 0, &image);
        Pool.Free(copy);
        if (status.IsError)
        {
            ImageStarter.UnloadRefused(image, status);
            _refusal ??= new Error(status, TextBuilder.Format($"{what}: {ImageStarter.Explain(status)}"));
            return false;
        }

        void* options = data.IsEmpty ? null : Pool.Allocate((nuint)data.Length);
        if (options != null)
        {
            data.CopyTo(new Span<byte>(options, data.Length));
            EFI_LOADED_IMAGE_PROTOCOL* loaded = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(image);
            loaded->LoadOptions = options;
            loaded->LoadOptionsSize = (uint)data.Length;
        }

        terminal.WriteLine(TextBuilder.Format($"Booting {what}"));
        EFI_LOADED_IMAGE_PROTOCOL* started = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(image);
        ImageFolder folder = new(images, null, new Initrd(images, isForLinux: false), isSecondStage: false);
        using (ImageDisk.Install(folder, default, domain))
        using (folder.Count == 0 || started == null || started->DeviceHandle.IsNull ? null : ImageVolume.Join(folder, started->DeviceHandle, domain))
        {
            ended = ImageStarter.Run(image, what, terminal);
        }

        ImageStarter.End(image, options, _isHooked);
        return true;
    }

    /// <summary>What a volume has of what was asked for, in the order in which it is looked at.</summary>
    private enum Match
    {
        None,
        Partition,
        Label,
        ExtraFile,
        Whole,
    }

    private static Match Judge(EFI_HANDLE volume, LocalBootRequest request, string wanted) =>
        request.PartitionGuid is byte[] guid && !IsGuid(PartitionOf(PathOf(volume)), guid) ? Match.None
        : request.Label is string label && !ByteText.IsSamePath(label, LabelOf(volume)) ? Match.Partition
        : request.ExtraFileName is string extra && !HasFile(volume, WithBackslashes(extra)) ? Match.Label
        : !HasFile(volume, wanted) ? Match.ExtraFile
        : Match.Whole;

    /// <summary>Why nothing was started: what was refused, or what of the request no volume has.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="otherwise">Where nothing was chosen.</param>
    private Error NothingFound(LocalBootRequest request, string otherwise)
    {
        const string Chosen = " of those asked for";
        string such = request.Label is null && request.PartitionGuid is null ? "" : Chosen;
        string setting = request.IsFileFromSetting ? " (san-filename)" : "";
        return _refusal ?? NotFound(
            _best < Match.Partition && request.PartitionGuid is byte[] guid
                ? TextBuilder.Format($"no volume of partition {UuidText.Format(guid, true)}")
            : _best < Match.Label && request.Label is string label ? TextBuilder.Format($"no volume with label {label}")
            : _best < Match.ExtraFile && request.ExtraFileName is string extra ? TextBuilder.Format($"{WithBackslashes(extra)} is on no volume{such}")
            : _best < Match.Whole && request.IsSelective
                ? TextBuilder.Format($"{FileOf(request)}{setting} is on no volume{(request.ExtraFileName is null ? such : Chosen)}")
            : otherwise);
    }

    private string FileOf(LocalBootRequest request) => WithBackslashes(request.FileName ?? defaultFile);

    private bool IsSelf(EFI_HANDLE volume, string file) =>
        volume == self->DeviceHandle && ByteText.IsSamePath(BootOrigin.FilePath(DevicePath.Measure(self->FilePath)), file);

    private static bool HasFile(EFI_HANDLE volume, string path)
    {
        EFI_FILE_PROTOCOL* root = OpenVolume(volume);
        if (root == null)
        {
            return false;
        }

        EFI_FILE_PROTOCOL* file = null;
        char* name = Pool.CopyOf(path);
        bool isThere = name != null && !root->Open(root, &file, name, EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ, 0).IsError && file != null;
        Pool.Free(name);
        if (isThere)
        {
            file->Close(file);
        }

        root->Close(root);
        return isThere;
    }

    private static string LabelOf(EFI_HANDLE volume)
    {
        EFI_FILE_PROTOCOL* root = OpenVolume(volume);
        if (root == null)
        {
            return "";
        }

        EFI_GUID id = EFI_FILE_SYSTEM_INFO.EFI_FILE_SYSTEM_INFO_ID;
        ulong* info = stackalloc ulong[MaximumInfo / sizeof(ulong)];
        nuint size = MaximumInfo;
        EFI_STATUS status = root->GetInfo(root, &id, &size, info);
        root->Close(root);
        return status.IsError || size < LabelAt || size > MaximumInfo
            ? ""
            : TextOf(new ReadOnlySpan<byte>((byte*)info + LabelAt, (int)size - LabelAt));
    }

    private static EFI_FILE_PROTOCOL* OpenVolume(EFI_HANDLE handle)
    {
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* volume = Firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(handle);
        EFI_FILE_PROTOCOL* root = null;
        return volume == null || volume->OpenVolume(volume, &root).IsError ? null : root;
    }

    private static ReadOnlySpan<byte> PathOf(EFI_HANDLE handle) =>
        handle.IsNull ? default : DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle));

    /// <summary>A path's hard drive node (UEFI 2.10, 10.3.5.1), or nothing.</summary>
    private static ReadOnlySpan<byte> PartitionOf(ReadOnlySpan<byte> path)
    {
        foreach (DevicePathNode node in new DevicePathReader(path))
        {
            if (node.Is(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, HARDDRIVE_DEVICE_PATH.MEDIA_HARDDRIVE_DP, sizeof(HARDDRIVE_DEVICE_PATH) - 4))
            {
                return node.Bytes;
            }
        }

        return default;
    }

    /// <summary>The same number, signature and signature's kind: start and size may have changed since the option was made.</summary>
    private static bool IsSamePartition(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        !a.IsEmpty && !b.IsEmpty && a.Slice(4, 4).SequenceEqual(b.Slice(4, 4)) && a.Slice(24, 18).SequenceEqual(b.Slice(24, 18));

    private static bool IsGuid(ReadOnlySpan<byte> partition, ReadOnlySpan<byte> guid)
    {
        const byte GuidSignature = 2;
        return !partition.IsEmpty && partition[41] == GuidSignature && partition.Slice(24, 16).SequenceEqual(guid);
    }

    /// <summary>UCS-2 as a byte string, up to a zero.</summary>
    private static string TextOf(ReadOnlySpan<byte> characters)
    {
        TextBuilder text = new(64, 0);
        for (int i = 0; i + 1 < characters.Length; i += sizeof(char))
        {
            char c = (char)BinaryPrimitives.ReadUInt16LittleEndian(characters.Slice(i));
            if (c == '\0')
            {
                break;
            }

            text.Append(c);
        }

        return text.ToString();
    }

    internal static string WithBackslashes(string path)
    {
        char[] characters = path.ToCharArray();
        for (int i = 0; i < characters.Length; i++)
        {
            characters[i] = characters[i] == '/' ? '\\' : characters[i];
        }

        return new string(characters);
    }

    private static Error NotFound(string what) => new(EFI_STATUS.EFI_NOT_FOUND, what);
}
