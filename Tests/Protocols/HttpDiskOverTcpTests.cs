using NetBoot.NetworkStack.Streams;

namespace NetBoot.Tests.Protocols;

/// <summary>Over TCP as it is.</summary>
public sealed class HttpDiskOverTcpTests() : HttpDiskTests(() => null, new TcpStreamMaker());
