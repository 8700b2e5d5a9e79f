using NetBoot.Boot.App.Consoles;

namespace NetBoot.Boot.App.Menus;

/// <summary>A line of a menu, or a field of a form.</summary>
public sealed class MenuItem(string? name, string text, Key key)
{
    /// <summary>What choose stores, or the setting that the field is for; null for text that cannot be selected.</summary>
    public string? Name { get; } = name;

    /// <summary>A byte string, with whatever a script puts into it.</summary>
    public string Text { get; } = text;

    /// <summary>What selects it at once.</summary>
    public Key Key { get; } = key;

    /// <summary>Selected at first.</summary>
    public bool IsDefault { get; init; }

    /// <summary>The field's value is not shown.</summary>
    public bool IsSecret { get; init; }
}
