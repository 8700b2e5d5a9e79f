using System;
using NetBoot.Boot.App.Settings;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Sets a setting to a host name's address, the first that DNS has.</summary>
public sealed class NameLookupCommand : Command
{
    public override string Name => "nslookup";
    public override string Summary => "set a setting to a host name's address";
    public override string Operands => "SETTING NAME";
    public override int MinimumOperands => 2;
    public override int MaximumOperands => 2;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Span<IPAddress> addresses = stackalloc IPAddress[FetchClient.MaximumAddresses];
        return session.Resolve(arguments.Words[1], addresses, out _)
            ?? ImageArguments.Store(
                session, arguments.Words[0], addresses[0].Family == AddressFamily.IPv6 ? SettingType.IPv6 : SettingType.IPv4,
                InterfaceBlock.Bytes(addresses[0]));
    }
}
