using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Tests.Protocols;

/// <summary>A TFTP server with options (RFC 2348, RFC 2349, RFC 7440), each of which can be left out; it repeats what is lost.</summary>
internal sealed class TftpServer
{
    private readonly PeerHost _host;
    private readonly Func<string, byte[]?> _find;
    private ushort _nextPort = 2000;

    public TftpServer(PeerHost host, byte[] file) : this(host, _ => file)
    {
    }

    /// <param name="find">The file of a name, or null.</param>
    public TftpServer(PeerHost host, Func<string, byte[]?> find)
    {
        _host = host;
        _find = find;
        host.OnUdp(69, OnRequest);
    }

    public bool KnowsBlockSize { get; set; } = true;
    public bool KnowsSize { get; set; } = true;
    public bool KnowsWindow { get; set; } = true;

    /// <summary>Refuses requests with options by error 8.</summary>
    public bool RefusesOptions { get; set; }
    public int LargestBlockSize { get; set; } = 65464;
    public ulong Timeout { get; set; } = 1_000_000;

    /// <summary>The number after 65535: 0 or 1.</summary>
    public int FirstAfterRollOver { get; set; }

    public List<string> Requests { get; } = [];
    public List<string> Errors { get; } = [];
    public int DataSent { get; private set; }
    public int Acknowledgements { get; private set; }
    public int Finished { get; private set; }

    private void OnRequest(IPEndpoint client, byte[] packet)
    {
        string[] words = Encoding.Latin1.GetString(packet, 2, packet.Length - 3).Split('\0');
        Requests.Add(string.Join(' ', words));
        ushort port = _nextPort++;
        if (RefusesOptions && words.Length > 2)
        {
            _host.SendUdp(port, client, Error(8, "no options here"));
            return;
        }

        if (_find(words[0]) is not { } file)
        {
            _host.SendUdp(port, client, Error(1, "file not found"));
            return;
        }

        int blockSize = 512;
        int window = 1;
        string answer = "";
        for (int i = 2; i + 1 < words.Length; i += 2)
        {
            int value = int.Parse(words[i + 1]);
            switch (words[i])
            {
                case "blksize" when KnowsBlockSize:
                    blockSize = Math.Min(value, LargestBlockSize);
                    answer += $"blksize\0{blockSize}\0";
                    break;
                case "tsize" when KnowsSize:
                    answer += $"tsize\0{file.Length}\0";
                    break;
                case "windowsize" when KnowsWindow:
                    window = value;
                    answer += $"windowsize\0{value}\0";
                    break;
            }
        }

        Session session = new(this, client, port, file, blockSize, window);
        session.Start(answer);
    }

    public static byte[] Error(ushort code, string text) => [0, 5, (byte)(code >> 8), (byte)code, .. Encoding.Latin1.GetBytes(text), 0];

    private sealed class Session(TftpServer server, IPEndpoint client, ushort port, byte[] file, int blockSize, int window)
    {
        private long _acknowledged = -1;
        private readonly long _blocks = file.Length / blockSize + 1;
        private byte[]? _options;
        private int _generation;
        private int _repeats;

        public void Start(string options)
        {
            server._host.OnUdp(port, OnPacket);
            if (options.Length == 0)
            {
                _acknowledged = 0;
            }
            else
            {
                _options = [0, 6, .. Encoding.Latin1.GetBytes(options)];
            }

            Send();
        }

        private void Send()
        {
            if (_acknowledged < 0)
            {
                server._host.SendUdp(port, client, _options);
            }
            else
            {
                for (long block = _acknowledged + 1; block <= Math.Min(_acknowledged + window, _blocks); block++)
                {
                    long start = (block - 1) * blockSize;
                    ReadOnlySpan<byte> data = file.AsSpan((int)start, (int)Math.Min(blockSize, file.Length - start));
                    byte[] packet = new byte[4 + data.Length];
                    packet[1] = 3;
                    BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), Number(block));
                    data.CopyTo(packet.AsSpan(4));
                    server.DataSent++;
                    server._host.SendUdp(port, client, packet);
                }
            }

            int generation = ++_generation;
            server._host.Wire.After(server.Timeout, () =>
            {
                if (generation == _generation && _repeats++ < 20)
                {
                    Send();
                }
            });
        }

        private ushort Number(long block) => server.FirstAfterRollOver == 0 || block == 0 ? (ushort)block : (ushort)((block - 1) % 65535 + 1);

        private void OnPacket(IPEndpoint from, byte[] packet)
        {
            if (packet[1] == 5)
            {
                server.Errors.Add($"{packet[3]} {Encoding.Latin1.GetString(packet, 4, packet.Length - 5)}");
                _generation++;
                server._host.StopUdp(port);
                return;
            }

            server.Acknowledgements++;
            ushort number = BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(2));
            long current = Math.Max(_acknowledged, 0);
            long block = server.FirstAfterRollOver == 0 ? current + (short)(number - (ushort)current)
                : number == Number(current + 1) ? current + 1
                : current;
            if (block < _acknowledged || block > Math.Max(_acknowledged, 0) + window || (block == _acknowledged && window == 1))
            {
                return; // old; in lockstep, answering it would send everything twice (RFC 1123, 4.2.3.1)
            }

            _acknowledged = block;
            _repeats = 0;
            if (_acknowledged >= _blocks)
            {
                server.Finished++;
                _generation++;
                return;
            }

            Send();
        }
    }
}
