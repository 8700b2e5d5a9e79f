using System;
using System.Collections.Generic;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Protocols.Iscsi;
using NetBoot.NetworkStack.Protocols.San;
using NetBoot.NetworkStack.Streams.Tls;
using NetBoot.NetworkStack.Trust;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>The disks over the network that are hooked. Their interfaces stay the application's while an image runs.</summary>
public sealed class SanDrives(Session session) : IDisposable
{
    /// <summary>As scripts say it.</summary>
    public const ulong First = 0x80;

    private const int Maximum = 8;

    /// <summary>Besides the disk's own cache; in bytes.</summary>
    private const int Room = 64 * 1024;

    private const int UsualRetries = IscsiInitiator.DefaultRetries;

    /// <summary>A server that says nothing for so long is asked again, in microseconds.</summary>
    private const ulong Patience = 5_000_000;

    private const ulong MaximumRetries = 1000;

    /// <summary>To one disk by iSCSI.</summary>
    private const int MaximumPaths = 8;

    private readonly List<SanDrive> _drives = new(Maximum);
    private readonly SanEventLoop _loop = new(session.EventLoop, session.Network);
    private nuint _table; // Of ACPI: its key.
    private bool _isDescribing; // It is there.

    /// <summary>How many are hooked.</summary>
    public int Count => _drives.Count;

    public SanDrive this[int index] => _drives[index];

    /// <summary>Whether an interface leads to a disk that is hooked, itself or a VLAN on it.</summary>
    public bool Uses(BootInterface bootInterface)
    {
        foreach (BootInterface each in session.Interfaces)
        {
            if ((each == bootInterface || each.Trunk == bootInterface) && Uses(each.Interface))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The drive of that number, or null.</summary>
    public SanDrive? Find(ulong number)
    {
        foreach (SanDrive drive in _drives)
        {
            if (drive.Number == number)
            {
                return drive;
            }
        }

        return null;
    }

    /// <summary>
    /// Which of the machine's own disks a drive's number means that is not hooked, from 0 on: they have the numbers from 0x80 on (and from 0 on)
    /// that hooked disks leave free.
    /// </summary>
    public ulong LocalDiskOf(ulong number)
    {
        ulong first = number >= First ? First : 0;
        ulong disk = number - first;
        foreach (SanDrive drive in _drives)
        {
            disk -= drive.Number >= first && drive.Number < number ? 1u : 0;
        }

        return disk;
    }

    /// <summary>The drive that is meant where nobody says one.</summary>
    public ulong UsualNumber => TryReadNumber("san-drive", out ulong said) ? said : First;

    /// <summary>Boots from a disk, and returns when what was started exits.</summary>
    /// <param name="drive">One of these.</param>
    /// <param name="request">Without a file, the setting san-filename says which.</param>
    public Error? Boot(SanDrive drive, LocalBootRequest request)
    {
        string said = session.Settings.Format("san-filename");
        if (request.FileName is null && said.Length > 0)
        {
            request.FileName = said;
            request.IsFileFromSetting = true;
        }

        session.Terminal.WriteLine(TextBuilder.Format($"Booting from SAN device 0x{drive.Number:x2}"));
        Error? error = session.Platform.BootSan(drive, request);
        string read = drive.Device.Failure.Length > 0 ? TextBuilder.Format($" (of the disk: {drive.Device.Failure})") : "";
        return error is null ? null : new Error(error.Status, TextBuilder.Format($"SAN device 0x{drive.Number:x2}: {error.Message}{read}"));
    }

    /// <summary>What was to be booted has ended: takes the disk away, unless the setting keep-san says otherwise.</summary>
    public void Release(SanDrive drive)
    {
        if (!TryReadNumber("keep-san", out ulong keep) || keep == 0)
        {
            Unhook(drive);
        }
    }

    /// <summary>Why there can be no further drive of that number; null when there can.</summary>
    public Error? CheckFree(ulong number) =>
        Find(number) is SanDrive other
            ? new Error(EFI_STATUS.EFI_ALREADY_STARTED, TextBuilder.Format($"drive 0x{number:x2} is {other.Uri} (sanunhook frees it)"))
        : _drives.Count == Maximum ? new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, TextBuilder.Format($"there are {Maximum} disks already"))
        : null;

    /// <summary>Makes a disk of an image, shows it to the firmware, and says so.</summary>
    /// <param name="number">The drive's, which is free (<see cref="CheckFree"/>).</param>
    /// <param name="image">Of reserved pages, not empty, and in no registry; the drive's from now on, or freed.</param>
    /// <param name="drive">Null with an error.</param>
    public Error? AddRam(ulong number, Image image, out SanDrive? drive)
    {
        drive = null;
        Arena? arena = Arena.TryCreate(Room);
        if (arena is null)
        {
            image.Dispose();
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, "out of memory");
        }

        SanDrive made;
        using (arena.Enter())
        {
            string uri = ResourceUri.Parse(image.Uri, out _)?.ToString() ?? ""; // As it may be shown.
            made = new SanDrive(arena, number, uri, new RamDisk(image));
        }

        Error? error = Add(made);
        drive = error is null ? made : null;
        return error;
    }

