using System;
using System.IO;

namespace NetBoot.Boot.Tool;

/// <summary>A file that is written whole or not at all.</summary>
public static class OutputFile
{
    /// <exception cref="ToolError">It cannot be written.</exception>
    public static void Write(string path, byte[] content)
    {
        string part = path + ".part";
        try
        {
            File.WriteAllBytes(part, content);
            File.Move(part, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            File.Delete(part);
            throw new ToolError($"{path} cannot be written: {error.Message}", "Choose another --out.");
        }
    }
}
