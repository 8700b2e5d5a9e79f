using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Script;
using NetBoot.Boot.App.Settings;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>Boots what DHCP says.</summary>
public static class Autoboot
{
    /// <summary>
    /// Asks on all interfaces at the same time, and boots the file of the first in the list that is given one; when that fails, the others have
    /// their turn. All but the one that is booted from are closed.
    /// </summary>
    /// <param name="session">Has the interfaces.</param>
    /// <param name="interfaces">In the order of preference, one at least; those that have failed are taken out.</param>
    /// <returns>The last one's error; those before it are on the terminal.</returns>
    public static Error? Run(Session session, List<BootInterface> interfaces)
    {
        while (true)
        {
            foreach (BootInterface each in session.Interfaces)
            {
                each.Close();
            }

            Error? error = Configure(session, interfaces, out BootInterface? best);
            if (best is null)
            {
                return error;
            }

            string name = new(best.Interface.Name);
            interfaces.Remove(best);
            error = Boot(session, best);
            if (error is null)
            {
                return null;
            }

            error = Named(name, error);
            Forget(interfaces, session);
            if (interfaces.Count == 0 || error.Status == EFI_STATUS.EFI_ABORTED)
            {
                return error;
            }

            session.Terminal.WriteLine(error.Message);
        }
    }

    /// <summary>Takes out those that what was booted has taken away.</summary>
    private static void Forget(List<BootInterface> interfaces, Session session)
    {
        for (int i = interfaces.Count - 1; i >= 0; i--)
        {
            bool isThere = false;
            foreach (BootInterface each in session.Interfaces)
            {
                isThere |= each == interfaces[i];
            }

            if (!isThere)
            {
                interfaces.RemoveAt(i);
            }
        }
    }

    /// <summary>Why there is nothing to boot in a lease; null when there is.</summary>
    internal static Error? CheckBootFile(Session session, BootInterface bootInterface)
    {
        DhcpLease? lease = bootInterface.Interface.Lease;
        return NamesFile(lease) || FindDisk(session, bootInterface) is not null ? null : lease?.ReadPxe(out _) ?? Nothing();
    }

    private static Error Nothing() => new(EFI_STATUS.EFI_NOT_FOUND, "DHCP names nothing to boot (filename, root-path)");

    /// <summary>It names a file, or has a menu of what there is to boot.</summary>
    private static bool NamesFile(DhcpLease? lease) => lease is not null && (lease.HasBootMenu || !lease.Boot.FileName.IsEmpty);

    /// <summary>
    /// The root path that is set, for all or for an interface, and else its lease's; null where that is no disk of ours: others are an operating
    /// system's own.
    /// </summary>
    private static string? FindDisk(Session session, BootInterface bootInterface)
    {
        SettingName name = SettingName.Predefined("root-path");
        bool isThere = session.Settings.Root.TryFetchHere(name, out ReadOnlySpan<byte> path, out _) ||
            bootInterface.Settings.TryFetch(name, out path, out _, out _);
        return isThere && (path.StartsWith("http://"u8) || path.StartsWith("https://"u8) || path.StartsWith("iscsi:"u8))
            ? SettingFormat.Format(SettingType.String, path)
            : null;
    }

    /// <summary>Gets a lease with a file to boot; without any the errors are on the terminal, but for the last one's.</summary>
    private static Error? Configure(Session session, List<BootInterface> interfaces, out BootInterface? best)
    {
        AddressRace race = new(session, interfaces, 0, Configurators.Dhcp) { WantsBootFile = true };
        Error? last = race.Run(out best);
        for (int i = 0; best is null && i < interfaces.Count - 1 && race.ErrorOf(i) is Error other; i++)
        {
            session.Terminal.WriteLine(Named(interfaces[i].Interface.Name, other).Message);
        }

        return last is null || last.Status == EFI_STATUS.EFI_ABORTED ? last : Named(interfaces[interfaces.Count - 1].Interface.Name, last);
    }

    private static Error Named(string name, Error error) => new(error.Status, TextBuilder.Format($"{name}: {error.Message}"));

