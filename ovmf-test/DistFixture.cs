using System;
using System.IO;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Dist;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>What <c>./netboot dist</c> makes of the built images, once for all tests.</summary>
public sealed class DistFixture : IAsyncLifetime
{
    // The same wherever the sources lie: copies of them have no history.
    private const string Time = "1767225600";

    private readonly TemporaryDirectory _directory = new();

    public Task InitializeAsync() => MakeAsync(Path.Combine(AppContext.BaseDirectory, "netboot.dll"), _directory.FullName, "umask 022");

    /// <param name="tool">The built tool of a checkout.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="preparation">What the shell does first.</param>
    public static Task MakeAsync(string tool, string folder, string preparation) => ChildProcess.RunAsync(
        "sh", ["-c", $"{preparation}; SOURCE_DATE_EPOCH={Time} exec dotnet '{tool}' dist --no-build --out '{folder}'"], ChildProcess.SdkPackage);

    public string PathOf(string name) => Path.Combine(_directory.FullName, name);

    public Task<string> ReadAsync(string name) => File.ReadAllTextAsync(PathOf(name));

    /// <summary>The path of a Debian package.</summary>
    public string Package(string name) => PathOf($"{name}_{Distribution.DebianVersion}_{(name == "netboot-tools" ? "amd64" : "all")}.deb");

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }
}
