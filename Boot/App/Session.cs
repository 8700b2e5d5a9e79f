using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.Boot.App.Commands;
using NetBoot.Boot.App.Compression;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Digests;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Menus;
using NetBoot.Boot.App.Requests;
using NetBoot.Boot.App.Script;
using NetBoot.Boot.App.Settings;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Links;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.NetworkStack.Protocols.Dhcp6;
using NetBoot.NetworkStack.Protocols.Syslog;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Streams.Tls;
using NetBoot.NetworkStack.Trust;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>One run of the app: everything that its commands work on.</summary>
public sealed class Session : IDhcpObserver, IWallClock, IDisposable
{
    private readonly ProxyBlock _proxy;
    private readonly SessionLog _log;
    private readonly SyslogClient _syslog;

    public Session(Platform platform, Terminal terminal, ApplicationEventLoop loop, Network network)
    {
        Platform = platform;
        Terminal = terminal;
        EventLoop = loop;
        Network = network;
        network.Random.Stir(SmbiosBlock.GetUuid(platform)); // What no other machine has, where there is no better entropy.
        Hashes hashes = new();
        Trust = new TrustStore(hashes);
        FetchClient = new FetchClient(network, loop) { Hashes = hashes };
        FetchClient.Schemes.AddHttps(new TlsStreamMaker(Trust, new CertificateJudge(Trust, this)));
        Interpreter = new Interpreter(this);
        Editor = new LineEditor(terminal, loop) { History = new LineHistory(), Completer = new CommandCompleter(this) };
        Commands = CommandTable.Create();
        Settings = new SettingsTree(new RootBlock(this));
        _proxy = new ProxyBlock(this);
        SettingsBlock[] blocks =
        [
            new BuiltInBlock(this), new SmbiosBlock(platform), _proxy, new CpuidBlock(platform), new AcpiBlock(platform), new PciBlock(platform),
            new UsbBlock(platform), new MemoryMapBlock(platform), new VariableBlock(platform), new NonVolatileBlock(platform), new PxeBootServerBlock(this),
        ];
        foreach (SettingsBlock block in blocks)
        {
            Settings.Root.Add(block);
        }

        San = new SanDrives(this);
        _log = new SessionLog(this);
        _syslog = new SyslogClient(network, _log);
        if (Keymap.Find(Settings.Format("keymap"), out Keymap map) is null)
        {
            terminal.Keymap = map;
        }
    }

    public Platform Platform { get; }
    public Terminal Terminal { get; }
    public ApplicationEventLoop EventLoop { get; }
    public Network Network { get; }
    public FetchClient FetchClient { get; }
    public Interpreter Interpreter { get; }
    public LineEditor Editor { get; }
    public Command[] Commands { get; }
    public SettingsTree Settings { get; }
    public TrustStore Trust { get; }
    public ImageRegistry Images { get; } = new();
    public MenuRegistry Menus { get; } = new();
    public SanDrives San { get; }

    /// <summary>In the order of preference. Has room for as many as the network has.</summary>
    public List<BootInterface> Interfaces { get; } = new(InternetLayer.UsualInterfaces);

    /// <summary>What the next URI that ends in "##params" sends.</summary>
    public ParameterLists Parameters { get; } = new();

    /// <summary>What relative URIs resolve against: that of the running script, or of where the app came from.</summary>
    public OwnedText WorkingUri { get; } = new();

    /// <summary>Where the app itself came from: DHCP may name it again.</summary>
    public OwnedText OwnUri { get; } = new();

    /// <summary>How many seconds the machine's clock is behind what a time server said.</summary>
    public long ClockOffset { get; set; }

    /// <summary>A person changes settings, whatever script let them (config).</summary>
    public bool IsEditing { get; set; }

    /// <inheritdoc/>
    public long UnixTime => (long)Platform.UnixTime + ClockOffset;

    /// <inheritdoc/>
    public long Earliest => BuiltInBlock.VersionTime;

