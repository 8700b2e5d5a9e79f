using System;

namespace NetBoot.Boot.Tool;

/// <summary>A failure that the user can act on: what went wrong, and what to do next.</summary>
public sealed class ToolError(string message, string? next = null) : Exception(message)
{
    public string? Next { get; } = next;
}
