using System.Collections.Generic;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>
/// What the app does from its start to its end: the command line if there is one, else the script inside the image, else autoexec.ipxe
/// from where the app was loaded, else (and when that failed) a moment for Ctrl-B and the shell, else what DHCP says is to be booted.
/// </summary>
/// <param name="session">The app's.</param>
/// <param name="commandLine">Empty when there is none.</param>
/// <param name="embedded">The script inside the image, or empty.</param>
public sealed class StartUp(Session session, string commandLine, byte[] embedded)
{
    private const ulong PromptTime = 2_000_000;
    private const ulong AutoexecTime = 30_000_000;
    private const string Autoexec = "autoexec.ipxe";

    /// <summary>Which version of IP the app came over; none when there is no telling.</summary>
    public AddressFamily Family { get; init; }

    /// <summary>Runs; each step's memory goes with it.</summary>
    /// <returns>What the firmware's boot manager gets.</returns>
    public EFI_STATUS Run()
    {
        using Arena scratch = Arena.Create();
        EFI_STATUS status;
        using (scratch.Enter())
        {
            session.Terminal.WriteLine(TextBuilder.Format($"\nNetBoot {ProductVersion.Text} -- network boot for UEFI\nFeatures: DNS HTTP {(session.Platform.HasTls ? "HTTPS " : "")}iSCSI TFTP VLAN EFI"));
            PrintInterfaces();
            Image? script = commandLine.Length > 0 ? CommandLineScript() : embedded.Length > 0 ? OwnScript() : FindAutoexec();
            if (script is not null)
            {
                Error? error = session.Execute(script);
                status = error?.Status ?? EFI_STATUS.EFI_SUCCESS;
                if (error is not null)
                {
                    session.Terminal.WriteLine(error.Message);
                }
            }
            else
            {
                status = OfferShell(out bool taken);
                status = taken ? status : Autoboot();
            }

            if (!status.IsError)
            {
                return status;
            }
        }

        scratch.Reset();
        using (scratch.Enter())
        {
            EFI_STATUS shell = OfferShell(out bool taken);
            return taken ? shell : status;
        }
    }