    /// <summary>Takes what was put into the app's own image: roots beside those of the firmware, the client's certificate, a policy.</summary>
    /// <param name="image">In memory.</param>
    public void UseImage(ReadOnlySpan<byte> image)
    {
        ReadOnlySpan<byte> policy = EmbeddedSection.Find(image, EmbeddedSection.Policy);
        FetchClient.IsHttpsOnly = EmbeddedSection.HasPolicy(policy, EmbeddedSection.HttpsOnly);
        Trust.AddAll(TrustSource.Image, EmbeddedSection.Find(image, EmbeddedSection.Trust).ToArray());
        bool isOwnOnly = EmbeddedSection.HasPolicy(policy, EmbeddedSection.OwnRootsOnly);
        EFI_GUID vendor = EFI_TLS_CA_CERTIFICATE.EFI_TLS_CA_CERTIFICATE_GUID;
        Trust.AddSignatureLists(Platform.GetVariable(EFI_TLS_CA_CERTIFICATE.EFI_TLS_CA_CERTIFICATE_VARIABLE, vendor), isTrusted: !isOwnOnly);
        if (!isOwnOnly)
        {
            Trust.AddAll(TrustSource.Public, EmbeddedSection.Find(image, EmbeddedSection.Roots).ToArray());
        }

        Error? error = Trust.SetClientCertificate(EmbeddedSection.Find(image, EmbeddedSection.Certificate)) ??
            Trust.SetClientKey(EmbeddedSection.Find(image, EmbeddedSection.Key));
        if (error is not null)
        {
            Terminal.WriteLine(TextBuilder.Format($"The client's certificate inside the image: {error.Message}"));
        }
    }

    /// <summary>Adds a certificate: a root that is trusted from then on, or one that completes chains.</summary>
    /// <param name="certificate">In DER.</param>
    /// <returns>
    /// Why not, see <see cref="CheckTrustChange"/>: of any that is not there. What is no root here the firmware may take for one, as it compares names
    /// without regard to case and blanks.
    /// </returns>
    public Error? AddTrust(ReadOnlySpan<byte> certificate)
    {
        Error? error = Trust.Contains(certificate) ? null : CheckTrustChange();
        if (error is null)
        {
            Trust.Add(certificate);
        }

        return error;
    }

    /// <summary>
    /// With Secure Boot, only what the firmware has verified says who is trusted: the script inside the image, and scripts whose signature was
    /// verified. Null where that is no question, or what runs is one.
    /// </summary>
    public Error? CheckTrustChange()
    {
        Image? script = IsEditing ? null : Interpreter.Current?.Script;
        if (!Platform.IsSecureBoot || script is { IsTrusted: true })
        {
            return null;
        }

        string who = IsEditing ? "who sits here" : script is null ? "the shell" : script.Name;
        return new Error(
            EFI_STATUS.EFI_ACCESS_DENIED,
            TextBuilder.Format($"Secure Boot is on: who is trusted is said by the script inside the image, or one that imgverify has verified, not by {who}"));
    }

    /// <summary>Adds an interface and its settings; it lives as long as the session, as must the current arena.</summary>
    public void Add(BootInterface bootInterface)
    {
        Span<byte> address = stackalloc byte[MacAddress.Size];
        bootInterface.Interface.Link.Address.CopyTo(address);
        Network.Random.Stir(address); // As the UUID.
        Interfaces.Add(bootInterface);
        Network.Add(bootInterface.Interface);
        bootInterface.Dhcp = new DhcpClient(Network, bootInterface.Interface);
        bootInterface.Dhcp6 = new Dhcp6Client(Network, bootInterface.Interface);
        Settings.Root.Add(bootInterface.Settings);
        _proxy.Reprioritize();
    }

