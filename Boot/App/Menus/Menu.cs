using System;
using System.Collections.Generic;
using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Menus;

/// <summary>A title and items. What it is to be shows when it is shown: choose makes a menu of it, present a form.</summary>
public sealed class Menu : IDisposable
{
    private readonly Arena _arena;

    private Menu(Arena arena, string? name, string title)
    {
        _arena = arena;
        Name = name;
        Title = title;
    }

    /// <summary>Null for the one that commands mean when they name none.</summary>
    public string? Name { get; }

    public string Title { get; }

    public List<MenuItem> Items { get; } = new();

    /// <summary>About the bytes that the menu takes.</summary>
    public int Size { get; private set; }

    /// <summary>The next in the registry.</summary>
    internal Menu? Next { get; set; }

    /// <summary>Makes an empty menu with an arena of its own.</summary>
    public static Menu Create(string? name, ReadOnlySpan<char> title)
    {
        Arena arena = Arena.Create();
        using (arena.Enter())
        {
            return new Menu(arena, Copy(name), new string(title)) { Size = SizeOf(name, title) };
        }
    }

    /// <summary>About the bytes of an item or a menu.</summary>
    public static int SizeOf(ReadOnlySpan<char> name, ReadOnlySpan<char> text) => 128 + (name.Length + text.Length) * sizeof(char);

    public void Add(string? name, ReadOnlySpan<char> text, Key key, bool isDefault, bool isSecret)
    {
        Size += SizeOf(name, text);
        using (_arena.Enter())
        {
            Items.Add(new MenuItem(Copy(name), new string(text), key) { IsDefault = isDefault, IsSecret = isSecret });
        }
    }

    /// <summary>Frees the menu and its items.</summary>
    public void Dispose() => _arena.Dispose();

    private static string? Copy(string? name) => name is null ? null : new string(name.AsSpan());
}
