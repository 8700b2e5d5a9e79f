using System.CommandLine;
using System.IO;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.Tool.Commands;

/// <summary>The <c>--script</c> of the <c>image</c> commands.</summary>
internal static class ScriptOption
{
    public static Option<FileInfo?> Create() =>
        new("--script") { Description = "The script that runs: checked now, as far as it can be without running it." };

    /// <summary>Reads and checks a script; null when there is none.</summary>
    /// <exception cref="ToolError">It cannot be read, or a line is wrong.</exception>
    public static byte[]? Read(FileInfo? file)
    {
        if (file == null)
        {
            return null;
        }

        byte[] content = ImageInput.ReadFile(file.FullName);
        Check(file.FullName, content);
        return content;
    }

    /// <summary>Checks a script.</summary>
    /// <param name="name">What it is called in the error.</param>
    /// <param name="content">The script.</param>
    /// <exception cref="ToolError">A line is wrong.</exception>
    public static void Check(string name, byte[] content)
    {
        if (ScriptCheck.Check(content, out int line) is Error error)
        {
            throw new ToolError($"{name}:{line}: {error.Message}");
        }
    }
}
