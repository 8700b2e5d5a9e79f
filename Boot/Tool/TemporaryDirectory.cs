using System;
using System.IO;

namespace NetBoot.Boot.Tool;

/// <summary>
/// A folder of one's own in /tmp, removed on dispose, or when the run ends (<see cref="Guardian"/>), unless NETBOOT_KEEP is set (to look at
/// logs and captures).
/// </summary>
public sealed class TemporaryDirectory : IDisposable
{
    public string FullName { get; } = Directory.CreateTempSubdirectory(Keep ? "netboot-kept-" : Guardian.FolderPrefix).FullName;

    public TemporaryDirectory()
    {
        // Servers drop their privileges, and must still read what is served.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute |
                UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
    }

    public static bool Keep => Environment.GetEnvironmentVariable("NETBOOT_KEEP") is { Length: > 0 };

    public string Combine(string name) => Path.Combine(FullName, name);

    /// <summary>Makes a folder inside.</summary>
    public string CreateDirectory(string name) => Directory.CreateDirectory(Combine(name)).FullName;

    public void Dispose()
    {
        if (!Keep)
        {
            try
            {
                Directory.Delete(FullName, recursive: true);
            }
            catch (IOException)
            {
                // A dying process may still hold or make a file; /tmp is cleaned by the system.
            }
        }
    }
}
