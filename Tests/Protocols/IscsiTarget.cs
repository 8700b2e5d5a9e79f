using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Xunit;

namespace NetBoot.Tests.Protocols;

/// <summary>
/// A target of one disk behind a port of a scripted host, after RFC 7143 and what tgt does. It checks what the initiator sends, and does wrong
/// what a test asks
/// for. Written apart from the product's own formats.
/// </summary>
internal sealed class IscsiTarget
{
    public const string Name = "iqn.2024-01.test:disk";

    private static byte s_targets;

    public IscsiTarget(PeerHost host, byte[] disk, ushort port = 3260)
    {
        Disk = disk;
        RelativePort = ++s_targets;
        host.OnTcp(port, peer =>
        {
            IscsiTargetConnection connection = new(this, peer);
            Connections.Add(connection);
            peer.OnData = _ => connection.Read();
        });
    }

    public byte[] Disk { get; }

    /// <summary>SPC-4, 7.8.6: a name that the vendor chose.</summary>
    public byte IdentityKind { get; set; } = 1;

    /// <summary>What it is called itself.</summary>
    public string TargetName { get; set; } = Name;

    /// <summary>Another for each.</summary>
    public byte RelativePort { get; }

    public int BlockSize { get; set; } = 512;
    public ulong Lun { get; set; } = 1UL << 48;
    public byte DeviceType { get; set; }
    public bool IsReadOnly { get; set; }

    /// <summary>What vital product data say; null for none.</summary>
    public string? Identity { get; set; } = "disk one";

    /// <summary>READ CAPACITY's last block, where it is not the disk's own.</summary>
    public ulong? LastBlock { get; set; }

    public string? User { get; set; }
    public string Password { get; set; } = "";
    public string ReverseUser { get; set; } = "";
    public string ReversePassword { get; set; } = "";
    public int Algorithm { get; set; } = 5;

    /// <summary>Keys of the operational stage that are answered so, instead of as a mild target does.</summary>
    public Dictionary<string, string> Answers { get; } = [];

    /// <summary>Class and detail that a login gets; 0 for a session.</summary>
    public int LoginStatus { get; set; }

    /// <summary>With class 1.</summary>
    public string? Address { get; set; }

    /// <summary>Bytes of Data-In in a PDU at most.</summary>
    public int Segment { get; set; } = 65536;

    /// <summary>The status comes with the last data.</summary>
    public bool HasStatusInData { get; set; } = true;

    /// <summary>How far MaxCmdSN is ahead.</summary>
    public uint Window { get; set; } = 16;

    /// <summary>Sees each PDU in full feature phase, and says whether it has done all about it.</summary>
    public Func<IscsiTargetConnection, IscsiTargetPdu, bool>? Intercept { get; set; }

    public List<IscsiTargetConnection> Connections { get; } = [];

    /// <summary>Every PDU of all connections.</summary>
    public List<IscsiTargetPdu> Pdus { get; } = [];
}

internal sealed record IscsiTargetPdu(byte[] Header, byte[] Data)
{
    public int Opcode => Header[0] & 0x3F;
    public uint Tag => U32(16);
    public int Operation => Header[32];
    public uint U32(int at) => BinaryPrimitives.ReadUInt32BigEndian(Header.AsSpan(at));
    public ulong U64(int at) => BinaryPrimitives.ReadUInt64BigEndian(Header.AsSpan(at));
}

internal sealed class IscsiTargetConnection(IscsiTarget target, PeerTcp peer)
{
    private readonly List<byte> _chap = [];
    private uint _status = 100;
    private uint _expected;
    private bool _isFull;
    private bool _hasHeaderDigest;
    private bool _hasDataDigest;
    private int _own = 8192;
    private byte[] _write = [];
    private int _written;
    private uint _writeTag;
    private ulong _writeAt;
    private int _requested;

