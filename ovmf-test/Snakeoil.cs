using System.IO;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;

namespace NetBoot.OvmfTest;

/// <summary>Debian's key for tests, which the variable stores of its Secure Boot firmware trust.</summary>
internal static class Snakeoil
{
    private const string Name = "/usr/share/ovmf/PkKek-1-snakeoil";

    /// <summary>Makes a signer of it, without the passphrase.</summary>
    /// <param name="directory">Where the key goes.</param>
    /// <param name="name">Its files elsewhere, less <c>.key</c> and <c>.pem</c>.</param>
    public static async Task<Signer> SignerAsync(TemporaryDirectory directory, string name = Name)
    {
        string key = directory.Combine("snakeoil.key");
        await ChildProcess.RunAsync("openssl", ["pkey", "-in", name + ".key", "-passin", "pass:snakeoil", "-out", key], "openssl");
        return new Signer(new FileInfo(key), new FileInfo(name + ".pem"));
    }
}
