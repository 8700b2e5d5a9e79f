namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>Comparisons in the circle of sequence numbers (RFC 9293, 3.4): right while both are less than 2^31 apart.</summary>
internal static class TcpSequence
{
    public static bool Less(uint a, uint b) => (int)(a - b) < 0;
    public static bool LessOrEqual(uint a, uint b) => (int)(a - b) <= 0;
    public static uint Max(uint a, uint b) => Less(a, b) ? b : a;
    public static uint Min(uint a, uint b) => Less(a, b) ? a : b;
}
