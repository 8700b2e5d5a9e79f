using System;
using NetBoot.Boot.App.Compression;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Script;
using NetBoot.Boot.App.Settings;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>What the commands that take an image share: its URI or name first, then the words of its command line.</summary>
public static class ImageArguments
{
    /// <summary>The options that all of them have.</summary>
    public const string Options = "n|name=NAME t|timeout=MILLISECONDS q|quiet a|autofree";

    /// <summary>Fetches the image that the first word names.</summary>
    public static Error? Fetch(Session session, Arguments arguments, out Image? image)
    {
        image = null;
        Error? error = arguments.Time('t', 0, out ulong timeout);
        return error ?? session.FetchImage(arguments.Words[0], arguments.Value('n'), timeout, arguments.Has('q'), out image);
    }

    /// <summary>Takes the image of that name if there is one, else fetches it.</summary>
    public static Error? Acquire(Session session, Arguments arguments, out Image? image)
    {
        image = session.Images.Find(arguments.Words[0]);
        return image is null ? Fetch(session, arguments, out image) : null;
    }

    /// <summary>Gives an image what the options and the other words say of it; a command line only if there is one.</summary>
    public static void ApplyTo(Image image, Arguments arguments)
    {
        if (arguments.Value('n') is string name)
        {
            image.Rename(name);
        }

        if (arguments.Words.Length > 1)
        {
            image.CommandLine.Set(ByteText.Join(arguments.Words.Slice(1)));
        }

        image.IsAutoFree |= arguments.Has('a');
    }

    /// <summary>Refuses what is neither a script nor an EFI executable, nor a gzip file that may hold one, and says what it is instead.</summary>
    public static Error? CheckExecutable(Image image)
    {
        ReadOnlySpan<byte> content = image.Content.Span;
        if (image.IsScript || ExecutableFile.IsExecutable(content) || CompressedFile.IsGzip(content))
        {
            return null;
        }

        return new Error(
            EFI_STATUS.EFI_LOAD_ERROR, TextBuilder.Format($"{image.Name}: neither a script nor an EFI executable: {ScriptCheck.WhyNoScript(content)}"));
    }

    /// <summary>The image of that name.</summary>
    public static Error? Find(Session session, string name, out Image? image)
    {
        image = session.Images.Find(name);
        return image is null ? new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"no such image: {name}")) : null;
    }

    /// <summary>Takes the image of that name if there is one, else fetches it; of the options only those for fetching count.</summary>
    public static Error? AcquireNamed(Session session, Arguments arguments, string nameOrUri, out Image? image)
    {
        image = session.Images.Find(nameOrUri);
        if (image is not null)
        {
            return null;
        }

        Error? error = arguments.Time('t', 0, out ulong timeout);
        return error ?? session.FetchImage(nameOrUri, null, timeout, arguments.Has('q'), out image);
    }

    /// <summary>One more than the number that a setting has; <paramref name="first"/> when it has none.</summary>
    public static long NextNumber(Session session, string setting, long first) =>
        SettingName.TryParse(setting, out SettingName name) && session.Settings.TryFetch(name, out ReadOnlySpan<byte> value, out _) &&
        SettingFormat.TryReadInteger(value, false, out long last)
            ? last + 1
            : first;

    /// <summary>Sets a setting to bytes; its type is the one that its name says, else <paramref name="type"/>.</summary>
    public static Error? Store(Session session, string setting, SettingType type, ReadOnlySpan<byte> value) =>
        SettingName.TryParse(setting, out SettingName name)
            ? session.Settings.Store(name, name.ExplicitType == SettingType.None ? type : name.ExplicitType, value)
            : SettingsTree.BadName(setting);
}