    /// <summary>Makes a VLAN's interface, "net0-5", open if its trunk is; of one that there is only the priority changes.</summary>
    /// <param name="trunk">One of <see cref="Interfaces"/>.</param>
    /// <param name="vlanId">1 to <see cref="VlanLink.MaximumVlanId"/>.</param>
    /// <param name="priority">0 to <see cref="VlanLink.MaximumPriority"/>.</param>
    public Error? CreateVlan(BootInterface trunk, ulong vlanId, ulong priority)
    {
        if (trunk.Trunk is not null)
        {
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"{trunk.Interface.Name} is a VLAN: there are none on it"));
        }

        if (vlanId is 0 or > VlanLink.MaximumVlanId)
        {
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"a VLAN's tag is from 1 to {VlanLink.MaximumVlanId}, not {vlanId}"));
        }

        if (priority > VlanLink.MaximumPriority)
        {
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"a priority is from 0 to {VlanLink.MaximumPriority}, not {priority}"));
        }

        NetworkInterface? netif = Network.FindVlan(trunk.Interface, (int)vlanId);
        if (netif is not null)
        {
            netif.Vlan!.Priority = (int)priority;
            return null;
        }

        if (Interfaces.Count == Interfaces.Capacity)
        {
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, "no room for more interfaces");
        }

        Arena arena = Arena.Create();
        BootInterface vlan;
        using (arena.Enter())
        {
            vlan = new BootInterface(trunk, new VlanLink(trunk.Interface.Link, (int)vlanId) { Priority = (int)priority }, arena);
            Settings.Root.Remove(vlan.Interface.Name); // A block of that name which a script made before.
            Add(vlan);
        }

        return trunk.Interface.IsOpen ? Open(vlan) : null;
    }

    /// <summary>Closes a VLAN's interface, and frees it.</summary>
    public Error? DestroyVlan(BootInterface vlan)
    {
        if (vlan.Trunk is not BootInterface trunk)
        {
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"{vlan.Interface.Name} is no VLAN"));
        }

        FetchClient.CloseIdle(); // Connections that are kept know their interface.
        vlan.Close();
        if (Settings.LastOpened == vlan.Interface.Name)
        {
            Settings.LastOpened = trunk.Interface.Name;
        }

        Settings.Root.Remove(vlan.Interface.Name);
        Network.Remove(vlan.Interface);
        Interfaces.Remove(vlan);
        vlan.Dispose();
        return null;
    }

    /// <summary>Has an interface come first.</summary>
    public void Prefer(BootInterface bootInterface)
    {
        for (int i = Interfaces.IndexOf(bootInterface); i > 0; i--)
        {
            (Interfaces[i - 1], Interfaces[i]) = (Interfaces[i], Interfaces[i - 1]);
        }

        Network.Prefer(bootInterface.Interface);
    }

    /// <summary>Opens an interface; it is "netX" from then on.</summary>
    public Error? Open(BootInterface bootInterface)
    {
        Error? error = bootInterface.Open();
        if (error is null)
        {
            Settings.LastOpened = bootInterface.Interface.Name;
        }

        return error;
    }

    /// <summary>What a DHCP client says of itself on an interface, with what the user set.</summary>
    /// <param name="bootInterface">One of <see cref="Interfaces"/>.</param>
    /// <param name="timeout">Microseconds, 0 for the usual time.</param>
    /// <param name="wantsBootFile">Waits for who says what to boot.</param>
    internal DhcpOptions DescribeClient(BootInterface bootInterface, ulong timeout, bool wantsBootFile)
    {
        DhcpOptions options = new()
        {
            Uuid = SmbiosBlock.GetUuid(Platform),
            ClientArchitecture = Platform.DhcpArchitecture,
            WantsBootFile = wantsBootFile,
            Observer = this,
            HasTls = Platform.HasTls,
        };
        options.UserClass = OwnText(bootInterface, "user-class") ?? options.UserClass;
        options.VendorClass = OwnText(bootInterface, "vendor-class");
        options.HostName = OwnText(bootInterface, "hostname");
        if (timeout != 0)
        {
            options.Timeout = timeout;
            options.OutwaitsSpanningTree = false;
        }

        return options;
    }

    void IDhcpObserver.OnBlockedPort(NetworkInterface netif) =>
        Terminal.Write(TextBuilder.Format($"\n{netif.Name}: the switch port may still be blocked (spanning tree), waiting... "));

    /// <summary>An interface has got a lease.</summary>
    internal void OnLease(BootInterface bootInterface)
    {
        _log.Invalidate();
        bootInterface.ForgetStatic();
        bootInterface.ApplyOwn();
        bootInterface.Settings.Reprioritize();
        _proxy.Reprioritize(); // what the lease itself says is found first
    }

    /// <summary>Waits for a key; Ctrl-C is one.</summary>
    /// <param name="timeout">Microseconds, 0 for no limit.</param>
    /// <param name="key">The key, when there was one in time.</param>
    public bool TryWaitForKey(ulong timeout, out Key key)
    {
        ulong started = EventLoop.Now;
        while (!Terminal.TryReadKey(out key))
        {
            if (!EventLoop.RunOnce())
            {
                key = new Key(Key.ControlC);
                return true;
            }

            if (timeout != 0 && EventLoop.Now - started >= timeout)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The interface of that name ("net0", "netX"), or null.</summary>
    public BootInterface? FindInterface(string name)
    {
        foreach (BootInterface bootInterface in Interfaces)
        {
            if (bootInterface.Interface.Name == (name == "netX" ? Settings.LastOpened : name))
            {
                return bootInterface;
            }
        }

        return null;
    }

    /// <summary>Fetches what a URI names into a new image, which is registered when all of it has come.</summary>
    /// <param name="uriText">Absolute, or relative to <see cref="WorkingUri"/>; "##params" at its end has the parameters sent.</param>
    /// <param name="name">The image's name; null for the last part of the URI's path.</param>
    /// <param name="timeout">Microseconds without progress, 0 for no limit.</param>
    /// <param name="quiet">Shows no progress.</param>
    /// <param name="image">Null with an error.</param>
    /// <param name="isReserved">Its memory is left alone by the operating system.</param>
    public Error? FetchImage(string uriText, string? name, ulong timeout, bool quiet, out Image? image, bool isReserved = false)
    {
        image = null;
        using ParameterList? parameters = Parameters.TakeFrom(ref uriText);
        Error? error = ResolveUri(uriText, out ResourceUri? uri);
        if (uri is null)
        {
            return error;
        }

        Image fetched = Image.Create(Platform, name ?? uri.FileName, uri.ToText(), isReserved);
        using (Progress progress = new(Terminal, EventLoop, TextBuilder.Format($"{uri}"), fetched.Content))
        {
            EventLoop.Progress = quiet ? null : progress;
            error = Prepare(FetchClient) ?? Platform.Fetch(uri, fetched.Content, new FetchOptions { Timeout = timeout, Request = parameters?.ToRequest() });
            FetchClient.HttpProxy = null; // It is of this command's memory.
            EventLoop.Progress = null;
            if (!quiet)
            {
                progress.Finish(error is null);
            }
        }

        if (error is not null)
        {
            fetched.Dispose();
            return error;
        }

        if (fetched.Content.MovedTo is ResourceUri target)
        {
            fetched.MoveTo(target.ToText());
        }

        Images.Add(fetched);
        image = fetched;
        return null;
    }

    /// <summary>Has a client go the ways that the settings say: name servers, and a proxy for HTTP, in the current arena.</summary>
    internal Error? Prepare(FetchClient client)
    {
        UseDnsServers(client);
        return UseHttpProxy(client);
    }

    /// <summary>Finds the addresses of a host that a script names.</summary>
    /// <param name="host">A name, or an address as text.</param>
    /// <param name="addresses">Room for <see cref="FetchClient.MaximumAddresses"/>: those that were found, in the order to try them.</param>
    /// <param name="count">How many; 0 with an error.</param>
    public Error? Resolve(string host, Span<IPAddress> addresses, out int count)
    {
        UseDnsServers(FetchClient);
        return FetchClient.Resolve(host, 0, addresses, out count);
    }

    /// <summary>Decompresses an image into a new one, which is registered when all of it is right.</summary>
    /// <param name="image">Of gzip or zlib.</param>
    /// <param name="name">The new image's name; null for the image's without its suffix.</param>
    /// <param name="extracted">Null with an error.</param>
    /// <param name="isReserved">As of <see cref="FetchImage"/>.</param>
    public unsafe Error? ExtractImage(Image image, string? name, out Image? extracted, bool isReserved = false)
    {
        ReadOnlySpan<char> stem = image.Name;
        int dot = stem.LastIndexOf('.');
        stem = dot < 0 ? stem : stem.Slice(0, dot);
        extracted = Image.Create(Platform, name is null ? stem : name, image.Uri, isReserved);
        Error? error = CompressedFile.Extract(image.Content.Pointer, image.Content.Length, extracted.Content, EventLoop);
        if (error is null)
        {
            extracted.IsTrusted = image.IsTrusted; // What was signed is what it is made of.
            Images.Add(extracted);
            return null;
        }

        extracted.Dispose();
        extracted = null;
        return new Error(error.Status, TextBuilder.Format($"{image.Name}: {error.Message}"));
    }

    /// <summary>
    /// Executes an image: a script here, anything else by the firmware, what is compressed after it was decompressed. Frees it then, or when it
    /// is none of them, if it is to be freed.
    /// </summary>
    public Error? Execute(Image image)
    {
        while (true)
        {
            Error? error = ImageArguments.CheckExecutable(image);
            Image? replacement = null;
            image.IsExecutable |= error is null;
            error ??= Images.CheckTrust(image);
            if (error is null && image.IsScript)
            {
                error = Interpreter.Current is { Depth: >= Interpreter.MaximumDepth }
                    ? new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, TextBuilder.Format($"{image.Name}: too many scripts within scripts"))
                    : RunScript(image, out replacement);
            }
            else if (error is null && CompressedFile.IsGzip(image.Content.Span))
            {
                error = ExtractToExecute(image, out replacement);
            }
            else
            {
                error ??= Platform.Start(image, Images);
            }

            if (image.IsAutoFree)
            {
                Images.Free(image);
            }

            if (replacement is null)
            {
                return error;
            }

            image = replacement;
        }
    }

    /// <summary>Resolves what a script has for a URI against the working URI; one without any scheme then is refused.</summary>
    public Error? ResolveUri(string text, out ResourceUri? uri)
    {
        Error? error;
        text = ToReference(text);
        ResourceUri? working = WorkingUri.Value.Length == 0 ? null : ResourceUri.Parse(WorkingUri.Value, out _);
        uri = working is null ? ResourceUri.Parse(text, out error) : working.Resolve(text, out error);
        if (uri is { IsAbsolute: false })
        {
            uri = null;
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{text}: not a whole URI, and there is nothing to complete it with"));
        }

        return error;
    }

    /// <summary>
    /// Scripts join directories and names with "/", and fetch files with a colon in their names: what would be a host (RFC 3986, 4.2), or a
    /// scheme with digits that none of ours has, is a path there.
    /// </summary>
    internal static string ToReference(string text)
    {
        if (text.AsSpan().StartsWith("//"))
        {
            return "/." + text;
        }

        int colon = text.AsSpan().IndexOf(':');
        if (colon < 0 || text.AsSpan().Slice(colon).StartsWith("://"))
        {
            return text;
        }

        foreach (char c in text.AsSpan().Slice(0, colon))
        {
            if (c is (>= '0' and <= '9') or '+' or '.')
            {
                return "./" + text;
            }
        }

        return text;
    }

    /// <summary>Reads commands from the terminal until exit.</summary>
    public EFI_STATUS RunShell() => Interpreter.RunShell(Editor);

    /// <summary>Sends what the log server has not got yet, before the network goes.</summary>
    public void FlushLog() => _syslog.Flush();

    public void Dispose()
    {
        // Scripts that a fault interrupted: while they run, they are not in the registry.
        for (ScriptFrame? frame = Interpreter.Current; frame is not null; frame = frame.Caller)
        {
            frame.Script?.Dispose();
        }

        San.Dispose();
        _syslog.Dispose();
        _log.Dispose();
        FetchClient.Dispose();
        Trust.Dispose();
        Images.Dispose();
        Parameters.Dispose();
        Menus.Dispose();
        Settings.Dispose();
        WorkingUri.Dispose();
        OwnUri.Dispose();
        foreach (BootInterface bootInterface in Interfaces)
        {
            bootInterface.Dispose();
        }
    }

    private Error? ExtractToExecute(Image image, out Image? extracted)
    {
        Error? error = ExtractImage(image, null, out extracted);
        extracted?.CommandLine.Set(image.CommandLine.Value);
        extracted?.IsAutoFree = true;
        return error;
    }

    // Name servers that were set for all ("set dns ...") are asked in place of the interfaces'.
    private void UseDnsServers(FetchClient client)
    {
        Span<IPAddress> servers = stackalloc IPAddress[2 * InterfaceBlock.MaximumDnsServers];
        Settings.Root.TryFetchHere(SettingName.Predefined("dns"), out ReadOnlySpan<byte> value, out _);
        int count = InterfaceBlock.ReadAddresses(value, AddressFamily.IPv4, servers.Slice(0, InterfaceBlock.MaximumDnsServers));
        Settings.Root.TryFetchHere(SettingName.Predefined("dns6"), out value, out _);
        count += InterfaceBlock.ReadAddresses(value, AddressFamily.IPv6, servers.Slice(count, InterfaceBlock.MaximumDnsServers));
        client.SetDnsServers(servers.Slice(0, count));
    }

    /// <summary>Has HTTP go through who the setting http-proxy names: "http://host:port", or without the scheme.</summary>
    private Error? UseHttpProxy(FetchClient client)
    {
        string value = Settings.Format("http-proxy");
        if (value.Length == 0)
        {
            return null;
        }

        ResourceUri? proxy = ResourceUri.Parse(value.AsSpan().IndexOf("://") < 0 ? TextBuilder.Format($"http://{value}") : value, out Error? error);
        if (proxy is null || proxy.Scheme != "http" || string.IsNullOrEmpty(proxy.Host))
        {
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"http-proxy: {(error is null ? "not a host with a port" : error.Message)}: {value}"));
        }

        client.HttpProxy = proxy;
        return null;
    }

    /// <summary>What the user set of a setting, for the interface or for all; not what any server said.</summary>
    private string? OwnText(BootInterface bootInterface, string setting)
    {
        SettingName name = SettingName.Predefined(setting);
        return bootInterface.Settings.TryFetchHere(name, out ReadOnlySpan<byte> value, out _) || Settings.Root.TryFetchHere(name, out value, out _)
            ? Encoding.Latin1.GetString(value)
            : null;
    }

    private Error? RunScript(Image script, out Image? replacement)
    {
        using OwnedText caller = new();
        caller.Set(WorkingUri.Value);
        if (script.Uri.Length > 0)
        {
            WorkingUri.Set(script.Uri);
        }

        EFI_STATUS status = Interpreter.RunScript(script, out replacement);
        WorkingUri.Set(caller.Value);
        return status.IsSuccess
            ? null
            : new Error(status, TextBuilder.Format($"{script.Name} ended with status {ExitStatus.ToCode(status)}"));
    }
}
