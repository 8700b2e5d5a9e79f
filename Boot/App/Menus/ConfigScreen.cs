using System;
using NetBoot.Boot.App.Settings;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Menus;

/// <summary>
/// The settings editor: a menu of a block's parent, children and settings, and a form for the setting that is chosen. A setting whose field is emptied is
/// deleted.
/// </summary>
public sealed class ConfigScreen(Session session) : IDisposable
{
    private const int NameWidth = 18;
    private const string Parent = "..";

    private readonly OwnedText _scope = new();
    private readonly OwnedText _selected = new();

    public void Dispose()
    {
        _scope.Dispose();
        _selected.Dispose();
    }

    /// <summary>Runs until the menu is left.</summary>
    /// <param name="scope">Where to begin: a dotted path of blocks.</param>
    public Error? Run(string scope)
    {
        Error? error = session.Settings.FindScope(scope, mayCreate: false, out SettingsBlock? block);
        if (error is not null)
        {
            return error;
        }

        _scope.Set(PathOf(block!));
        using Arena scratch = Arena.Create();
        bool isOpen = true;
        while (isOpen)
        {
            using (scratch.Enter())
            {
                isOpen = TryStep();
            }

            scratch.Reset();
        }

        return null;
    }

    /// <summary>Shows the menu, and does what is chosen; false when nothing is.</summary>
    private bool TryStep()
    {
        if (session.Settings.FindScope(_scope.Value, mayCreate: false, out SettingsBlock? block) is not null)
        {
            return false;
        }

        using Menu menu = MakeMenu(block!);
        string? selected = _selected.Value.Length > 0 ? _selected.Value : null;
        if (new MenuScreen(session, menu).Run(selected, 0, 0, out MenuItem? chosen) is not null)
        {
            return false;
        }

        string name = chosen!.Name!;
        if (name == Parent)
        {
            _selected.Set(TextBuilder.Format($"{block!.Name}/"));
            _scope.Set(PathOf(block.Parent!));
        }
        else if (name.EndsWith('/'))
        {
            _selected.Set(default);
            _scope.Set(PathOf(block!.FindChild(name.AsSpan().Slice(0, name.Length - 1))!));
        }
        else
        {
            _selected.Set(name);
            Edit(name);
        }

        return true;
    }

    private Menu MakeMenu(SettingsBlock block)
    {
        Menu menu = Menu.Create(null, _scope.Value.Length == 0 ? "Settings" : TextBuilder.Format($"Settings of {_scope.Value}"));
        if (block.Parent is not null)
        {
            Add(menu, Parent, "../");
        }

        for (SettingsBlock? child = block.FirstChild; child is not null; child = child.NextSibling)
        {
            string name = TextBuilder.Format($"{child.Name}/");
            Add(menu, name, name);
        }

        int at = 0;
        while (block.TryNextName(ref at, out string name))
        {
            AddSetting(menu, name);
        }

        for (ReadOnlySpan<char> names = PredefinedSettings.UsualNames; names.Length > 0;)
        {
            string name = new(PredefinedSettings.TakeName(ref names));
            if (!Contains(menu, name))
            {
                AddSetting(menu, name);
            }
        }

        return menu;
    }

    private void AddSetting(Menu menu, string name)
    {
        TextBuilder text = new(80, 0);
        text.Append(name);
        string value = session.Settings.Format(FullName(name));
        do
        {
            text.Append(' ');
        }
        while (text.Written.Length < NameWidth);
        text.Append(IsSecret(name) && value.Length > 0 ? "***" : value);
        Add(menu, name, text.Written);
    }

    private void Edit(string name)
    {
        string setting = FullName(name);
        using Menu form = Menu.Create(null, setting);
        form.Add(setting, default, default, isDefault: true, IsSecret(name));
        new FormScreen(session, form).Run(); // given up: as it was
    }

    /// <summary>With scope, and with the type of what is set where the name does not say it.</summary>
    private string FullName(string name)
    {
        string full = TextBuilder.Format($"{_scope.Value}/{name}");
        return SettingName.TryParse(full, out SettingName parsed) && parsed.PredefinedType == SettingType.None &&
            session.Settings.TryFetch(parsed, out _, out SettingType type)
            ? TextBuilder.Format($"{full}:{SettingFormat.NameOf(type)}")
            : full;
    }

    private static string PathOf(SettingsBlock block)
    {
        string path = block.Name;
        for (SettingsBlock? parent = block.Parent; parent is { Name.Length: > 0 }; parent = parent.Parent)
        {
            path = TextBuilder.Format($"{parent.Name}.{path}");
        }

        return path;
    }

    private static bool IsSecret(string name) => name is "password" or "reverse-password";

    private static bool Contains(Menu menu, string name)
    {
        foreach (MenuItem item in menu.Items)
        {
            if (item.Name == name)
            {
                return true;
            }
        }

        return false;
    }

    private static void Add(Menu menu, string name, ReadOnlySpan<char> text) => menu.Add(name, text, default, isDefault: false, isSecret: false);
}
