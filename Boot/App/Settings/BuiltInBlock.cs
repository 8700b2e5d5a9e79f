using System;
using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

/// <summary>What the app knows of itself and of the machine. Everything is computed when it is asked for, in the command's memory.</summary>
public sealed class BuiltInBlock(Session session) : SettingsBlock("builtin")
{
    /// <summary>When work on the version began, in seconds since 1970 (2026-11-01): a clock that says less is wrong.</summary>
    public const long VersionTime = 1_793_491_200;

    /// <inheritdoc/>
    public override bool HasOwnNames => true;

    /// <inheritdoc/>
    public override Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value)
    {
        if (!name.Name.SequenceEqual("unixtime"))
        {
            return ReadOnly(name);
        }

        SettingFormat.TryReadInteger(value, false, out long time);
        session.ClockOffset = value.Length == 0 ? 0 : time - (long)session.Platform.UnixTime;
        return null;
    }

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        type = SettingType.None;
        byte[]? bytes = Fetch(name.Name);
        value = bytes;
        return bytes is { Length: > 0 };
    }

    private byte[]? Fetch(ReadOnlySpan<char> name) => name switch
    {
        "errno" => SettingFormat.WriteInteger(session.Interpreter.LastError, 4),
        "buildarch" => ByteText.ToBytes(session.Platform.Architecture),
        "platform" => ByteText.ToBytes("efi"),
        "version" => ByteText.ToBytes(ProductVersion.Text),
        "unixtime" => SettingFormat.WriteInteger(session.UnixTime, 4),
        "cwuri" => ByteText.ToBytes(session.WorkingUri.Value),
        "cwduri" => ByteText.ToBytes(Directory(session.WorkingUri.Value)),
        "memsize" => SettingFormat.WriteInteger((long)(session.Platform.MemorySize >> 20), 4),
        "dmesg" => session.Terminal.Log.Read(),
        "sysmac" => AcpiBlock.FindSystemMac(session.Platform),
        "secureboot" => SettingFormat.WriteInteger(session.Platform.IsSecureBoot ? 1 : 0, 1),
        _ => null,
    };

    /// <summary>A URI up to and with its path's last slash.</summary>
    private static ReadOnlySpan<char> Directory(ReadOnlySpan<char> uri)
    {
        int end = uri.IndexOf('?');
        ReadOnlySpan<char> path = end < 0 ? uri : uri.Slice(0, end);
        return path.Slice(0, path.LastIndexOf('/') + 1);
    }
}