    /// <summary>What DHCP tells to boot.</summary>
    public EFI_STATUS Autoboot()
    {
        if (session.Interfaces.Count == 0)
        {
            session.Terminal.WriteLine("There is no network device that can be used.");
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        List<BootInterface> interfaces = new(session.Interfaces.Count);
        foreach (BootInterface each in session.Interfaces)
        {
            interfaces.Add(each);
        }

        Error? error = App.Autoboot.Run(session, interfaces);
        if (error is null)
        {
            return EFI_STATUS.EFI_SUCCESS;
        }

        session.Terminal.WriteLine(error.Message);
        return error.Status;
    }

    private void PrintInterfaces()
    {
        foreach (BootInterface bootInterface in session.Interfaces)
        {
            session.Terminal.WriteLine(TextBuilder.Format($"{bootInterface.Interface.Name}: {bootInterface.Interface.Link.Address} {bootInterface.Model}"));
        }
    }

    private Image CommandLineScript()
    {
        Image image = Hold("<CMDLINE>", "", ByteText.ToBytes(commandLine));
        image.IsCommandLine = true;
        return image;
    }

    /// <summary>The script inside the image: what is relative in it is so to where the app came from.</summary>
    private Image OwnScript()
    {
        Image script = Hold("<EMBEDDED>", session.OwnUri.Value, embedded);
        script.IsTrusted = true;
        return script;
    }

    private Image Hold(string name, string uri, byte[] content)
    {
        Image image = Image.Create(session.Platform, name, uri);
        Error? error = image.Content.Begin((ulong)content.Length) ?? image.Content.Write(content);
        if (error is not null)
        {
            session.Terminal.WriteLine(error.Message);
        }

        return Register(image);
    }

    private Image Register(Image image)
    {
        image.IsHidden = true;
        image.IsAutoFree = true;
        session.Images.Add(image);
        return image;
    }

    /// <summary>
    /// Looks beside the app and then in the root of where it came from. Null when there is none: a file without content says so on
    /// purpose, and ends the search.
    /// </summary>
    private Image? FindAutoexec()
    {
        Error? error = null;
        ResourceUri? working = session.WorkingUri.Value.Length == 0 ? null : ResourceUri.Parse(session.WorkingUri.Value, out error);
        if (working is null)
        {
            session.Terminal.Write(error is null ? "" : TextBuilder.Format($"No {Autoexec}: {error.Message}\n"));
            return null;
        }

        if (working.Scheme != "file" && !EnsureNetwork(working))
        {
            return null;
        }

        ResourceUri? beside = working.Resolve(Autoexec, out _);
        ResourceUri? root = working.Resolve("/" + Autoexec, out _);
        if (TryFetch(beside, out Image? image) || beside is null || root is null || beside.ToText() == root.ToText())
        {
            return image;
        }

        TryFetch(root, out image);
        return image;
    }

    /// <summary>True when the search ends: with an image, or because an empty one was found.</summary>
    private bool TryFetch(ResourceUri? uri, out Image? image)
    {
        image = null;
        if (uri is null)
        {
            return false;
        }

        Error? error = session.FetchImage(uri.ToText(), Autoexec, AutoexecTime, quiet: true, out Image? fetched);
        if (fetched is null)
        {
            session.Terminal.WriteLine(error is null ? "" : TextBuilder.Format($"No {Autoexec}: {error.Message}"));
            return false;
        }

        if (fetched.Content.Length == 0)
        {
            session.Images.Free(fetched);
            return true;
        }

        fetched.IsHidden = true;
        fetched.IsAutoFree = true;
        if (!fetched.IsScript)
        {
            session.Terminal.WriteLine(TextBuilder.Format($"{uri}: not a script: {ScriptCheck.WhyNoScript(fetched.Content.Span)}"));
            session.Images.Free(fetched);
            return true;
        }

        session.Terminal.WriteLine(TextBuilder.Format($"Running {uri}"));
        image = fetched;
        return true;
    }

    /// <summary>Has the first interface get an address of the version that a server needs, and waits for no other.</summary>
    private bool EnsureNetwork(ResourceUri server)
    {
        AddressFamily family = server.IsIPv6Literal ? AddressFamily.IPv6 : IPv4Address.TryParse(server.Host, out _) ? AddressFamily.IPv4 : Family;
        Configurators configurators =
            family == AddressFamily.IPv6 ? Configurators.IPv6
            : family == AddressFamily.IPv4 ? Configurators.Dhcp
            : Configurators.Dhcp | Configurators.IPv6;
        foreach (BootInterface each in session.Interfaces)
        {
            bool hasIPv4 = (configurators & Configurators.Dhcp) != 0 && each.Interface.IsConfigured;
            if (hasIPv4 || ((configurators & Configurators.IPv6) != 0 && !each.Interface.IPv6.Global.IsAny))
            {
                return true;
            }
        }

        if (session.Interfaces.Count == 0)
        {
            return false;
        }

        List<BootInterface> first = new(1) { session.Interfaces[0] };
        Error? error = new AddressRace(session, first, 0, configurators).Run(out _);
        if (error is not null)
        {
            session.Terminal.WriteLine(error.Message);
        }

        return error is null;
    }

    private EFI_STATUS OfferShell(out bool taken)
    {
        session.Terminal.Write("Press Ctrl-B for the NetBoot command line...");
        ulong started = session.EventLoop.Now;
        taken = false;
        while (!taken && session.EventLoop.Now - started < PromptTime)
        {
            if (session.Terminal.TryReadKey(out Key key))
            {
                taken = key.Code == KeyCode.Character && key.Character == Key.ControlB;
            }
            else if (!session.EventLoop.RunOnce())
            {
                break;
            }
        }

        session.Terminal.Write("\n");
        return taken ? session.RunShell() : EFI_STATUS.EFI_SUCCESS;
    }
}