    public PeerTcp Peer => peer;
    public byte[] Isid { get; private set; } = [];
    public ushort SessionHandle { get; private set; }
    public Dictionary<string, string> Keys { get; } = [];
    public int Burst { get; private set; } = 262144;

    public void Read()
    {
        while (true)
        {
            byte[] bytes = [.. peer.Received];
            int digest = _hasHeaderDigest ? 4 : 0;
            if (peer.IsGone || bytes.Length < 48)
            {
                return;
            }

            int length = (bytes[5] << 16) | (bytes[6] << 8) | bytes[7];
            int padded = (length + 3) & ~3;
            int all = 48 + digest + padded + (_hasDataDigest && length > 0 ? 4 : 0);
            if (bytes.Length < all)
            {
                return;
            }

            Assert.Equal(0, bytes[4]);
            if (_hasHeaderDigest)
            {
                Assert.Equal(Crc(bytes[..48]), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(48)));
            }

            byte[] data = bytes[(48 + digest)..(48 + digest + padded)];
            if (_hasDataDigest && length > 0)
            {
                Assert.Equal(Crc(data), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(all - 4)));
            }

            peer.Received.RemoveRange(0, all);
            IscsiTargetPdu pdu = new(bytes[..48], data[..length]);
            target.Pdus.Add(pdu);
            OnPdu(pdu);
        }
    }

    /// <summary>RFC 7143, B.4 has the numbers that this comes to.</summary>
    public static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte b in bytes)
        {
            crc = System.Numerics.BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }

    public void Send(byte[] header, byte[] data)
    {
        header[5] = (byte)(data.Length >> 16);
        header[6] = (byte)(data.Length >> 8);
        header[7] = (byte)data.Length;
        SendRaw(header, data);
    }

    /// <summary>Leaves the length as it is.</summary>
    public void SendRaw(byte[] header, byte[] data)
    {
        byte[] padded = [.. data, .. new byte[-data.Length & 3]];
        peer.Send([.. header, .. _hasHeaderDigest ? Digest(header) : [], .. padded, .. _hasDataDigest && data.Length > 0 ? Digest(padded) : []]);
    }

    public byte[] Header(int opcode, int flags, uint tag, bool isStatus = true)
    {
        byte[] header = new byte[48];
        header[0] = (byte)opcode;
        header[1] = (byte)(0x80 | flags);
        Put(header, 16, tag);
        Put(header, 24, isStatus ? _status++ : 0);
        Put(header, 28, _expected);
        Put(header, 32, _expected - 1 + target.Window);
        return header;
    }

    public static void Put(byte[] header, int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(at), value);

    public void Respond(IscsiTargetPdu pdu, int status, byte[] sense, int flags = 0, uint residual = 0)
    {
        byte[] header = Header(0x21, flags, pdu.Tag);
        header[3] = (byte)status;
        Put(header, 44, residual);
        Send(header, sense.Length == 0 ? [] : [(byte)(sense.Length >> 8), (byte)sense.Length, .. sense]);
    }

    public void Sense(IscsiTargetPdu pdu, int key, int code, bool isDescriptor = false) => Respond(pdu, 2, isDescriptor
        ? [0x72, (byte)key, (byte)(code >> 8), (byte)code, 0, 0, 0, 0]
        : [0x70, 0, (byte)key, 0, 0, 0, 0, 10, 0, 0, 0, 0, (byte)(code >> 8), (byte)code, 0, 0, 0, 0]);

    public void SendData(IscsiTargetPdu pdu, byte[] data)
    {
        int asked = (int)pdu.U32(20);
        bool isShort = data.Length < asked;
        data = data[..Math.Min(data.Length, asked)];
        int step = Math.Min(target.Segment, _own);
        uint number = 0;
        int residual = isShort ? 2 : 0;
        for (int at = 0; at < data.Length; at += step)
        {
            bool isLast = at + step >= data.Length;
            bool hasStatus = isLast && target.HasStatusInData;
            byte[] header = Header(0x25, hasStatus ? 1 | residual : 0, pdu.Tag, hasStatus);
            header[1] = (byte)(isLast ? header[1] : header[1] & 0x7F);
            Put(header, 20, 0xFFFFFFFF);
            Put(header, 36, number++);
            Put(header, 40, (uint)at);
            Put(header, 44, hasStatus ? (uint)(asked - data.Length) : 0);
            Send(header, data[at..Math.Min(at + step, data.Length)]);
        }

        if (!target.HasStatusInData || data.Length == 0)
        {
            Respond(pdu, 0, [], residual, (uint)(asked - data.Length));
        }
    }

    private static byte[] Digest(byte[] bytes)
    {
        byte[] digest = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(digest, Crc(bytes));
        return digest;
    }

    private void OnPdu(IscsiTargetPdu pdu)
    {
        bool isImmediate = (pdu.Header[0] & 0x40) != 0;
        if (pdu.Opcode == 3)
        {
            Assert.False(_isFull);
            _expected = pdu.U32(24);
            OnLogin(pdu);
            return;
        }

        Assert.True(_isFull, "a PDU before the login is over");
        if (pdu.Opcode != 5)
        {
            Assert.Equal(_expected, pdu.U32(24)); // CmdSN
            _expected += isImmediate ? 0u : 1;
        }

        if (target.Intercept?.Invoke(this, pdu) == true)
        {
            return;
        }

        switch (pdu.Opcode)
        {
            case 0:
                Assert.True(isImmediate);
                if (pdu.Tag != 0xFFFFFFFF)
                {
                    byte[] header = Header(0x20, 0, pdu.Tag);
                    Put(header, 20, 0xFFFFFFFF);
                    Send(header, []);
                }

                break;
            case 1:
                OnCommand(pdu);
                break;
            case 2:
                Assert.True(isImmediate);
                Send(Header(0x22, 0, pdu.Tag), []);
                break;
            case 5:
                OnWriteData(pdu);
                break;
            case 6:
                Send(Header(0x26, 0, pdu.Tag), []);
                peer.Finish();
                break;
            default:
                Assert.Fail($"PDU {pdu.Opcode}");
                break;
        }
    }

    private void OnLogin(IscsiTargetPdu pdu)
    {
        Isid = pdu.Header[8..14];
        SessionHandle = BinaryPrimitives.ReadUInt16BigEndian(pdu.Header.AsSpan(14));
        Assert.Equal(0x43, pdu.Header[0]);
        Assert.Equal(0x80, Isid[0]);
        Dictionary<string, string> keys = Encoding.Latin1.GetString(pdu.Data).Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(each => each.Split('=', 2)).ToDictionary(each => each[0], each => each[1]);
        foreach ((string key, string value) in keys)
        {
            Keys[key] = value;
        }

        bool isLast = (pdu.Header[1] & 0x80) != 0;
        int stage = (pdu.Header[1] >> 2) & 3;
        string answer = "";
        int status = target.LoginStatus;
        if (status >> 8 == 1)
        {
            answer = $"TargetAddress={target.Address}\0";
        }
        else if (status == 0 && Keys["TargetName"] != target.TargetName)
        {
            status = 0x0203;
        }
        else if (status == 0 && stage == 0)
        {
            status = OnSecurity(keys, ref isLast, ref answer);
        }
        else if (status == 0)
        {
            Assert.True(isLast);
            foreach ((string key, string value) in keys)
            {
                if (key == "MaxRecvDataSegmentLength")
                {
                    _own = int.Parse(value, null);
                }

                string chosen = target.Answers.TryGetValue(key, out string? given) ? given : key switch
                {
                    "HeaderDigest" or "DataDigest" => value.Split(',')[0],
                    "MaxRecvDataSegmentLength" => "8192",
                    _ => value,
                };
                answer += $"{key}={chosen}\0";
                Burst = key == "MaxBurstLength" ? int.Parse(chosen, null) : Burst;
            }

            answer += "TargetPortalGroupTag=1\0";
        }

        byte[] header = Header(0x23, 0, pdu.Tag);
        header[1] = (byte)(status != 0 || !isLast ? (stage << 2) : pdu.Header[1]);
        Isid.CopyTo(header, 8);
        header[15] = 1;
        header[36] = (byte)(status >> 8);
        header[37] = (byte)status;
        Send(header, Encoding.Latin1.GetBytes(answer));
        if (status != 0)
        {
            peer.Finish();
        }
        else if (stage == 1)
        {
            _isFull = true;
            _hasHeaderDigest = answer.Contains("HeaderDigest=CRC32C", StringComparison.Ordinal);
            _hasDataDigest = answer.Contains("DataDigest=CRC32C", StringComparison.Ordinal);
        }
    }

    private int OnSecurity(Dictionary<string, string> keys, ref bool isLast, ref string answer)
    {
        bool isOffered = Keys["AuthMethod"].Split(',').Contains("CHAP");
        if (target.User is null)
        {
            answer = keys.ContainsKey("AuthMethod") ? "AuthMethod=None\0" : "";
            return 0;
        }

        if (!isOffered)
        {
            return 0x0201;
        }

        if (keys.ContainsKey("AuthMethod"))
        {
            Assert.False(isLast);
            answer = "AuthMethod=CHAP\0TargetPortalGroupTag=1\0";
        }
        else if (keys.TryGetValue("CHAP_A", out string? algorithms))
        {
            Assert.Contains($"{target.Algorithm}", algorithms.Split(','));
            _chap.AddRange(Enumerable.Range(1, 24).Select(each => (byte)(each * 7)));
            answer = $"CHAP_A={target.Algorithm}\0CHAP_I=77\0CHAP_C=0x{Convert.ToHexStringLower([.. _chap])}\0";
        }
        else
        {
            Assert.True(isLast);
            string expected = Chap(77, target.Password, [.. _chap]);
            if (keys["CHAP_N"] != target.User || !keys["CHAP_R"].Equals(expected, StringComparison.OrdinalIgnoreCase))
            {
                return 0x0201;
            }

            if (keys.TryGetValue("CHAP_C", out string? challenge))
            {
                answer = $"CHAP_N={target.ReverseUser}\0CHAP_R={Chap(int.Parse(keys["CHAP_I"], null), target.ReversePassword, Convert.FromHexString(challenge[2..]))}\0";
            }
        }

        return 0;
    }

    private string Chap(int number, string secret, byte[] challenge)
    {
        byte[] all = [(byte)number, .. Encoding.Latin1.GetBytes(secret), .. challenge];
        return "0x" + Convert.ToHexStringLower(target.Algorithm switch
        {
            5 => System.Security.Cryptography.MD5.HashData(all),
            6 => System.Security.Cryptography.SHA1.HashData(all),
            _ => System.Security.Cryptography.SHA256.HashData(all),
        });
    }

    private void OnCommand(IscsiTargetPdu pdu)
    {
        byte[] block = pdu.Header[32..48];
        ulong last = target.LastBlock ?? (ulong)(target.Disk.Length / target.BlockSize - 1);
        if (block[0] == 0xA0)
        {
            Assert.Equal(0UL, pdu.U64(8));
            SendData(pdu, [0, 0, 0, 16, 0, 0, 0, 0, .. new byte[8], .. Big(target.Lun, 8)]);
            return;
        }

        if (pdu.U64(8) != target.Lun)
        {
            Sense(pdu, 5, 0x2500);
            return;
        }

        switch (block[0])
        {
            case 0x00:
                Respond(pdu, 0, []);
                break;
            case 0x12 when (block[1] & 1) == 0:
                SendData(pdu, [target.DeviceType, 0, 5, 2, 31, .. new byte[31]]);
                break;
            case 0x12 when target.Identity is string identity && block[2] == 0x83:
                byte[] port = [1, 0x14, 0, 4, 0, 0, 0, target.RelativePort]; // Of the port that is asked (SPC-4, 7.8.6.8): another at each.
                byte[] own = [2, target.IdentityKind, 0, (byte)identity.Length, .. Encoding.ASCII.GetBytes(identity)];
                SendData(pdu, [target.DeviceType, 0x83, 0, (byte)(port.Length + own.Length), .. port, .. own]);
                break;
            case 0x1A:
                SendData(pdu, [3, 0, (byte)(target.IsReadOnly ? 0x80 : 0), 0]);
                break;
            case 0x25:
                SendData(pdu, [.. Big(Math.Min(last, uint.MaxValue), 4), .. Big((ulong)target.BlockSize, 4)]);
                break;
            case 0x9E:
                SendData(pdu, [.. Big(last, 8), .. Big((ulong)target.BlockSize, 4), .. new byte[20]]);
                break;
            case 0x35:
                Respond(pdu, 0, []);
                break;
            case 0x28 or 0x88:
            case 0x2A or 0x8A:
                OnTransfer(pdu, block, last);
                break;
            default:
                Sense(pdu, 5, 0x2000);
                break;
        }
    }

    private void OnTransfer(IscsiTargetPdu pdu, byte[] block, ulong last)
    {
        bool isLong = block[0] >= 0x80;
        ulong lba = isLong ? BinaryPrimitives.ReadUInt64BigEndian(block.AsSpan(2)) : BinaryPrimitives.ReadUInt32BigEndian(block.AsSpan(2));
        uint count = isLong ? BinaryPrimitives.ReadUInt32BigEndian(block.AsSpan(10)) : BinaryPrimitives.ReadUInt16BigEndian(block.AsSpan(7));
        Assert.True(lba + count <= last + 1, "beyond the end");
        int length = (int)count * target.BlockSize;
        Assert.Equal((uint)length, pdu.U32(20));
        int at = (int)(lba % (ulong)(target.Disk.Length / target.BlockSize)) * target.BlockSize;
        if ((block[0] & 0x0F) == 8)
        {
            Assert.Equal(0x40, pdu.Header[1] & 0x60);
            SendData(pdu, target.Disk[at..(at + length)]);
            return;
        }

        Assert.Equal(0x20, pdu.Header[1] & 0x60);
        _write = new byte[length];
        _writeTag = pdu.Tag;
        _writeAt = (ulong)at;
        pdu.Data.CopyTo(_write, 0);
        _written = pdu.Data.Length;
        _requested = (pdu.Header[1] & 0x80) != 0 ? _written : -1;
        GoOnWriting(pdu);
    }

    private void OnWriteData(IscsiTargetPdu pdu)
    {
        Assert.Equal(_writeTag, pdu.Tag);
        Assert.Equal((uint)_written, pdu.U32(40));
        Assert.True(pdu.Data.Length <= 8192);
        pdu.Data.CopyTo(_write, _written);
        _written += pdu.Data.Length;
        if ((pdu.Header[1] & 0x80) != 0)
        {
            Assert.True(_requested < 0 || _requested == _written);
            _requested = _written;
            GoOnWriting(pdu);
        }
    }

    private void GoOnWriting(IscsiTargetPdu pdu)
    {
        if (_requested < 0)
        {
            return; // Unasked data follow.
        }

        if (_written == _write.Length)
        {
            _write.CopyTo(target.Disk, (int)_writeAt);
            Respond(pdu, 0, []);
            return;
        }

        _requested = Math.Min(_written + Burst, _write.Length);
        byte[] header = Header(0x31, 0, _writeTag, false);
        Put(header, 20, 4711);
        Put(header, 40, (uint)_written);
        Put(header, 44, (uint)(_requested - _written));
        Send(header, []);
    }

    private static byte[] Big(ulong value, int size)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes[(8 - size)..];
    }
}
