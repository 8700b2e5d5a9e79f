using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.Boot.App.Digests;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Trust;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>
/// Certificates: one by itself, what a server sends, a file of them, a file of a key, and lists of the firmware's. The first byte says for which host.
/// </summary>
internal sealed class CertificateTarget : FuzzTarget, IWallClock
{
    private static readonly string[] s_hosts = ["a.example", "192.0.2.1", "2001:db8::1"];

    public override string Name => "certificate";

    public override string Subject => "certificates, chains that servers send, files of certificates and keys, EFI_SIGNATURE_LIST";

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] own = Convert.FromBase64String(SampleCertificate);
            byte[] pem = Encoding.ASCII.GetBytes($"text\n-----BEGIN CERTIFICATE-----\n{SampleCertificate}\n-----END CERTIFICATE-----\n");
            yield return [0, .. own];
            yield return [0, .. pem];
            yield return [0, .. Sized(Sized(own))];
            yield return [1, .. Sized([.. Sized(own), .. Sized(own)])];
            byte[] size = BitConverter.GetBytes(16 + own.Length);
            byte[] type = [0xA1, 0x59, 0xC0, 0xA5, 0xE4, 0x94, 0xA7, 0x4A, 0x87, 0xB5, 0xAB, 0x15, 0x5C, 0x2B, 0xF0, 0x72];
            yield return [2, .. type, .. BitConverter.GetBytes(28 + 16 + own.Length), 0, 0, 0, 0, .. size, .. new byte[16], .. own];
            yield return [0, .. "-----BEGIN PRIVATE KEY-----\nMAoCAQAwAAQDAQID\n-----END PRIVATE KEY-----\n"u8];
        }
    }

    public long UnixTime => 1_800_000_000;

    public long Earliest => 1_790_000_000;

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        string host = s_hosts[input[0] % s_hosts.Length];
        input = input.Slice(1);
        TextBuilder text = new(64, 0);
        if (X509Certificate.TryParse(input, out X509Certificate certificate))
        {
            FuzzFinding.Unless(!certificate.Subject.IsEmpty && !certificate.Issuer.IsEmpty, "a certificate without names was read");
            X509Name.AppendTo(ref text, certificate.Subject);
            X509Name.AppendCommonName(ref text, certificate.Issuer);
            text.AppendFormatted(new CalendarTime(certificate.NotAfter));
            HostName.Matches(host, certificate);
            NameConstraints.Forbid(certificate, certificate, out _);
        }

        X509Name.AppendTo(ref text, input);
        using TrustStore store = new(new Hashes());
        store.AddSignatureLists(input);
        store.AddAll(TrustSource.Image, input.ToArray());
        int before = store.Count;
        ReadOnlySpan<byte> rest = input;
        while (CertificateFile.ReadCertificate(ref rest, out ReadOnlySpan<byte> each) is null && !each.IsEmpty)
        {
            store.Add(each);
        }

        FuzzFinding.Unless(CertificateFile.ReadKey(input, out byte[] key) is null == key.Length > 0, "a key without an error, or an error with a key");
        CertificateJudge judge = new(store, this);
        Span<int> stored = stackalloc int[10];
        int count = judge.FindStored(input, stored);
        foreach (int index in stored.Slice(0, count))
        {
            FuzzFinding.Unless(index < store.Count && !store[index].IsEmpty, "a certificate that the store does not have");
        }

        Error? error = judge.Judge(host, input);
        FuzzFinding.Unless(error is not null || count > 0, "a chain without a root is good");
        judge.Explain(host, input, Uefi.Interop.Raw.EFI_STATUS.EFI_ABORTED);
        for (StoredCertificate? at = store.First; at is not null;)
        {
            StoredCertificate? next = at.Next;
            store.Remove(at);
            at = next;
        }

        FuzzFinding.Unless(store.Count <= before, "what was added cannot be removed");
    }

    private static byte[] Sized(byte[] bytes) => [(byte)(bytes.Length >> 16), (byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];

    // P-256, of itself, for a.example, *.a.example, 192.0.2.1 and 2001:db8::1, with every extension that is read.
    private const string SampleCertificate =
        "MIIClDCCAjmgAwIBAgIUa2XvlH1DKcwaivpcpMZ2IETwBIEwCgYIKoZIzj0EAwIwUDEXMBUGCgmSJomT8ixkARkWB2V4YW1wbGUxITAfBgNVBAoMGEFuIEV4" +
        "YW1wbGUsIHdpdGggKyBzaWduczESMBAGA1UEAwwJYS5leGFtcGxlMB4XDTI2MTEzMDA1NDMzNloXDTM2MTEyNzA1NDMzNlowUDEXMBUGCgmSJomT8ixkARkW" +
        "B2V4YW1wbGUxITAfBgNVBAoMGEFuIEV4YW1wbGUsIHdpdGggKyBzaWduczESMBAGA1UEAwwJYS5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE" +
        "iHxMqreDpC3nbwy63E+HP2ssJIQZW1wJg8bnV8CrG3BWyMdpe0/cJSQezWHPv5KsPhPWa1JC2kSAUfuwZ1NJ3aOB8DCB7TASBgNVHRMBAf8ECDAGAQH/AgEB" +
        "MA4GA1UdDwEB/wQEAwIChDATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQUXPzeOudW0UWCTH/c32utSYmtZjIwOQYDVR0RBDIwMIIJYS5leGFtcGxl" +
        "ggsqLmEuZXhhbXBsZYcEwAACAYcQIAENuAAAAAAAAAAAAAAAATBYBgNVHR4BAf8ETjBMoDswCYIHZXhhbXBsZTAKhwjAAAIA////ADAihyAgAQ24AAAAAAAA" +
        "AAAAAAAA/////wAAAAAAAAAAAAAAAKENMAuCCWIuZXhhbXBsZTAKBggqhkjOPQQDAgNJADBGAiEA3q2+uAl+qmBczVEmzBsUMbiJpOQAxOBT21FkvQf379wC" +
        "IQCnLCxR4enh5u4HWg/2sRaPWlnhpCxPrWVPpkrJvt/SQw==";
}
