using System;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Platforms;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>The firmware's verifier of signatures, as the app asks it.</summary>
[Collection("Firmware")]
public sealed unsafe class FirmwareSignatureTests : IDisposable
{
    private readonly SimulatedFirmware _firmware = new();
    private readonly TestPlatform _pages = new();
    private readonly FirmwarePlatform _platform;

    public FirmwareSignatureTests()
    {
        _platform = new(_firmware.Image.Protocol, new NetworkSetup(null, [], false), new TestDomain());
    }

    public void Dispose()
    {
        _firmware.Dispose();
        Assert.Equal(0, _pages.PagesInUse);
    }

    [Fact]
    public void WithoutAVerifier_ASentenceSaysSo()
    {
        using Image image = MakeImage("content"u8);

        Error? error = _platform.VerifySignature(image, "signature"u8, "root"u8);

        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, error!.Status);
        Assert.Equal("this firmware cannot verify signatures (it has no EFI_PKCS7_VERIFY_PROTOCOL)", error.Message);
    }

    [Fact]
    public void Verifier_GetsSignatureContentAndOneRoot_AndItsVerdictCounts()
    {
        using Image image = MakeImage("content"u8);
        string asked = "";
        EFI_STATUS verdict = EFI_STATUS.EFI_SUCCESS;
        SimulatedSignatureVerifier verifier = new(_firmware)
        {
            OnVerify = (signature, content, root) =>
            {
                asked = $"{Text(signature)} {Text(content)} {Text(root)}";
                return verdict;
            },
        };
        int pools = _firmware.AllocatedPools;

        Assert.Null(_platform.VerifySignature(image, "signature"u8, "root"u8));
        Assert.Equal("signature content root", asked);
        verdict = EFI_STATUS.EFI_SECURITY_VIOLATION;
        Assert.Contains("not of this file", _platform.VerifySignature(image, "signature"u8, "root"u8)!.Message);
        verdict = EFI_STATUS.EFI_UNSUPPORTED;
        Assert.Contains("the firmware cannot verify the signature: ", _platform.VerifySignature(image, "signature"u8, "root"u8)!.Message);
        Assert.Equal(pools, _firmware.AllocatedPools);
        GC.KeepAlive(verifier);

        static string Text(byte[] bytes) => System.Text.Encoding.ASCII.GetString(bytes);
    }

    private Image MakeImage(ReadOnlySpan<byte> content)
    {
        Image image = Image.Create(_pages, "image", "");
        image.Content.Begin((ulong)content.Length);
        image.Content.Write(content);
        return image;
    }

    private sealed class TestDomain : FaultDomain
    {
        public override string Name => "test";
    }
}
