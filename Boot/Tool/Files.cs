using System;
using System.IO;
using Boot.Packaging;

namespace Boot.Tool;

/// <summary>The user's files: read whole, written whole or not at all.</summary>
public static class Files
{
    /// <exception cref="ToolError">It cannot be read.</exception>
    public static Input Read(string path) => Reading(path, () => new Input(path, File.ReadAllBytes(path)));

    /// <inheritdoc cref="Read"/>
    public static string Text(string path) => Reading(path, () => File.ReadAllText(path));

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

    private static T Reading<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ToolError($"{path} cannot be read: {error.Message}");
        }
    }
}
