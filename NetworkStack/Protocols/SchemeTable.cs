using NetBoot.NetworkStack.Streams;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Protocols;

/// <summary>The schemes of URIs that are fetched.</summary>
public sealed class SchemeTable
{
    private readonly Scheme?[] _rows = [new("http", 80, new TcpStreamMaker()), new("tftp", TftpPacket.ServerPort, null), null];

    /// <summary>Adds https, which is there only where somebody says what to trust.</summary>
    /// <param name="streams">In TLS.</param>
    public void AddHttps(StreamMaker streams) => _rows[_rows.Length - 1] = new Scheme("https", 443, streams);

    /// <summary>The scheme with a name in small letters; null for none.</summary>
    public Scheme? Find(string? name)
    {
        foreach (Scheme? row in _rows)
        {
            if (row is not null && row.Name == name)
            {
                return row;
            }
        }

        return null;
    }
}
