using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Networks;

/// <summary>
/// A port of an <see cref="EthernetSwitch"/>, for one NIC, or by <see cref="ArgumentsFor"/> for any other network of QEMU's. What is set counts
/// for frames from then on.
/// </summary>
public sealed class SwitchPort : NetworkBackend, IDisposable
{
    private readonly EthernetSwitch _switch;
    private readonly FrameSocket _socket;
    private readonly string _path;
    private readonly TaskCompletionSource _isForwarding = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal SwitchPort(EthernetSwitch owner, int number, string path)
    {
        _switch = owner;
        Number = number;
        _path = path;
        _socket = new FrameSocket(path);
        _socket.Start(
            frames =>
            {
                foreach (byte[] frame in frames)
                {
                    _switch.Receive(this, frame);
                }
            },
            StartLink);
    }

    /// <summary>From 1 on.</summary>
    public int Number { get; }

    /// <summary>Losses and the like.</summary>
    public FrameFaults Faults { get; set; } = new();

    /// <summary>The VLAN of frames without a tag.</summary>
    public int Vlan { get; set; } = 1;

    /// <summary>Whether the port has all other VLANs too, their frames tagged.</summary>
    public bool IsTrunk { get; set; }

    /// <summary>
    /// With a spanning tree: how long after link-up the port forwards nothing (IEEE 802.1D-2004, 17.14: listening and learning, 15 s each). All
    /// the time it sends BPDUs. Null for none of both.
    /// </summary>
    public TimeSpan? ForwardDelay { get; set; }

    /// <summary>Ends once the port forwards for the first time.</summary>
    public Task Forwarding => _isForwarding.Task;

    /// <summary>Frames that came from what is plugged in.</summary>
    public int Received { get; internal set; }

    /// <summary>Frames that went to it.</summary>
    public int Sent { get; internal set; }

    /// <summary>Those of them that had a tag.</summary>
    public int SentTagged { get; internal set; }

    /// <summary>Frames lost, in both directions.</summary>
    public int Lost { get; internal set; }

    /// <summary>Frames that went twice.</summary>
    public int Duplicated { get; internal set; }

    /// <summary>Frames that were made late.</summary>
    public int Reordered { get; internal set; }

    /// <summary>Frames of VLANs that the port does not have, runts, and those that came while the port did not forward.</summary>
    public int Refused { get; internal set; }

    /// <summary>How often the link has come up.</summary>
    internal int LinkCount { get; set; }

    internal bool IsForwarding { get; private set; }

    /// <inheritdoc/>
    public override string Arguments => FrameSocket.Arguments(_path);

    /// <summary>QEMU's arguments that plug in another of its networks.</summary>
    public IReadOnlyList<string> ArgumentsFor(NetworkBackend network) =>
    [
        "-netdev", $"{network.Arguments},id=far{Number}", "-netdev", $"hubport,hubid={HubId},netdev=far{Number},id=farhub{Number}",
        "-netdev", $"{Arguments},id=near{Number}", "-netdev", $"hubport,hubid={HubId},netdev=near{Number},id=nearhub{Number}",
    ];

    private int HubId => 100 + Number;

    /// <summary>The link comes up: at first when the machine is switched on.</summary>
    public void StartLink() => _switch.StartLink(this);

    public void Dispose() => _socket.Dispose();

    internal void SetForwarding(bool isForwarding)
    {
        IsForwarding = isForwarding;
        if (isForwarding)
        {
            _isForwarding.TrySetResult();
        }
    }

    internal void Send(byte[] frame) => _socket.Send(frame);
}
