using System.IO;
using System.Linq;
using NetBoot.Tests.Toolchain;
using Xunit;

namespace NetBoot.Tests.Fuzz;

/// <summary>Every input that fuzzing has kept, run again; and that what is wrong is found.</summary>
[Collection("Firmware")]
public sealed class CorpusTests
{
    /// <summary>A corpus is what a reader of a change can take in: a few kilobytes.</summary>
    private const long LargestCorpus = 8 << 10;

    public static TheoryData<string> Names => [.. FuzzTargets.All.Select(each => each.Name)];

    private static string Folder(string name) => Path.Combine(ImageProject.RepositoryRoot, "Tests/Fuzz/Corpus", name);

    [Theory]
    [MemberData(nameof(Names))]
    public void Corpus_IsThere_AndFindsNothing(string name)
    {
        FuzzTarget target = FuzzTargets.All.Single(each => each.Name == name);
        FileInfo[] files = new DirectoryInfo(Folder(name)).GetFiles();
        Assert.NotEmpty(files);
        Assert.InRange(files.Sum(each => each.Length), 1, LargestCorpus);
        foreach (FileInfo file in files)
        {
            target.Run(File.ReadAllBytes(file.FullName));
        }
    }

    [Fact]
    public void Corpus_HasNoFolderWithoutATarget() =>
        Assert.Equal(FuzzTargets.All.Select(each => each.Name).Order(), new DirectoryInfo(Folder("")).GetDirectories().Select(each => each.Name).Order());
}
