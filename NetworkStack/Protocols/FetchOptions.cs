using NetBoot.NetworkStack.Protocols.Http;

namespace NetBoot.NetworkStack.Protocols;

/// <summary>How patient a transfer is. All times in microseconds of <see cref="EventLoop.Now"/>.</summary>
public sealed class FetchOptions
{
    /// <summary>The longest time without any progress before the transfer is given up, tries and all; 0 for no limit.</summary>
    public ulong Timeout { get; set; }

    /// <summary>The longest time without any progress before a try is given up.</summary>
    public ulong StallTimeout { get; set; } = 15_000_000;

    /// <summary>Redirects that are followed (RFC 9110, 15.4).</summary>
    public int MaximumRedirects { get; set; } = 10;

    /// <summary>How many tries in a row may end with little or nothing new.</summary>
    public int MaximumTries { get; set; } = 5;

    /// <summary>The TFTP window to ask for, in blocks (RFC 7440); 1 asks for none.</summary>
    public ushort TftpWindow { get; set; } = 16;

    /// <summary>How HTTP servers see this client (RFC 9110, 10.1.5). Those with rules for iPXE look for its name in it.</summary>
    public string UserAgent { get; set; } = "NetBoot/" + ProductVersion.Text + " (like iPXE)";

    /// <summary>What an HTTP request says beside its URI; null for a GET of nothing more.</summary>
    public HttpRequest? Request { get; set; }

    /// <summary>What part of a file is fetched; null for all of it. By HTTP alone.</summary>
    public HttpRange? Range { get; set; }
}