    /// <summary>Opens a disk, shows it to the firmware, and says so.</summary>
    /// <param name="number">The drive's.</param>
    /// <param name="uris">Of the same disk, one at least, as a script has them: of HTTP all, or root paths of iSCSI all.</param>
    /// <param name="isDescribed">The operating system is told of it, where that can be done.</param>
    /// <param name="drive">Null with an error.</param>
    public Error? Hook(ulong number, ReadOnlySpan<string> uris, bool isDescribed, out SanDrive? drive)
    {
        drive = null;
        Error? error = CheckFree(number);
        if (error is not null)
        {
            return error;
        }

        bool isIscsi = IscsiRootPath.IsIscsi(uris[0]);
        string[] wholes = new string[uris.Length];
        for (int i = 0; i < uris.Length; i++)
        {
            if (isIscsi != IscsiRootPath.IsIscsi(uris[i]))
            {
                return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, "one disk cannot be by iSCSI and by HTTP");
            }

            wholes[i] = isIscsi ? uris[i] : ResolveHttp(uris[i], out error);
            if (error is not null)
            {
                return error;
            }
        }

        Arena? arena = Arena.TryCreate(isIscsi ? Room + CachedDisk.Room : Room);
        if (arena is null)
        {
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, "out of memory");
        }

        IscsiDisk? iscsi = null;
        Error? failure = isIscsi ? OpenIscsi(arena, number, wholes, out SanDrive? opened, out iscsi) : OpenHttp(arena, number, wholes, out opened);
        if (opened is null)
        {
            failure = new Error(failure!.Status, new string(failure.Message.AsSpan()));
            arena.Dispose();
            return failure;
        }

        failure = Add(opened);
        if (failure is not null)
        {
            return failure;
        }

        drive = opened;
        opened.Described = isDescribed ? iscsi : null;
        if (Describe(opened) is Error undescribed)
        {
            session.Terminal.WriteLine(TextBuilder.Format($"The operating system is not told of it: {undescribed.Message}"));
        }

        return null;
    }

    /// <summary>Takes a disk away from the firmware, takes leave of its server, and says so.</summary>
    public void Unhook(SanDrive drive)
    {
        ulong number = drive.Number;
        Close(drive, isLeaving: true);
        session.Terminal.WriteLine(TextBuilder.Format($"Unregistered SAN device 0x{number:x2}"));
    }

    /// <summary>Shows a drive, and says so; closes it with an error.</summary>
    private Error? Add(SanDrive drive)
    {
        SanDrive? same = FindSame(drive.Device);
        _drives.Add(drive);
        Error? error = same is null
            ? session.Platform.Show(drive)
            : new Error(EFI_STATUS.EFI_ALREADY_STARTED, TextBuilder.Format($"drive 0x{same.Number:x2} is that disk already: {same.Uri} (sanunhook frees it)"));
        if (error is not null)
        {
            Close(drive, isLeaving: true);
            return error;
        }

        ByteSize size = new(drive.Device.BlockCount * (ulong)drive.Device.BlockSize);
        session.Terminal.WriteLine(TextBuilder.Format($"Registered SAN device 0x{drive.Number:x2}: {drive.Uri}, {size}"));
        if (drive.Device is HttpDisk { NoticesChanges: false })
        {
            session.Terminal.WriteLine("Its server gives neither ETag nor Last-Modified: a change of the file there goes unnoticed");
        }

        return null;
    }

    /// <summary>The application ends: as <see cref="Unhook"/> for each, but nothing is said.</summary>
    public void End() => CloseAll(isLeaving: true);

    /// <summary>Whatever state the network is in, which is not used.</summary>
    public void Dispose()
    {
        RemoveTable();
        CloseAll(isLeaving: false);
    }

    private void CloseAll(bool isLeaving)
    {
        while (_drives.Count > 0)
        {
            Close(_drives[_drives.Count - 1], isLeaving);
        }
    }

    private void Close(SanDrive drive, bool isLeaving)
    {
        _drives.Remove(drive);
        session.Platform.Hide(drive);
        if (isLeaving)
        {
            Describe(null);
            _loop.IsOfCommand = true;
            drive.Device.Leave();
            _loop.IsOfCommand = false;
        }

        drive.Dispose();
    }

    private SanDrive? FindSame(SanDevice device)
    {
        foreach (SanDrive drive in _drives)
        {
            if (device.IsSameAs(drive.Device))
            {
                return drive;
            }
        }

        return null;
    }

    private bool Uses(NetworkInterface netif)
    {
        foreach (SanDrive drive in _drives)
        {
            if (drive.Device.Uses(netif))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Has the firmware take a table of what there is now, instead of the last one.</summary>
    /// <param name="added">The drive that is new; null for none.</param>
    /// <returns>Why the new one is not in it.</returns>
    private Error? Describe(SanDrive? added)
    {
        RemoveTable();
        Span<byte> table = stackalloc byte[IscsiBootTable.MaximumSize];
        Error? error = SanDescription.Write(session, added, table, out int length);
        if (length == 0)
        {
            return error;
        }

        EFI_STATUS status = session.Platform.AddAcpiTable(table.Slice(0, length), out _table);
        _isDescribing = !status.IsError;
        return status == EFI_STATUS.EFI_UNSUPPORTED ? new Error(status, "the firmware takes no tables of ACPI (EFI_ACPI_TABLE_PROTOCOL)")
            : status.IsError ? new Error(status, TextBuilder.Format($"the firmware does not take the iBFT: {status}"))
            : error;
    }

    private void RemoveTable()
    {
        if (_isDescribing)
        {
            _isDescribing = false;
            session.Platform.RemoveAcpiTable(_table);
        }
    }

    /// <summary>What is wrong with a disk's URI, as far as its text alone says so.</summary>
    internal static Error? Check(string text)
    {
        if (IscsiRootPath.IsIscsi(text))
        {
            IscsiRootPath.Parse(text, out Error? error);
            return error;
        }

        ResourceUri? uri = ResourceUri.Parse(Session.ToReference(text), out Error? bad);
        return uri is { IsAbsolute: true } && uri.Scheme is not ("http" or "https") ? BadScheme(uri) : bad;
    }

    private string ResolveHttp(string text, out Error? error)
    {
        error = session.ResolveUri(text, out ResourceUri? uri);
        if (uri is null)
        {
            return "";
        }

        if (uri.Scheme is not ("http" or "https") || session.FetchClient.Schemes.Find(uri.Scheme) is null)
        {
            error = BadScheme(uri);
        }

        return uri.ToText();
    }

    private static Error BadScheme(ResourceUri uri) =>
        new(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"{uri}: there are no disks of scheme \"{uri.Scheme}\" (of http, https and iscsi there are)"));

    /// <summary>Says which ways were tried in vain, but for what the error says anyway.</summary>
    private void Tell(ReadOnlySpan<char> failure, Error? error)
    {
        if (!failure.IsEmpty && !failure.SequenceEqual(error is null ? default : error.Message.AsSpan()))
        {
            session.Terminal.WriteLine(new string(failure));
        }
    }

    /// <summary>Of several root paths says which an error is of.</summary>
    private static Error Named(int which, int count, Error error) =>
        count == 1 ? error : new Error(error.Status, TextBuilder.Format($"root path {which + 1} of {count}: {error.Message}"));

    private Error? OpenIscsi(Arena arena, ulong number, string[] paths, out SanDrive? drive, out IscsiDisk? disk)
    {
        drive = null;
        disk = null;
        Error? failure;
        List<IscsiPath> ways = new(MaximumPaths);
        Span<IPAddress> addresses = stackalloc IPAddress[FetchClient.MaximumAddresses];
        using (arena.Enter())
        {
            CachedDisk cached = new(); // First of all: a session that was opened before memory ran out would stay open.
            string user = Copy("username", out string password, "password");
            string reverseUser = Copy("reverse-username", out string reversePassword, "reverse-password");
            string name = Copy("initiator-iqn", out string uuid, "uuid");
            if (name.Length == 0)
            {
                MacAddress mac = session.Interfaces.Count > 0 ? session.Interfaces[0].Interface.Link.PermanentAddress : default;
                name = IscsiInitiator.DefaultName(session.Settings.Format("hostname"), uuid, mac);
            }

            for (int which = 0; which < paths.Length; which++)
            {
                IscsiRootPath? parsed = IscsiRootPath.Parse(paths[which], out Error? error);
                if (parsed is null)
                {
                    return Named(which, paths.Length, error!);
                }

                error = session.Resolve(parsed.Server, addresses, out int count);
                if (error is not null)
                {
                    string hint = IscsiRootPath.MayBeIPv6(parsed.Server) ? TextBuilder.Format($" ({IscsiRootPath.NoBrackets})") : "";
                    return Named(which, paths.Length, new Error(error.Status, TextBuilder.Format($"{error.Message}{hint}")));
                }

                for (int i = 0; i < count && ways.Count < MaximumPaths; i++)
                {
                    ways.Add(IscsiPath.From(parsed, addresses[i], user.Length == 0 ? null : user, password, which));
                }
            }

            IscsiInitiator initiator = new()
            {
                Name = name,
                ReverseUser = reverseUser.Length == 0 ? null : reverseUser,
                ReversePassword = reversePassword,
                Hashes = session.FetchClient.Hashes,
                Retries = (int)Math.Min(Retries, MaximumRetries),
            };
            _loop.IsOfCommand = true;
            disk = IscsiDisk.Open(session.Network, _loop, initiator, ways.ToArray(), out failure);
            _loop.IsOfCommand = false;
            if (disk is not null)
            {
                cached.Use(disk);
                drive = new SanDrive(arena, number, IscsiRootPath.WithoutUser(paths[disk.Path.Number]), cached);
            }
        }

        foreach (IscsiPath way in ways)
        {
            Tell(way.Failure, failure);
        }

        return failure;
    }

    /// <summary>Two settings, in the current arena.</summary>
    private string Copy(string setting, out string second, string secondSetting)
    {
        second = new string(session.Settings.Format(secondSetting).AsSpan());
        return new string(session.Settings.Format(setting).AsSpan());
    }

    /// <summary>How often a lost path or server is tried again.</summary>
    private ulong Retries => TryReadNumber("san-retries", out ulong said) ? said : UsualRetries;

    private Error? OpenHttp(Arena arena, ulong number, string[] uris, out SanDrive? drive)
    {
        drive = null;
        HttpDisk? disk;
        Error? error;
        string?[] failures = new string?[uris.Length];
        using (arena.Enter())
        {
            ResourceUri[] parsed = new ResourceUri[uris.Length];
            for (int i = 0; i < uris.Length; i++)
            {
                parsed[i] = ResourceUri.Parse(new string(uris[i].AsSpan()), out _)!;
            }

            FetchClient client = new(session.Network, _loop) { Hashes = session.FetchClient.Hashes, IsHttpsOnly = session.FetchClient.IsHttpsOnly };
            client.Schemes.AddHttps(new TlsStreamMaker(session.Trust, new CertificateJudge(session.Trust, session)));
            error = session.Prepare(client);
            if (error is not null)
            {
                return error;
            }

            int tries = (int)Math.Min(Retries, MaximumRetries) / uris.Length + 1; // With several servers the next has its turn soon.
            FetchOptions options = new() { StallTimeout = Patience, MaximumTries = tries };
            _loop.IsOfCommand = true;
            error = HttpDisk.Open(session.Network, client, parsed, options, out disk, failures);
            _loop.IsOfCommand = false;
            drive = disk is null ? null : new SanDrive(arena, number, parsed[disk.Current].ToString(), disk);
        }

        foreach (string? failure in failures)
        {
            Tell(failure, error);
        }

        return error;
    }

    private bool TryReadNumber(string setting, out ulong value)
    {
        value = 0;
        string text = session.Settings.Format(setting);
        return text.Length > 0 && Commands.Arguments.ParseNumber(text, out value) is null;
    }
}
