using System;
using System.Diagnostics;
using System.IO;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>The script <c>netboot</c> in a tree of its own, with a <c>dotnet</c> that only notes what it is called for.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class CommandScriptTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("netboot-script-").FullName;

    public CommandScriptTests()
    {
        File.Copy(Path.Combine(ImageProject.RepositoryRoot, "netboot"), Path.Combine(_folder, "netboot"));
        Write("NetworkStack/TcpConnection.cs");
        Write("Uefi.Interop/Build/Image.targets");
        Write("Boot/Tool/NetBoot.Tool.csproj");
        Write("Tests/SomeTests.cs");
        Directory.CreateDirectory(Path.Combine(_folder, "Boot/Tool/obj"));
        Write(".sdk/dotnet", $"""
            #!/bin/sh
            case $1 in
                --list-sdks) echo '10.0.100 [/sdk]' ;;
                build) mkdir -p '{_folder}/Boot/Tool/bin/Debug/net10.0'; touch '{_folder}/Boot/Tool/bin/Debug/net10.0/netboot.dll'; echo build >> '{_folder}/.calls' ;;
                *) echo run >> '{_folder}/.calls' ;;
            esac

            """);
        Process.Start("chmod", ["+x", Path.Combine(_folder, ".sdk/dotnet")]).WaitForExit();
        Assert.Equal("build run", Run());
    }

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public void TheTool_WithNothingChanged_IsNotBuilt()
    {
        Write("Boot/Tool/obj/project.assets.json");
        Write("artifacts/x64/netboot.efi");
        Write("Tests/OtherTests.cs");
        Assert.Equal("run", Run());
    }

    [Theory]
    [InlineData("NetworkStack/TcpConnection.cs")]
    [InlineData("NetworkStack/New/Folder.cs")]
    [InlineData("Uefi.Interop/Build/Image.targets")]
    [InlineData("Boot/Options/Command.cs")]
    [InlineData("Directory.Packages.props")]
    [InlineData("global.json")]
    public void TheTool_WithAFileThatIsNewOrChanged_IsBuiltOnce(string file)
    {
        Write(file, "changed");
        Assert.Equal("build run", Run());
        Assert.Equal("run", Run());
    }

    [Fact]
    public void TheTool_WithAFileThatIsGone_IsBuilt()
    {
        File.Delete(Path.Combine(_folder, "NetworkStack/TcpConnection.cs"));
        Assert.Equal("build run", Run());
    }

    [Fact]
    public void TheTool_WithAnOlderFileInPlace_IsBuilt()
    {
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "NetworkStack/TcpConnection.cs"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal("build run", Run());
    }

    private void Write(string file, string text = "")
    {
        string path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>What <c>dotnet</c> was called for, without the look for an SDK.</summary>
    private string Run()
    {
        string calls = Path.Combine(_folder, ".calls");
        File.Delete(calls);
        ProcessStartInfo start = new(Path.Combine(_folder, "netboot"), ["--help"]) { RedirectStandardError = true };
        start.Environment["PATH"] = Path.Combine(_folder, ".sdk") + ":" + Environment.GetEnvironmentVariable("PATH");
        using Process script = Process.Start(start)!;
        string errors = script.StandardError.ReadToEnd();
        script.WaitForExit();
        Assert.True(script.ExitCode == 0, errors);
        return string.Join(' ', File.ReadAllLines(calls));
    }
}
