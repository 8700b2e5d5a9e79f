using System.Collections.Generic;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>
/// Gets one of several interfaces a lease, all asking at the same time: the first in the list that has one within a moment after any has. The
/// others are left as they were.
/// </summary>
/// <param name="session">Has the interfaces.</param>
/// <param name="interfaces">In the order of preference.</param>
/// <param name="timeout">Microseconds for each, 0 for the usual time.</param>
/// <param name="wantsBootFile">A lease counts only with a file to boot, for which boot servers get their time.</param>
internal sealed class LeaseRace(Session session, List<BootInterface> interfaces, ulong timeout, bool wantsBootFile)
{
    /// <summary>How long one that is preferred, and has a link, may be behind.</summary>
    private const ulong Grace = 2_000_000;

    private readonly bool[] _wasOpen = new bool[interfaces.Count];
    private readonly DhcpOptions[] _options = new DhcpOptions[interfaces.Count];
    private readonly Error?[] _errors = new Error?[interfaces.Count];

    /// <summary>Why an interface has got nothing, after <see cref="Run"/>; null when the user stopped it before that was known.</summary>
    public Error? ErrorOf(int index) => _errors[index];

    /// <summary>Returns when one has a lease, or with the last one's error when none has any.</summary>
    public Error? Run(out BootInterface? winner)
    {
        winner = null;
        session.Terminal.Write("DHCP on");
        for (int i = 0; i < interfaces.Count; i++)
        {
            BootInterface each = interfaces[i];
            session.Terminal.Write(TextBuilder.Format($" {each.Interface.Name}"));
            _wasOpen[i] = each.Interface.IsOpen;
            _options[i] = session.DescribeClient(each, timeout, wantsBootFile);
            _errors[i] = session.Open(each) ?? each.Dhcp!.Begin(session.EventLoop, _options[i]);
            each.StartIPv6();
        }

        session.Terminal.Write("... ");
        int best = Wait(out bool isStopped);
        for (int i = 0; i < interfaces.Count; i++)
        {
            if (i != best)
            {
                Leave(i, best);
            }
        }

        if (best >= 0)
        {
            winner = interfaces[best];
            NetworkInterface netif = winner.Interface;
            session.Settings.LastOpened = netif.Name;
            session.OnLease(winner);
            session.Terminal.WriteLine(TextBuilder.Format($"{netif.Name} {netif.Address}"));
            return null;
        }

        session.Terminal.WriteLine("failed");
        return isStopped ? new Error(EFI_STATUS.EFI_ABORTED, "stopped by the user") : _errors[interfaces.Count - 1];
    }

    /// <summary>The winner's index; -1 when there is none.</summary>
    private int Wait(out bool isStopped)
    {
        ulong boundAt = 0;
        isStopped = false;
        while (true)
        {
            int bound = interfaces.Count;
            bool isOtherBusy = false; // whom it is worth to wait for
            for (int i = interfaces.Count - 1; i >= 0; i--)
            {
                DhcpClient client = interfaces[i].Dhcp!;
                if (_errors[i] is null && client.IsBound && (!wantsBootFile || client.IsSettled))
                {
                    _errors[i] = wantsBootFile ? Autoboot.CheckBootFile(interfaces[i]) : null;
                    bound = _errors[i] is null ? i : bound;
                    isOtherBusy &= _errors[i] is not null;
                }
                else if (_errors[i] is null && (client.IsSearching || client.IsBound))
                {
                    isOtherBusy |= bound == interfaces.Count || interfaces[i].Interface.Link.IsUp;
                }
                else
                {
                    _errors[i] ??= client.Finish(_options[i]);
                }
            }

            boundAt = boundAt == 0 && bound < interfaces.Count ? session.EventLoop.Now : boundAt;
            if (!isOtherBusy || (boundAt != 0 && session.EventLoop.Now - boundAt >= Grace))
            {
                return bound < interfaces.Count ? bound : -1;
            }

            if (!session.EventLoop.RunOnce())
            {
                isStopped = true;
                return -1;
            }
        }
    }

    private void Leave(int index, int winner)
    {
        BootInterface bootInterface = interfaces[index];
        bool hasWinner = winner >= 0;
        bool isTrunk = hasWinner && interfaces[winner].Trunk == bootInterface;
        if (!hasWinner || (!_wasOpen[index] && !isTrunk))
        {
            bootInterface.Close();
        }
        else if (bootInterface.Dhcp!.IsBound)
        {
            session.OnLease(bootInterface);
        }
        else
        {
            bootInterface.Dhcp.Stop();
        }
    }
}
