using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Menus;

/// <summary>The menus and forms that scripts have made. It owns them.</summary>
public sealed class MenuRegistry : IDisposable
{
    /// <summary>More menus at once, or more bytes in all of them, is a script that runs away.</summary>
    public const int MaximumMenus = 256;

    public const int MaximumSize = 32 << 20;

    private Menu? _first;

    /// <summary>Makes an empty menu, in the place of the one that has the name.</summary>
    /// <param name="name">Null for the one that commands mean when they name none.</param>
    /// <param name="title">A byte string.</param>
    public Error? Create(string? name, ReadOnlySpan<char> title)
    {
        if (Find(name) is Menu old)
        {
            Free(old);
        }

        int count = 0;
        for (Menu? menu = _first; menu is not null; menu = menu.Next)
        {
            count++;
        }

        if (count >= MaximumMenus || !HasRoom(Menu.SizeOf(name, title)))
        {
            return NoRoom("menus");
        }

        Menu created = Menu.Create(name, title);
        created.Next = _first;
        _first = created;
        return null;
    }

    /// <summary>The menu of that name, or the one without a name; null when there is none.</summary>
    public Menu? Find(string? name)
    {
        Menu? menu = _first;
        while (menu is not null && menu.Name != name)
        {
            menu = menu.Next;
        }

        return menu;
    }

    /// <inheritdoc cref="Menu.Add"/>
    public Error? Add(Menu menu, string? name, ReadOnlySpan<char> text, Key key, bool isDefault, bool isSecret)
    {
        if (!HasRoom(Menu.SizeOf(name, text)))
        {
            return NoRoom("items");
        }

        menu.Add(name, text, key, isDefault, isSecret);
        return null;
    }

    public void Free(Menu menu)
    {
        if (_first == menu)
        {
            _first = menu.Next;
        }
        else
        {
            Menu? before = _first;
            while (before is not null && before.Next != menu)
            {
                before = before.Next;
            }

            if (before is not null)
            {
                before.Next = menu.Next;
            }
        }

        menu.Dispose();
    }

    public void Dispose()
    {
        while (_first is Menu menu)
        {
            Free(menu);
        }
    }

    private bool HasRoom(int more)
    {
        long size = more;
        for (Menu? menu = _first; menu is not null; menu = menu.Next)
        {
            size += menu.Size;
        }

        return size <= MaximumSize;
    }

    private static Error NoRoom(string what) => new(EFI_STATUS.EFI_OUT_OF_RESOURCES, TextBuilder.Format($"no room for more {what}"));
}
