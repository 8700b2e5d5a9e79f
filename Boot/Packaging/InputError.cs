using System;

namespace NetBoot.Boot.Packaging;

/// <summary>An input that is not what it should be: where, which field, and what is wrong with it.</summary>
/// <param name="input">The file, as the user named it.</param>
/// <param name="offset">Of the field, in bytes from the start of the file.</param>
/// <param name="field">As its specification names it.</param>
/// <param name="problem">For example: is 0x1234, not 0xaa55.</param>
public sealed class InputError(string input, long offset, string field, string problem)
    : Exception($"{input}: offset 0x{offset:x}, {field}: {problem}")
{
    public long Offset { get; } = offset;

    public string Field { get; } = field;
}
