namespace NetBoot.Tests.Protocols;

/// <summary>Over TCP as it is.</summary>
public sealed class HttpOverTcpTests() : HttpTests(() => null, null);