    /// <summary>Boots the file with the disk beside it, or without a file from the disk, unless that is to be skipped.</summary>
    private static Error? Boot(Session session, BootInterface bootInterface)
    {
        if (FindDisk(session, bootInterface) is not string rootPath)
        {
            return BootFile(session, bootInterface);
        }

        Error? error = Expansion.Expand(rootPath, session.Settings, out string path);
        SanDrive? drive = null;
        error ??= session.San.Hook(session.San.UsualNumber, [Expansion.Unmark(path)], isDescribed: true, out drive);
        if (drive is null)
        {
            return error;
        }

        DhcpLease? lease = bootInterface.Interface.Lease;
        bool isFile = lease is null || NamesFile(lease); // Without a lease DHCPv6 has named one.
        bool isSkipped = Commands.Arguments.ParseNumber(session.Settings.Format("skip-san-boot"), out ulong skip) is null && skip != 0;
        error = isFile ? BootFile(session, bootInterface) : isSkipped ? null : session.San.Boot(drive, new LocalBootRequest());
        session.San.Release(drive);
        return error;
    }

    private static Error? BootFile(Session session, BootInterface bootInterface)
    {
        Error? error;
        string fileName;
        if (!NamesFile(bootInterface.Interface.Lease) && bootInterface.Dhcp6?.Answer is { BootFileUrl.IsEmpty: false } answer)
        {
            error = Expansion.Expand(Encoding.Latin1.GetString(answer.BootFileUrl), session.Settings, out fileName);
            error ??= ResolveUrl(Expansion.Unmark(fileName), out fileName);
        }
        else
        {
            error = FindBoot(session, bootInterface, out DhcpMessage? boot);
            if (boot is null)
            {
                return error;
            }

            error = Expansion.Expand(Encoding.Latin1.GetString(boot.FileName), session.Settings, out fileName);
            error ??= ResolveBootFile(boot, Expansion.Unmark(fileName), out fileName);
        }

        if (error is not null)
        {
            return error;
        }

        if (fileName == session.OwnUri.Value)
        {
            return new Error(EFI_STATUS.EFI_ABORTED, TextBuilder.Format($"DHCP names this program itself ({fileName}): the server has to look at user class iPXE"));
        }

        error = session.FetchImage(fileName, null, 0, quiet: false, out Image? image);
        if (image is null)
        {
            return error;
        }

        return session.Execute(image);
    }

    /// <summary>Who names a file to boot; null without an error when a boot menu's choice is to boot locally.</summary>
    private static Error? FindBoot(Session session, BootInterface bootInterface, out DhcpMessage? boot)
    {
        boot = null;
        DhcpLease? lease = bootInterface.Interface.Lease;
        Error? damage = lease?.ReadPxe(out _);
        if (damage is null && lease is { HasBootMenu: true })
        {
            Error? error = PxeBoot.Choose(session, lease, out ushort type);
            if (error is null && type != PxeBoot.LocalBoot)
            {
                error = PxeBoot.Discover(session, bootInterface, type);
                boot = bootInterface.Dhcp!.BootServer;
            }

            return error;
        }

        if (lease is null || lease.Boot.FileName.IsEmpty)
        {
            return damage ?? Nothing();
        }

        if (damage is not null && lease.HasBootMenu)
        {
            session.Terminal.WriteLine(damage.Message);
        }

        boot = lease.Boot;
        return null;
    }

    /// <summary>What DHCPv6 names is a whole URI (RFC 5970, 3.1).</summary>
    private static Error? ResolveUrl(string text, out string uri)
    {
        uri = text;
        ResourceUri? parsed = ResourceUri.Parse(text, out Error? error);
        if (parsed is not { IsAbsolute: true, Host: not null })
        {
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"DHCPv6 names {text}: {(error is null ? "no URL" : error.Message)}"));
        }

        uri = parsed.ToText();
        return null;
    }

    /// <summary>A boot file's URI: it is one itself, or names a file of the next server's TFTP.</summary>
    private static Error? ResolveBootFile(DhcpMessage boot, string fileName, out string uri)
    {
        uri = fileName;
        ResourceUri? parsed = ResourceUri.Parse(fileName, out _);
        if (parsed is { IsAbsolute: true, Host: not null })
        {
            uri = parsed.ToText();
            return null;
        }

        if (boot.FileServer.IsAny && boot.ServerName.IsEmpty)
        {
            return new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"DHCP names the file {fileName}, but no server (next-server)"));
        }

        string server = boot.FileServer.IsAny ? Encoding.Latin1.GetString(boot.ServerName) : TextBuilder.Format($"{boot.FileServer}");
        uri = ResourceUri.ForTftp(server, fileName).ToText();
        return null;
    }
}
