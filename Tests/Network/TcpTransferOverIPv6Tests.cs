namespace NetBoot.Tests.Network;

/// <summary>Transfers over IPv6.</summary>
public sealed class TcpTransferOverIPv6Tests() : TcpTransferTests(isIPv6: true);
