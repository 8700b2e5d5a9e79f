using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>
/// PDUs, read whole, and in pieces of as many bytes as the first byte says: both must come to the same. Their data are read as texts and as
/// sense; the input as a
/// root path.
/// </summary>
internal sealed class IscsiPduTarget : FuzzTarget
{
    public override string Name => "iscsi";

    public override string Subject => "iSCSI PDUs cut anywhere, with digests and without; texts, sense data, root paths";

    public override int MaximumSize => 400;

    public override IEnumerable<string> Words => ["CHAP_C=0x", "AuthMethod=CHAP\0", "=0b", "iscsi:", "::::iqn.", "TargetAddress=[", "-4752-"];

    public override IEnumerable<byte[]> Seeds =>
    [
        [0, 7, .. Pdu(0x23, "AuthMethod=None\0TargetPortalGroupTag=1\0"u8)],
        [0, 200, .. Pdu(0x23, "CHAP_A=5\0CHAP_I=1\0CHAP_C=0x0102\0"u8), .. Pdu(0x21, [0, 18, 0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x25, 0, 0, 0, 0, 0])],
        [1, 3, .. Pdu(0x25, []), 0, 0, 0, 0],
        [4, 1, .. Pdu(0x31, [])],
        [0, 1, .. "iscsi:u:p@[::1]:6:3260:1-2:iqn.x"u8],
    ];

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2)
        {
            return;
        }

        int flags = input[0];
        int piece = input[1] + 1;
        string whole = Read(input[2..], flags, int.MaxValue);
        string parts = Read(input[2..], flags, piece);
        FuzzFinding.Unless(whole == parts, $"whole: {whole}\nin pieces of {piece}: {parts}");
        IscsiRootPath? path = IscsiRootPath.Parse(Encoding.Latin1.GetString(input[2..]), out Error? error);
        FuzzFinding.Unless(path is null != error is null, "a root path that is read and refused");
    }

    private static byte[] Pdu(byte opcode, ReadOnlySpan<byte> data) =>
        [opcode, 0x80, 0, 0, 0, 0, 0, (byte)data.Length, .. new byte[40], .. data, .. new byte[-data.Length & 3]];

    private static string Read(ReadOnlySpan<byte> input, int flags, int piece)
    {
        Handler handler = new();
        IscsiPduReader reader = new(handler)
        {
            HasHeaderDigest = (flags & 1) != 0,
            HasDataDigest = (flags & 2) != 0,
            MaximumData = 4 << ((flags >> 2) & 15),
        };
        while (!input.IsEmpty)
        {
            ReadOnlySpan<byte> part = input[..Math.Min(piece, input.Length)];
            input = input[part.Length..];
            reader.Read(part);
        }

        return $"{handler.Result}{reader.Failure}";
    }

    private sealed class Handler : IIscsiPduHandler
    {
        private readonly List<byte> _data = [];

        public string Result { get; private set; } = "";

        public void OnHeader(IscsiPdu pdu)
        {
            _data.Clear();
            Result += $"header {pdu.Opcode:x} {pdu.DataLength}: ";
        }

        public void OnData(ReadOnlySpan<byte> piece) => _data.AddRange(piece);

        public void OnEnd(IscsiPdu pdu)
        {
            FuzzFinding.Unless(_data.Count == pdu.DataLength, "data of another length");
            ScsiSense sense = new([.. _data]);
            Result += $"{pdu.Tag} {pdu.Lun} {pdu.Residual} {sense.KeyName} {sense.CodeName} {IscsiReasons.Login(pdu.StatusClass, pdu.StatusDetail)} {IscsiReasons.Reject(pdu.Reason)} ";
            ReadOnlySpan<byte> text = _data.ToArray();
            byte[] room = new byte[16];
            while (IscsiText.TryRead(ref text, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
            {
                IscsiText.TryReadNumber(value, out ulong number);
                Result += $"{Convert.ToHexString(key)}={Convert.ToHexString(value)} {number} {IscsiText.ReadBytes(value, room)}; ";
            }
        }
    }
}
