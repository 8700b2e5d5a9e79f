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

        DhcpLease? lease = bootInterface.Interface.Lease;
        if (lease is null || lease.FileName.Length == 0)
        {
            return new Error(EFI_STATUS.EFI_NOT_FOUND, "DHCP names nothing to boot (filename)");
        }

        error = Expansion.Expand(lease.FileName, session.Settings, out string fileName);
        error ??= ResolveBootFile(lease, fileName, out fileName);
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

    /// <summary>A boot file's URI: it is one itself, or names a file of the next server's TFTP.</summary>
    private static Error? ResolveBootFile(DhcpLease lease, string fileName, out string uri)
    {
        uri = fileName;
        ResourceUri? parsed = ResourceUri.Parse(fileName, out _);
        if (parsed is { IsAbsolute: true, Host: not null })
        {
            uri = parsed.ToText();
            return null;
        }

        if (lease.NextServer.IsAny && lease.ServerName.Length == 0)
        {
            return new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"DHCP names the file {fileName}, but no server (next-server)"));
        }

        string server = lease.NextServer.IsAny ? lease.ServerName : TextBuilder.Format($"{lease.NextServer}");
        uri = ResourceUri.ForTftp(server, fileName).ToText();
        return null;
    }
}
