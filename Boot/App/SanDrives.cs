using System;
using System.Collections.Generic;
using NetBoot.Boot.App.Consoles;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols;
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

    private const int UsualRetries = 10;

    /// <summary>A server that says nothing for so long is asked again, in microseconds.</summary>
    private const ulong Patience = 5_000_000;

    private readonly List<SanDrive> _drives = new(Maximum);
    private readonly SanEventLoop _loop = new(session.EventLoop, session.Network);

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

    /// <summary>The drive that is meant where nobody says one.</summary>
    public ulong UsualNumber => TryReadNumber("san-drive", out ulong said) ? said : First;

    /// <summary>Boots from a disk, and returns when what was started exits.</summary>
    /// <param name="drive">One of these.</param>
    /// <param name="request">Without a file, the setting san-filename says which.</param>
    public Error? Boot(SanDrive drive, LocalBootRequest request)
    {
        string said = session.Settings.Format("san-filename");
        request.FileName ??= said.Length > 0 ? said : null;
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

    /// <summary>Opens a disk, shows it to the firmware, and says so.</summary>
    /// <param name="number">The drive's.</param>
    /// <param name="uris">Of the same disk, one at least, as a script has them.</param>
    /// <param name="drive">Null with an error.</param>
    public Error? Hook(ulong number, ReadOnlySpan<string> uris, out SanDrive? drive)
    {
        drive = null;
        if (Find(number) is SanDrive other)
        {
            return new Error(EFI_STATUS.EFI_ALREADY_STARTED, TextBuilder.Format($"drive 0x{number:x2} is {other.Uri} (sanunhook frees it)"));
        }

        if (_drives.Count == Maximum)
        {
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, TextBuilder.Format($"there are {Maximum} disks over the network already"));
        }

        string[] wholes = new string[uris.Length];
        for (int i = 0; i < uris.Length; i++)
        {
            Error? error = session.ResolveUri(uris[i], out ResourceUri? uri);
            if (uri is null)
            {
                return error;
            }

            if (uri.Scheme is not ("http" or "https") || session.FetchClient.Schemes.Find(uri.Scheme) is null)
            {
                return new Error(
                    EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"{uri}: there are no disks of scheme \"{uri.Scheme}\" (of http and https there are)"));
            }

            wholes[i] = uri.ToText();
        }

        Arena? arena = Arena.TryCreate(Room);
        if (arena is null)
        {
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, "out of memory");
        }

        Error? failure = Open(arena, number, wholes, out SanDrive? opened);
        if (opened is null)
        {
            failure = new Error(failure!.Status, new string(failure.Message.AsSpan()));
            arena.Dispose();
            return failure;
        }

        _drives.Add(opened);
        failure = session.Platform.Show(opened);
        if (failure is not null)
        {
            Close(opened);
            return failure;
        }

        drive = opened;
        ByteSize size = new(opened.Device.BlockCount * (ulong)opened.Device.BlockSize);
        session.Terminal.WriteLine(TextBuilder.Format($"Registered SAN device 0x{number:x2}: {opened.Uri}, {size}"));
        return null;
    }

    /// <summary>Takes a disk away from the firmware, closes it, and says so.</summary>
    public void Unhook(SanDrive drive)
    {
        ulong number = drive.Number;
        Close(drive);
        session.Terminal.WriteLine(TextBuilder.Format($"Unregistered SAN device 0x{number:x2}"));
    }

    private void Close(SanDrive drive)
    {
        _drives.Remove(drive);
        session.Platform.Hide(drive);
        drive.Dispose();
    }

    public void Dispose()
    {
        while (_drives.Count > 0)
        {
            Close(_drives[_drives.Count - 1]);
        }
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

    private Error? Open(Arena arena, ulong number, string[] uris, out SanDrive? drive)
    {
        drive = null;
        ulong retries = TryReadNumber("san-retries", out ulong said) ? said : UsualRetries;
        HttpDisk? disk;
        Error? error;
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

            int tries = (int)Math.Min(retries, 1000) / uris.Length + 1; // With several servers the next has its turn soon.
            FetchOptions options = new() { StallTimeout = Patience, MaximumTries = tries };
            _loop.IsOfCommand = true;
            error = HttpDisk.Open(session.Network, client, parsed, options, out disk);
            _loop.IsOfCommand = false;
            drive = disk is null ? null : new SanDrive(arena, number, parsed[0].ToText(), disk);
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
