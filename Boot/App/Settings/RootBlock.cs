using System;
using System.Text;
using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// The root: where a name without scope is set. Some take effect as they are set: keymap, which says what is printed on the keyboard's keys; trust, the
/// fingerprints of the only roots that are trusted; cert and privkey, the client's certificate and its key. Elsewhere these three mean nothing.
/// </summary>
public sealed class RootBlock(Session session) : SettingsBlock("")
{
    /// <inheritdoc/>
    public override Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value)
    {
        Keymap map = default;
        bool isKeymap = name.Name.SequenceEqual("keymap");
        Error? error = isKeymap && value.Length > 0 ? Keymap.Find(Encoding.Latin1.GetString(value), out map) : null;
        error ??= Apply(name.Tag, value) ?? base.Store(name, type, value);
        if (error is not null)
        {
            return error;
        }

        if (isKeymap)
        {
            session.Terminal.Keymap = map;
        }

        return null;
    }

    private Error? Apply(ulong tag, ReadOnlySpan<byte> value)
    {
        Error? error = tag switch
        {
            PredefinedSettings.Trust => session.CheckTrustChange() ?? session.Trust.Pin(value),
            PredefinedSettings.Certificate => session.Trust.SetClientCertificate(value),
            PredefinedSettings.PrivateKey => session.Trust.SetClientKey(value),
            _ => null,
        };
        if (NameOf(tag).Length > 0)
        {
            session.FetchClient.CloseIdle(); // Servers are judged, and get a certificate, when a connection is made.
        }

        return error is null ? null : new Error(error.Status, TextBuilder.Format($"{NameOf(tag)}: {error.Message}"));
    }

    private static string NameOf(ulong tag) => tag switch
    {
        PredefinedSettings.Trust => "trust",
        PredefinedSettings.Certificate => "cert",
        PredefinedSettings.PrivateKey => "privkey",
        _ => "",
    };
}
