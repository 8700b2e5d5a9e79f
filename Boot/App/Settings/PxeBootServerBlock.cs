using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// What a PXE boot server answered that was looked for ("pxebs"): that of the interface opened last, or else of the first that has any. It was asked for
/// on purpose, so what it says is to be booted comes before what leases say.
/// </summary>
public sealed class PxeBootServerBlock(Session session) : SettingsBlock("pxebs")
{
    protected override bool SpeaksForOthers => true;

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        type = SettingType.None;
        value = default;
        DhcpMessage? server = session.FindInterface("netX")?.Dhcp?.BootServer;
        for (int i = 0; server is null && i < session.Interfaces.Count; i++)
        {
            server = session.Interfaces[i].Dhcp?.BootServer;
        }

        bool isMeant = name.Scope.SequenceEqual(Name) || LeaseBlock.MayBeToCome(name);
        return server is not null && isMeant && LeaseBlock.TryFetch(server, name, out value);
    }
}
