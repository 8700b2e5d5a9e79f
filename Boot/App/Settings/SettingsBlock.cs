using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// A block of settings in the tree: what was set in it, before what it knows by itself (a lease, an interface, the machine). Blocks live
/// as long as the tree; their values come and go.
/// </summary>
public class SettingsBlock(string name) : IDisposable
{
    /// <summary>What was set here.</summary>
    protected SettingStore Values { get; } = new();

    /// <summary>The last part of the scope; empty for the root.</summary>
    public string Name { get; } = name;

    public SettingsBlock? Parent { get; private set; }

    /// <summary>Children, those of higher priority first.</summary>
    public SettingsBlock? FirstChild { get; private set; }

    public SettingsBlock? NextSibling { get; private set; }

    /// <summary>
    /// Numbers and names that are not predefined mean something of the block's own: they are only looked up here when the scope says so.
    /// </summary>
    public virtual bool HasOwnNames => false;

    /// <summary>What the block knows somebody on the network said.</summary>
    protected virtual bool SpeaksForOthers => false;

    /// <summary>
    /// Whether somebody on the network said a value that the block has: what looks like the name of a setting in it is none. What is to be booted
    /// may have such names, as DHCP servers everywhere write it.
    /// </summary>
    public bool IsForeign(in SettingName name) => Values.TryFetch(name, out _, out _)
        ? Values.IsForeign(name)
        : SpeaksForOthers && name.Tag is not (PredefinedSettings.FileName or PredefinedSettings.RootPath);

    /// <summary>Adds a block below this one; it lives as long as the tree, so it must not come from a scratch arena.</summary>
    public void Add(SettingsBlock child)
    {
        child.Parent = this;
        Insert(child);
    }

    /// <summary>Takes the child of that name out, if there is one, and forgets what was set in it.</summary>
    public void Remove(ReadOnlySpan<char> name)
    {
        if (FindChild(name) is SettingsBlock child)
        {
            Remove(child);
            child.Dispose();
        }
    }

    /// <summary>The child of that name, or null.</summary>
    public SettingsBlock? FindChild(ReadOnlySpan<char> name)
    {
        SettingsBlock? child = FirstChild;
        while (child is not null && !child.Name.AsSpan().SequenceEqual(name))
        {
            child = child.NextSibling;
        }

        return child;
    }

    /// <summary>A value of this block alone; valid until the next change of settings or the end of the command.</summary>
    public bool TryFetchHere(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type) =>
        Values.TryFetch(name, out value, out type) || TryFetchOwn(name, out value, out type);

    /// <summary>Sets a value here, or deletes it when empty.</summary>
    public virtual Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value)
    {
        if (!Values.TryStore(name, type, value))
        {
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, TextBuilder.Format($"{name.Name}: no room for more settings"));
        }

        return null;
    }

    /// <summary>Why nothing can be set in a block, or under a name in it.</summary>
    protected Error ReadOnly(in SettingName name) =>
        new(EFI_STATUS.EFI_WRITE_PROTECTED, TextBuilder.Format($"{Name}/{name.Name}: cannot be set"));

    /// <inheritdoc cref="SettingStore.TryNextName"/>
    public bool TryNextName(ref int at, out string name) => Values.TryNextName(ref at, out name);

    /// <summary>Forgets what was set here, in firmware its memory, and so on below.</summary>
    public void Dispose()
    {
        Values.Dispose();
        for (SettingsBlock? child = FirstChild; child is not null; child = child.NextSibling)
        {
            child.Dispose();
        }
    }

    /// <summary>What the block knows without anybody having set it.</summary>
    protected virtual bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        value = default;
        type = SettingType.None;
        return false;
    }

    /// <summary>Puts a block in its place again after its priority may have changed, and then its parents.</summary>
    public void Reprioritize()
    {
        for (SettingsBlock block = this; block.Parent is SettingsBlock parent; block = parent)
        {
            parent.Remove(block);
            parent.Insert(block);
        }
    }

    /// <summary>The value here or in the first block below that has it.</summary>
    public bool TryFetch(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type, out SettingsBlock origin)
    {
        origin = this;
        if (TryFetchHere(name, out value, out type))
        {
            return true;
        }

        for (SettingsBlock? child = FirstChild; child is not null; child = child.NextSibling)
        {
            bool isOthers = child.HasOwnNames && name.PredefinedType == SettingType.None;
            if (!isOthers && child.TryFetch(name, out value, out type, out origin))
            {
                return true;
            }
        }

        return false;
    }

    private long Priority()
    {
        long priority = 0;
        if (TryFetch(SettingName.Predefined("priority"), out ReadOnlySpan<byte> value, out _, out _) && value.Length > 0)
        {
            SettingFormat.TryReadInteger(value, true, out priority);
        }

        return priority;
    }

    private void Insert(SettingsBlock child)
    {
        long priority = child.Priority();
        SettingsBlock? previous = null;
        SettingsBlock? next = FirstChild;
        while (next is not null && next.Priority() >= priority)
        {
            previous = next;
            next = next.NextSibling;
        }

        child.NextSibling = next;
        if (previous is null)
        {
            FirstChild = child;
        }
        else
        {
            previous.NextSibling = child;
        }
    }

    private void Remove(SettingsBlock child)
    {
        if (FirstChild == child)
        {
            FirstChild = child.NextSibling;
            return;
        }

        for (SettingsBlock? previous = FirstChild; previous is not null; previous = previous.NextSibling)
        {
            if (previous.NextSibling == child)
            {
                previous.NextSibling = child.NextSibling;
                return;
            }
        }
    }
}
