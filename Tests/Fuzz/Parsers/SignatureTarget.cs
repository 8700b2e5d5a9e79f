using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.Boot.App.Images;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.App;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>A signature of an image, in DER or PEM, whose certificates are judged; the firmware, which is asked last, finds nothing wrong.</summary>
internal sealed class SignatureTarget : FuzzTarget
{
    /// <summary>By a certificate that signed itself, and is trusted.</summary>
    private const string Sample =
        "MIICXQYJKoZIhvcNAQcCoIICTjCCAkoCAQExDTALBglghkgBZQMEAgEwCwYJKoZIhvcNAQcBoIIBlTCCAZEwggE3oAMCAQICFE8+yEj6QS6A7Nc1+JnhTuNs" +
        "0EemMAoGCCqGSM49BAMCMAwxCjAIBgNVBAMMAVMwIBcNMjYxMTMwMDIzMzEzWhgPMjA4MTA5MDIwMjMzMTNaMAwxCjAIBgNVBAMMAVMwWTATBgcqhkjOPQIB" +
        "BggqhkjOPQMBBwNCAATM/ZCLiXu/XsdsVL7hvxNjPKC+c7PWQPK9EIHLELsDSbJ5t6dwYdvCxdT1UHbtP2Z2z88OktJTJF0dQQdePunno3UwczAdBgNVHQ4E" +
        "FgQUZ8IGL+w19U6I7CN5X+i/KJshEYAwHwYDVR0jBBgwFoAUZ8IGL+w19U6I7CN5X+i/KJshEYAwDwYDVR0TAQH/BAUwAwEB/zATBgNVHSUEDDAKBggrBgEF" +
        "BQcDAzALBgNVHQ8EBAMCB4AwCgYIKoZIzj0EAwIDSAAwRQIhAKqgesoZMqmD8I4cKP3EUAcnrd1UqXsVqe7kyhuCCS+DAiBnOXB57aqES9896KrWp+9/SzJs" +
        "89QEyepYb+5KzKhiqDGBjzCBjAIBATAkMAwxCjAIBgNVBAMMAVMCFE8+yEj6QS6A7Nc1+JnhTuNs0EemMAsGCWCGSAFlAwQCATAKBggqhkjOPQQDAgRIMEYC" +
        "IQCVnclqacfLJ8P81Gxr1KjY8ivixbA2KIzkKl3FK3hXXwIhAOhwtdOOFl9bk0yuITSsbALTkTmuVTXz4NQRcY1l1e4N";

    public override string Name => "signature";

    public override string Subject => "signatures of images (CMS)";

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            yield return Convert.FromBase64String(Sample);
            yield return Encoding.ASCII.GetBytes($"-----BEGIN CMS-----\n{Sample}\n-----END CMS-----\n");
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        TestSession session = new();
        session.Platform.Clock = 1_800_000_000;
        CmsSignature.TryParse(Convert.FromBase64String(Sample), out CmsSignature sample);
        session.Session.Trust.Add(sample.Certificates);
        using (Image image = Image.Create(session.Platform, "image", ""))
        {
            using Image file = Image.Create(session.Platform, "image.sig", "");
            image.Content.Begin(1);
            image.Content.Write([0]);
            file.Content.Begin((ulong)input.Length);
            file.Content.Write(input);
            FuzzFinding.Unless(ImageSignature.Verify(session.Session, image, file, "S") is null == image.IsTrusted, "an image is trusted whose signature was refused");
        }

        session.Dispose();
        FuzzFinding.Unless(session.Platform.PagesInUse == 0, $"{session.Platform.PagesInUse} pages are left behind");
    }
}
