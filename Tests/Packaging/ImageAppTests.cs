using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Certificates;
using NetBoot.Boot.Tool.Commands;
using NetBoot.NetworkStack.Wire;
using Xunit;

namespace NetBoot.Tests.Packaging;

/// <summary><c>./netboot image app</c>: whom the application trusts, a client's certificate and a policy go into sections of their own.</summary>
public sealed class ImageAppTests : IDisposable
{
    private static readonly TestCertificate s_one = TestCertificate.MakeRoot("One");
    private static readonly TestCertificate s_two = TestCertificate.MakeRoot("Two");
    private static readonly TestCertificate s_client = s_one.Issue(new CertificateOptions("client") { Key = KeyKind.Rsa2048 });

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public ImageAppTests()
    {
        Write("app.efi", SampleImage.Make(subsystem: PortableExecutable.Application));
        Write("rooted.efi", new PortableExecutable("a.efi", SampleImage.Make()).WithSection(EmbeddedSection.Roots, s_one.Der));
        Write("one.pem", "text\n" + s_one.Pem);
        Write("two.der", s_two.Der);
        Write("both.pem", s_one.Pem + s_two.Pem);
        Write("client.pem", s_client.Pem);
        Write("client.key", s_client.KeyPem);
        Write("other.key", s_one.KeyPem);
        Write("secret.key", RSA.Create(2048).ExportEncryptedPkcs8PrivateKeyPem("x", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1)));
        Write("boot.ipxe", "#!ipxe\necho hello\n");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Trust_AddsToWhatIsThere_EachOnce()
    {
        PortableExecutable image = await MakeAsync("rooted.efi", "--trust", "both.pem", "--trust", "two.der", "--script", "boot.ipxe");
        Assert.Equal([.. s_one.Der, .. s_two.Der], image.Content(EmbeddedSection.Trust)!);
        Assert.Equal(s_one.Der, image.Content(EmbeddedSection.Roots));
        Assert.Equal("#!ipxe\necho hello\n"u8, image.Content(EmbeddedSection.Script)!);
        Assert.Null(image.Content(EmbeddedSection.Policy));
    }

    [Fact]
    public async Task Roots_AreAddedToThePublicAuthorities()
    {
        PortableExecutable image = await MakeAsync("rooted.efi", "--roots", "two.der", "--trust", "one.pem");
        Assert.Equal([.. s_one.Der, .. s_two.Der], image.Content(EmbeddedSection.Roots)!);
        Assert.Equal(s_one.Der, image.Content(EmbeddedSection.Trust));
    }

    [Fact]
    public async Task TrustOnly_Replaces_AlsoTheFirmwares()
    {
        PortableExecutable image = await MakeAsync("rooted.efi", "--trust-only", "two.der", "--https-only");
        Assert.Equal(s_two.Der, image.Content(EmbeddedSection.Trust));
        Assert.Null(image.Content(EmbeddedSection.Roots));
        Assert.Equal("https-only own-roots-only"u8, image.Content(EmbeddedSection.Policy)!);
        Assert.Null(image.Content(EmbeddedSection.Script));
    }

    [Fact]
    public async Task HttpsOnly_IsAPolicyAlone()
    {
        PortableExecutable image = await MakeAsync("rooted.efi", "--https-only");
        Assert.Equal("https-only"u8, image.Content(EmbeddedSection.Policy)!);
        Assert.Equal(s_one.Der, image.Content(EmbeddedSection.Roots));
    }

    [Fact]
    public async Task ClientCertificate_GoesInWithItsKey()
    {
        PortableExecutable image = await MakeAsync("app.efi", "--cert", "client.pem", "--key", "client.key");
        Assert.Equal(s_client.Der, image.Content(EmbeddedSection.Certificate));
        Assert.Equal(s_client.KeyPem, Encoding.ASCII.GetString(image.Content(EmbeddedSection.Key)!));

        File.WriteAllText(PathOf("chain.pem"), s_client.Pem + s_one.Pem);
        image = await MakeAsync("app.efi", "--cert", "chain.pem", "--key", "client.key");
        Assert.Equal(s_client.Der, image.Content(EmbeddedSection.Certificate)); // All that firmware's TLS takes.
    }

    [Theory]
    [InlineData("*/boot.ipxe: there is no certificate in it.", "--trust", "boot.ipxe")]
    [InlineData("*/app.efi: there is no certificate in it.", "--trust-only", "app.efi")]
    [InlineData("*/client.pem: there is no private key in it.", "--cert", "client.pem", "--key", "client.pem")]
    [InlineData("*/secret.key: the key in it has a passphrase: take it off first (openssl pkey).", "--cert", "client.pem", "--key", "secret.key")]
    [InlineData("*/other.key is not the key of */client.pem (CN=client).", "--cert", "client.pem", "--key", "other.key")]
    [InlineData("There is nothing to put into the image.")]
    public async Task WhatIsWrong_IsNamedWithItsFile(string expected, params string[] options)
    {
        ToolError error = await Assert.ThrowsAsync<ToolError>(() => RunAsync("app.efi", options));
        Assert.Equal(expected.Replace("*", _folder.FullName), error.Message);
    }

    [Theory]
    [InlineData("--cert", "client.pem")]
    [InlineData("--key", "client.key")]
    [InlineData("--trust", "one.pem", "--trust-only", "two.der")]
    [InlineData("--roots", "one.pem", "--trust-only", "two.der")]
    public async Task OptionsThatDoNotGoTogether_AreRefused(params string[] options)
    {
        Assert.Equal(1, await RunAsync("app.efi", options));
        Assert.False(File.Exists(PathOf("made.efi")));
    }

    [Fact]
    public void DebiansRoots_AreCertificatesOfAuthorities_ValidWhenTheVersionWasMade()
    {
        ReadOnlySpan<byte> rest = DebianRoots.Read();
        int count = 0;
        int valid = 0;
        for (DerReader reader = new(rest); reader.Read(); count++)
        {
            Assert.True(X509Certificate.TryParse(reader.Whole, out X509Certificate root));
            Assert.True(root is { IsRoot: true, MaySignCertificates: true });
            valid += root.NotAfter > Boot.App.Settings.BuiltInBlock.VersionTime && root.NotBefore < Boot.App.Settings.BuiltInBlock.VersionTime ? 1 : 0;
        }

        Assert.InRange(count, 100, 300);
        Assert.InRange(valid, 100, count);
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private void Write(string name, byte[] content) => File.WriteAllBytes(PathOf(name), content);

    private void Write(string name, string content) => File.WriteAllText(PathOf(name), content);

    private async Task<PortableExecutable> MakeAsync(string image, params string[] options)
    {
        Assert.Equal(0, await RunAsync(image, options));
        return new PortableExecutable("made.efi", File.ReadAllBytes(PathOf("made.efi")));
    }

    private Task<int> RunAsync(string image, string[] options)
    {
        IEnumerable<string> arguments = options.Select(each => each.StartsWith('-') ? each : PathOf(each));
        return ImageAppCommand.Create().Parse([PathOf(image), .. arguments, "--out", PathOf("made.efi")])
            .InvokeAsync(new System.CommandLine.InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = TextWriter.Null, Error = TextWriter.Null });
    }
}
