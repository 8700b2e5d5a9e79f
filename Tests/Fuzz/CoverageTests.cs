using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Tests.Toolchain;
using Xunit;

namespace NetBoot.Tests.Fuzz;

/// <summary>What the tool tells of how much of the product a target reaches.</summary>
public sealed class CoverageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("netboot-coverage-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task Corpus_TakesBranchesOfTheClassesThatItIsFor()
    {
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        }

        await RunAsync(AppContext.BaseDirectory, "instrument", _folder, "branches");
        string lines = await RunAsync(_folder, "coverage", "dns", Path.Combine(ImageProject.RepositoryRoot, "Tests/Fuzz/Corpus/dns"));
        string[][] classes = [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(each => each.Split('\t'))];
        Assert.All(classes, each => Assert.InRange(int.Parse(each[2]), 1, int.Parse(each[3])));
        string[] dns = Assert.Single(classes, each => each[1].EndsWith(".DnsMessage", StringComparison.Ordinal));
        Assert.InRange(int.Parse(dns[2]), int.Parse(dns[3]) / 2, int.Parse(dns[3]));
        Assert.DoesNotContain(classes, each => each[1].Contains("Tcp", StringComparison.Ordinal));
    }

    private static Task<string> RunAsync(string folder, params string[] arguments) =>
        ChildProcess.RunAsync("dotnet", [Path.Combine(folder, "NetBoot.Tests.dll"), .. arguments], ChildProcess.SdkPackage);
}
