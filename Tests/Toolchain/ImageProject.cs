using System;
using System.IO;

namespace NetBoot.Tests.Toolchain;

/// <summary>A project outside of the repository that imports the build targets, as a third party's would.</summary>
internal sealed class ImageProject
{
    private readonly string _folder;

    public ImageProject(string folder, string source, string image = "Application", string more = "")
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        string interop = Path.Combine(RepositoryRoot, "Uefi.Interop");
        File.WriteAllText(ProjectFile, $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <Import Project="{interop}/Build/Freestanding.props" />
              <PropertyGroup>
                <UefiImage>{image}</UefiImage>
                <UefiArtifacts>$(MSBuildProjectDirectory)/artifacts</UefiArtifacts>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="{interop}/Freestanding/Uefi.Interop.Freestanding.csproj" />
              </ItemGroup>
              {more}
              <Import Project="{interop}/Build/Image.targets" />
            </Project>
            """);
        File.WriteAllText(Path.Combine(_folder, "Image.cs"), source);
    }

    public string ProjectFile => Path.Combine(_folder, "hello.csproj");

    public static string RepositoryRoot { get; } = FindRoot();

    public byte[] Artifact(string path) => File.ReadAllBytes(Path.Combine(_folder, "artifacts", path));

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NetBoot.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("NetBoot.sln is in no folder above " + AppContext.BaseDirectory);
    }
}
