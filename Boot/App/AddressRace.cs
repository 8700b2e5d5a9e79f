using System.Collections.Generic;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.NetworkStack.Protocols.Dhcp6;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>
/// Gets one or one of several interfaces its addresses, all of them asking for both versions of IP at the same time: the first in the list that has
/// them within a moment after any has. The others are left as they were.
/// </summary>
/// <param name="session">Has the interfaces.</param>
/// <param name="interfaces">In the order of preference, one at least.</param>
/// <param name="timeout">Microseconds for each, 0 for the usual time.</param>
/// <param name="configurators">What counts; routers are heard beside DHCP in any case.</param>
internal sealed class AddressRace(Session session, List<BootInterface> interfaces, ulong timeout, Configurators configurators)
{
    /// <summary>How long one that is preferred, and has a link, may be behind.</summary>
    private const ulong Grace = 2_000_000;

    /// <summary>How long DHCP, which brings more, may be behind the routers.</summary>
    private const ulong DhcpGrace = 3_000_000;

    private readonly bool[] _wasOpen = new bool[interfaces.Count];
    private readonly DhcpOptions[] _options = new DhcpOptions[interfaces.Count];
    private readonly IPv6Setup?[] _ipv6 = new IPv6Setup?[interfaces.Count]; // null where it does not count
    private readonly Error?[] _dhcpErrors = new Error?[interfaces.Count];
    private readonly Error?[] _errors = new Error?[interfaces.Count];
    private readonly ulong[] _dhcpDoneAt = new ulong[interfaces.Count];
    private readonly Progress[] _progress = new Progress[interfaces.Count];

    /// <summary>How far an interface is: of several the lower is the better.</summary>
    private enum Progress
    {
        Ready,

        /// <summary>There is no way out of the network that it is in.</summary>
        WithoutRoute,

        /// <summary>What routers gave is there, and DHCP goes on.</summary>
        WithoutDhcp,
        Busy,
        Failed,
    }

    /// <summary>
    /// What counts is a lease with a file to boot, for which boot servers get their time; where version 4 names none or does not come, what
    /// DHCPv6 names.
    /// </summary>
    public bool WantsBootFile { get; init; }

    /// <summary>Routers are enough only once DHCP has given up.</summary>
    public bool InsistsOnDhcp { get; init; }

    private bool UsesDhcp => (configurators & Configurators.Dhcp) != 0;

    /// <summary>Why an interface has got nothing, after <see cref="Run"/>; null when the user stopped it before that was known.</summary>
    public Error? ErrorOf(int index) => _errors[index];

    /// <summary>Returns when one has an address, or with the last one's error when none has any; says so on the terminal.</summary>
    public Error? Run(out BootInterface? winner)
    {
        winner = null;
        string by = !UsesDhcp ? "IPv6" : configurators == Configurators.Dhcp || InsistsOnDhcp ? "DHCP" : "DHCP, IPv6";
        bool isAlone = interfaces.Count == 1;
        session.Terminal.Write(isAlone
            ? TextBuilder.Format($"{interfaces[0].Interface.Name} {interfaces[0].Interface.Link.Address}: {by}")
            : TextBuilder.Format($"{by} on"));
        for (int i = 0; i < interfaces.Count; i++)
        {
            session.Terminal.Write(isAlone ? "" : TextBuilder.Format($" {interfaces[i].Interface.Name}"));
            _wasOpen[i] = interfaces[i].Interface.IsOpen;
            _options[i] = session.DescribeClient(interfaces[i], timeout, WantsBootFile);
            _errors[i] = Begin(i);
        }

        session.Terminal.Write("... ");
        int best = Wait(out bool isStopped);
        bool hasLease = false;
        for (int i = 0; i < interfaces.Count; i++)
        {
            hasLease |= interfaces[i].Interface.Lease is not null;
            if (i != best)
            {
                Leave(i, best);
            }
        }

        if (best >= 0)
        {
            winner = interfaces[best];
            session.Settings.LastOpened = winner.Interface.Name;
            Settle(winner);
            session.Terminal.WriteLine(TextBuilder.Format($"{(isAlone ? "" : winner.Interface.Name)}{(isAlone ? "" : " ")}{Describe(best)}"));
            return null;
        }

        session.Terminal.WriteLine(WantsBootFile && hasLease && !isStopped ? "nothing to boot" : "failed");
        return isStopped ? new Error(EFI_STATUS.EFI_ABORTED, "stopped by the user") : _errors[interfaces.Count - 1];
    }

