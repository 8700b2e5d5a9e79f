using System.Linq;
using System.Text;

namespace NetBoot.Tests.Protocols;

/// <summary>Answers of a name server, byte by byte (RFC 1035, 4).</summary>
internal static class DnsBytes
{
    public static byte[] Name(string name) =>
        [.. name.Split('.').SelectMany(label => new[] { (byte)label.Length }.Concat(Encoding.ASCII.GetBytes(label))), 0];

    public static byte[] A(string name, byte seconds, params byte[] address) => [.. Name(name), 0, 1, 0, 1, 0, 0, 0, seconds, 0, 4, .. address];

    public static byte[] Alias(string name, string target)
    {
        byte[] data = Name(target);
        return [.. Name(name), 0, 5, 0, 1, 0, 0, 0, 90, 0, (byte)data.Length, .. data];
    }

    public static byte[] Answer(byte[] query, params byte[][] records)
    {
        int end = 12;
        while (query[end] != 0)
        {
            end += query[end] + 1;
        }

        byte[] answer = [.. query[..(end + 5)], .. records.SelectMany(r => r)];
        answer[11] = 0;
        answer[2] = 0x81;
        answer[3] = 0x80;
        answer[7] = (byte)records.Length;
        return answer;
    }

    public static byte[] Code(byte[] query, int code)
    {
        byte[] answer = Answer(query);
        answer[3] = (byte)(0x80 | code);
        return answer;
    }
}
