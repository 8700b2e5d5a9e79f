using System;
using System.IO;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>What <c>./netboot sign</c> does, and what it refuses.</summary>
public sealed class SignTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _image = Repository.Image(Architecture.X64, CardCatalogue.Get(CardRole.Undriven).DriverFile);

    [Fact]
    public async Task Sign_WritesAnImageThatVerifies_AndLeavesTheOriginal()
    {
        byte[] original = await File.ReadAllBytesAsync(_image);
        string signed = _directory.Combine("signed.efi");
        await Signer("one", "one").SignAsync(_image, signed);
        Assert.Equal(original, await File.ReadAllBytesAsync(_image));
        Assert.Contains("Signature verification OK", await ChildProcess.RunAsync("sbverify", ["--cert", _directory.Combine("one.pem"), signed], "sbsigntool"));
        Assert.True(new PortableExecutable(signed, await File.ReadAllBytesAsync(signed)).IsSigned);
    }

    [Fact]
    public async Task Sign_InPlace_ReplacesTheImage_AndASecondTimeRefuses()
    {
        string copy = _directory.Combine("copy.efi");
        File.Copy(_image, copy);
        await Signer("one", "one").SignAsync(copy, copy);
        ToolError error = await Assert.ThrowsAsync<ToolError>(() => Signer("one", "one").SignAsync(copy, copy));
        Assert.Contains("is signed already", error.Message);
    }

    [Theory]
    [InlineData("one", "two", "do not belong together")]
    [InlineData("none", "one", "none.key cannot be read|Could not find file")]
    [InlineData("empty", "one", "empty.key is no private key in PEM form")]
    [InlineData("one", "empty", "empty.pem is no certificate in PEM form")]
    public async Task Sign_WithoutAPairOfKeyAndCertificate_SaysWhatIsWrong_AndWritesNothing(string key, string certificate, string expected)
    {
        string output = _directory.Combine("out.efi");
        ToolError error = await Assert.ThrowsAsync<ToolError>(() => Signer(key, certificate).SignAsync(_image, output));
        Assert.Matches(expected, error.Message);
        Assert.False(File.Exists(output));
    }

    [Fact]
    public async Task Sign_OfWhatIsNoExecutable_NamesOffsetAndField()
    {
        string text = _directory.Combine("text.efi");
        await File.WriteAllTextAsync(text, "#!ipxe\n");
        InputError error = await Assert.ThrowsAsync<InputError>(() => Signer("one", "one").SignAsync(text, text));
        Assert.Contains($"{text}: offset 0x0, ", error.Message);
    }

    public async Task InitializeAsync()
    {
        foreach (string name in new[] { "one", "two" })
        {
            await ChildProcess.RunAsync(
                "openssl",
                ["req", "-new", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", $"/CN={name}/", "-keyout", _directory.Combine(name + ".key"), "-out", _directory.Combine(name + ".pem")],
                "openssl");
        }

        await File.WriteAllTextAsync(_directory.Combine("empty.key"), "");
        await File.WriteAllTextAsync(_directory.Combine("empty.pem"), "");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _directory.Dispose();

    private Signer Signer(string key, string certificate) =>
        new(new FileInfo(_directory.Combine(key + ".key")), new FileInfo(_directory.Combine(certificate + ".pem")));
}
