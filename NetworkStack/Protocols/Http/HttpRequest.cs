namespace NetBoot.NetworkStack.Protocols.Http;

/// <summary>What a request says beside its URI (RFC 9110, 9 and 6).</summary>
public sealed class HttpRequest
{
    /// <summary>GET, POST or PUT.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>Whole field lines, each with its line break ("Name: value\r\n"); sent to the URI's own server alone, not where that redirects to.</summary>
    public string Fields { get; init; } = "";

    /// <summary>The content's media type; null for none.</summary>
    public string? ContentType { get; init; }

    /// <summary>The content.</summary>
    public byte[] Content { get; init; } = [];

    /// <summary>Doing it twice is doing it once (RFC 9110, 9.2.2).</summary>
    internal bool IsIdempotent => Method != "POST";
}
