using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.EndToEnd;

/// <summary>
/// The cable between a simulated NIC and scripted hosts, on the virtual clock of the simulated firmware. A NIC that has no room makes the
/// other side wait, as Ethernet's flow control does, for up to 2 ms; then the frame is lost.
/// </summary>
internal sealed class DeviceWire : IPeerMedium
{
    private const ulong Latency = 50;
    private const ulong Patience = 2000;
    private const ulong BytesPerMicrosecond = 125; // 1 Gbit/s

    private readonly SimulatedFirmware _firmware;
    private readonly List<byte[]> _sent;
    private readonly Func<byte[], bool> _receive;
    private readonly Queue<(ulong Due, byte[] Frame)> _toClient = new();
    private readonly Queue<(ulong Due, byte[] Frame)> _toHosts = new();
    private readonly List<(ulong Due, Action Action)> _timers = [];
    private readonly List<PeerHost> _hosts = [];
    private ulong _freeAt;

    /// <param name="sent">Where the NIC puts what it transmits.</param>
    /// <param name="receive">Gives the NIC a frame; false when it does not take it.</param>
    public DeviceWire(SimulatedFirmware firmware, MacAddress client, List<byte[]> sent, Func<byte[], bool> receive)
    {
        _firmware = firmware;
        _sent = sent;
        _receive = receive;
        ClientMac = client;
        firmware.Surroundings += Turn;
    }

    public MacAddress ClientMac { get; }

    /// <summary>Who hears what is sent with a certain tag.</summary>
    public PeerVlan? Vlan { get; set; }

    /// <summary>Frames that the NIC did not take.</summary>
    public int Lost { get; private set; }

    /// <summary>Frames of the client.</summary>
    public int FromClient { get; private set; }

    public ulong Now => (ulong)_firmware.Elapsed.Ticks / TimeSpan.TicksPerMicrosecond;

    public PeerHost AddHost(string address)
    {
        Assert.True(IPAddress.TryParse(address, out IPAddress parsed));
        PeerHost host = new(this, parsed, new MacAddress([0x52, 0x54, 0, 0, 1, (byte)(_hosts.Count + 1)]));
        _hosts.Add(host);
        return host;
    }

    public void Carry(bool toClient, byte[] frame)
    {
        if (!toClient)
        {
            _toHosts.Enqueue((Now + Latency, frame));
            return;
        }

        _freeAt = Math.Max(_freeAt, Now) + ((ulong)frame.Length / BytesPerMicrosecond);
        _toClient.Enqueue((_freeAt + Latency, frame));
    }

    public void After(ulong delay, Action action) => _timers.Add((Now + delay, action));

    private void Turn()
    {
        ulong now = Now;
        foreach (byte[] frame in _sent)
        {
            FromClient++;
            Carry(false, frame);
        }

        _sent.Clear();
        for (int i = 0; i < _timers.Count; i++)
        {
            if (_timers[i].Due <= now)
            {
                Action action = _timers[i].Action;
                _timers.RemoveAt(i--);
                action();
            }
        }

        while (_toHosts.TryPeek(out (ulong Due, byte[] Frame) next) && next.Due <= now)
        {
            _toHosts.Dequeue();
            if (Vlan?.TryReceive(next.Frame) != true)
            {
                _hosts.ForEach(host => host.OnFrame(next.Frame));
            }
        }

        while (_toClient.TryPeek(out (ulong Due, byte[] Frame) next) && next.Due <= now)
        {
            if (!_receive(next.Frame))
            {
                if (now - next.Due < Patience)
                {
                    return;
                }

                Lost++;
            }

            _toClient.Dequeue();
        }
    }
}
