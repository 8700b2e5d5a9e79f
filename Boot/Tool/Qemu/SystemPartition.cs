using System.Collections.Generic;
using System.IO;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>
/// The folder that becomes a machine's EFI system partition: an application at the path that firmware boots by itself, and drivers
/// that firmware loads first through Driver#### options.
/// </summary>
public sealed class SystemPartition
{
    private readonly Architecture _architecture;
    private readonly List<string> _drivers = [];

    public SystemPartition(Architecture architecture, string root)
    {
        _architecture = architecture;
        Root = root;
        Directory.CreateDirectory(Path.Combine(root, "EFI", "BOOT"));
    }

    public string Root { get; }

    /// <summary>The host's path of a file on the partition: <c>\EFI\BOOT\x</c> or <c>EFI/BOOT/x</c>.</summary>
    public string this[string path] => Path.Combine(Root, path.Replace('\\', '/').TrimStart('/'));

    public void Add(string source, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[path])!);
        File.Copy(source, this[path], overwrite: true);
    }

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[path])!);
        File.WriteAllText(this[path], text);
    }

    /// <summary>Puts an image where firmware boots it from.</summary>
    public void SetApplication(string image) => Add(image, $"EFI/BOOT/{_architecture.DefaultBootFile}");

    /// <summary>Adds a driver image that the firmware loads at each power-on.</summary>
    public void AddDriver(string image)
    {
        string name = Path.GetFileName(image);
        Add(image, name);
        _drivers.Add(name);
    }

    /// <summary>For <see cref="VirtualMachineOptions.Variables"/>.</summary>
    public void WriteVariables(VariableStore store)
    {
        foreach (string name in _drivers)
        {
            store.AddDriver(Path.GetFileNameWithoutExtension(name), MachinePath.SystemPartition().FilePath("\\" + name));
        }
    }
}