    private Error? Begin(int index)
    {
        BootInterface each = interfaces[index];
        Error? error = session.Open(each);
        if (error is null && UsesDhcp)
        {
            error = each.Dhcp!.Begin(session.EventLoop, _options[index]);
        }

        bool isStarted = error is null && each.StartIPv6();
        if (isStarted)
        {
            each.Dhcp6!.Begin(_options[index]); // Without it, routers' addresses remain.
        }

        if (isStarted && (configurators & Configurators.IPv6) != 0)
        {
            _ipv6[index] = new IPv6Setup(each, timeout, session.EventLoop.Now);
        }

        return error is null && !isStarted && !UsesDhcp
            ? new Error(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"{each.Interface.Name}: IPv6 is switched off (ipv6)"))
            : error;
    }

    /// <summary>The winner's index; -1 when there is none.</summary>
    private int Wait(out bool isStopped)
    {
        ulong readyAt = 0;
        isStopped = false;
        while (true)
        {
            ulong now = session.EventLoop.Now;
            int best = FindBest(now, out bool isWorthWaiting);
            if (best >= 0)
            {
                readyAt = readyAt == 0 ? now : readyAt;
                ulong grace = _progress[best] != Progress.WithoutDhcp ? Grace : InsistsOnDhcp ? ulong.MaxValue : DhcpGrace;
                isWorthWaiting &= now - readyAt < grace;
            }

            if (!isWorthWaiting)
            {
                return best;
            }

            if (!session.EventLoop.RunOnce())
            {
                isStopped = true;
                return -1;
            }
        }
    }

    /// <param name="now">Microseconds.</param>
    /// <param name="isWorthWaiting">Another may become better, or this one.</param>
    private int FindBest(ulong now, out bool isWorthWaiting)
    {
        int best = -1;
        for (int i = 0; i < interfaces.Count; i++)
        {
            _progress[i] = Look(i, now);
            if (_progress[i] < Progress.Busy && (best < 0 || _progress[i] < _progress[best]))
            {
                best = i;
            }
        }

        isWorthWaiting = false;
        for (int i = 0; i < interfaces.Count; i++)
        {
            bool mayBeBetter = best < 0 || ((i <= best || _progress[best] != Progress.Ready) && interfaces[i].Interface.Link.IsUp);
            isWorthWaiting |= mayBeBetter && _progress[i] is Progress.Busy or Progress.WithoutDhcp;
        }

        return best;
    }

    private Progress Look(int index, ulong now)
    {
        if (_errors[index] is not null)
        {
            return Progress.Failed;
        }

        DhcpClient client = interfaces[index].Dhcp!;
        NetworkInterface netif = interfaces[index].Interface;
        bool isBusy = false;
        if (UsesDhcp && _dhcpErrors[index] is null)
        {
            isBusy = client.IsSearching || (client.IsBound && WantsBootFile && !client.IsSettled);
            _dhcpErrors[index] = isBusy ? null
                : client.Finish(_options[index]) ?? (WantsBootFile ? Autoboot.CheckBootFile(session, interfaces[index]) : null);
            _dhcpDoneAt[index] = now;
            if (!isBusy && _dhcpErrors[index] is null)
            {
                bool hasRoute = !netif.Gateway.IsAny || netif.Routes.Length > 0 || !netif.IPv6.Gateway.IsAny;
                return hasRoute || WantsBootFile ? Progress.Ready : Progress.WithoutRoute;
            }
        }

        Dhcp6Client client6 = interfaces[index].Dhcp6!;
        if (WantsBootFile)
        {
            if (!netif.IPv6.Global.IsAny && client6.Answer is { BootFileUrl.IsEmpty: false })
            {
                return !isBusy ? Progress.Ready : client.IsBound ? Progress.Busy : Progress.WithoutDhcp; // A lease's boot servers get their time.
            }

            isBusy |= client6.IsSearching && now - _dhcpDoneAt[index] < DhcpGrace;
        }
        else if (_ipv6[index] is IPv6Setup ipv6)
        {
            if (ipv6.IsReady)
            {
                return isBusy || (client6.IsSearching && !InsistsOnDhcp) ? Progress.WithoutDhcp : Progress.Ready;
            }

            isBusy |= ipv6.IsSearching(now);
            if (!isBusy && !netif.IPv6.Global.IsAny)
            {
                return Progress.WithoutRoute; // Routers that are the way to nowhere, as in a network of its own.
            }
        }

        if (!isBusy)
        {
            _errors[index] = _dhcpErrors[index] ?? _ipv6[index]!.Explain();
        }

        return isBusy ? Progress.Busy : Progress.Failed;
    }

    private void Leave(int index, int winner)
    {
        BootInterface each = interfaces[index];
        bool hasWinner = winner >= 0;
        bool isTrunk = hasWinner && interfaces[winner].Trunk == each;
        bool stays = _wasOpen[index] && (hasWinner || each.Interface.IsConfigured);
        if (!stays && !isTrunk)
        {
            each.Close();
        }
        else
        {
            Settle(each);
        }
    }

    private void Settle(BootInterface each)
    {
        if (UsesDhcp && each.Dhcp!.IsBound)
        {
            session.OnLease(each);
        }
        else if (UsesDhcp)
        {
            each.Dhcp!.Stop();
        }
    }

    private string Describe(int index)
    {
        NetworkInterface netif = interfaces[index].Interface;
        bool hasIPv6 = _ipv6[index] is { IsReady: true };
        return !UsesDhcp || !interfaces[index].Dhcp!.IsBound ? TextBuilder.Format($"{netif.IPv6.Global}")
            : hasIPv6 ? TextBuilder.Format($"{netif.Address}, {netif.IPv6.Global}")
            : TextBuilder.Format($"{netif.Address}");
    }
}
