using System.Text;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>Boots what DHCP says.</summary>
public static class Autoboot
{
    /// <summary>Gets an interface a lease, alone among all, and boots the file that it names.</summary>
    public static Error? BootFrom(Session session, BootInterface bootInterface)
    {
        for (int i = 0; i < session.Interfaces.Count; i++)
        {
            if (session.Interfaces[i] != bootInterface)
            {
                session.Interfaces[i].Close();
            }
        }

        Error? error = session.Configure(bootInterface, 0, wantsBootFile: true);
        if (error is not null)
        {
            return error;
        }

        error = FindBoot(session, bootInterface, out DhcpMessage? boot);
        if (boot is null)
        {
            return error;
        }

        error = Expansion.Expand(Encoding.Latin1.GetString(boot.FileName), session.Settings, out string fileName);
        error ??= ResolveBootFile(boot, fileName, out fileName);
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
            return damage ?? new Error(EFI_STATUS.EFI_NOT_FOUND, "DHCP names nothing to boot (filename)");
        }

        if (damage is not null && lease.HasBootMenu)
        {
            session.Terminal.WriteLine(damage.Message);
        }

        boot = lease.Boot;
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
