using System;
using NetBoot.NetworkStack.Interfaces;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// What a boot server said beside a lease ("proxydhcp"): that of the interface opened last, or else of the first that has any. Who asks for it
/// by name, or for what to boot, waits until boot servers have had their time.
/// </summary>
public sealed class ProxyBlock(Session session) : SettingsBlock("proxydhcp")
{
    protected override bool SpeaksForOthers => true;

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        type = SettingType.None;
        value = default;
        if (LeaseBlock.MayBeToCome(name) || name.Scope.SequenceEqual(Name))
        {
            foreach (BootInterface each in session.Interfaces)
            {
                each.Dhcp?.WaitForBootServer();
            }
        }

        DhcpLease? lease = session.FindInterface("netX")?.Interface.Lease;
        for (int i = 0; lease?.Proxy is null && i < session.Interfaces.Count; i++)
        {
            lease = session.Interfaces[i].Interface.Lease;
        }

        return lease?.Proxy is { } proxy && LeaseBlock.TryFetch(proxy, name, out value);
    }
}
