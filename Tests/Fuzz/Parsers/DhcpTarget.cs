using System;
using System.Collections.Generic;
using NetBoot.Boot.App.Platforms;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>A message that is read, and as a lease with itself for the boot server's answer.</summary>
internal sealed class DhcpTarget : FuzzTarget
{
    private readonly DhcpMessage _message = new();
    private uint _sum;

    public override string Name => "dhcp";

    public override string Subject => "DHCP messages and options, also in the fields of the file and of the server's name";

    public override int MaximumSize => DhcpMessage.MaximumSize;

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            yield return Message([53, 1, 5, 54, 4, 192, 0, 2, 1, 1, 4, 255, 255, 255, 0, 3, 4, 192, 0, 2, 1, 6, 8, 192, 0, 2, 1, 192, 0, 2, 2, 15, 3, 97, 46, 98, 255]);
            yield return Message([53, 1, 2, 60, 9, .. "PXEClient"u8, 43, 6, 6, 1, 8, 255, 0, 0, 66, 4, .. "tftp"u8, 67, 6, .. "file.0"u8, 255]);
            byte[] overloaded = Message([52, 1, 3, 53, 1, 5, 255]);
            new byte[] { 12, 4, 104, 111, 115, 116, 17, 2, 47, 114, 255 }.CopyTo(overloaded, 44);
            new byte[] { 67, 3, 97, 47, 98, 67, 2, 47, 99, 255 }.CopyTo(overloaded, 108);
            yield return overloaded;
            yield return Message([
                53, 1, 5, 54, 4, 192, 0, 2, 1, 60, 9, .. "PXEClient"u8,
                43, 40, 6, 1, 3, 7, 4, 224, 0, 1, 2, 8, 7, 0, 5, 1, 192, 0, 2, 1, 9, 10, 0, 5, 1, 65, 0, 0, 3, 66, 67, 68, 10, 2, 9, 63, 71, 4, 0, 5, 0, 0, 255, 255]);
            yield return [7, 1, 2, 3, 0, 1, 0, 2, 0, 4, 0, 59, 0, 8, .. "http://h"u8];
            yield return Message([175, 7, 176, 2, 1, 2, 19, 1, 1, 119, 6, 1, 97, 1, 98, 0, 0, 121, 5, 8, 10, 192, 0, 2, 255]);
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        if (_message.TryLoad(input))
        {
            Read();
        }

        _sum += (uint)BootOrigin.FindBootFileUrl(input).Length;
        using DhcpLease? lease = DhcpLease.FromPackets(input, input, out _);
        if (lease is not null)
        {
            _sum += lease.Address.Value + lease.Netmask.Value + lease.Gateway.Value + lease.NextServer.Value;
            lease.ReadPxe(out PxeOptions options);
            _sum += lease.HasBootMenu ? 1u : 0;
            Look(options);
            _sum += (uint)(lease.FileName + lease.ServerName + lease.RootPath + lease.Domain + lease.HostName).Length;
        }
    }

    private void Read()
    {
        _sum += _message.TransactionId + _message.ClientAddress.Value + _message.YourAddress.Value + _message.ServerIdentifier.Value;
        _sum += (uint)_message.MacAddress.Value + (uint)_message.Type + (_message.IsReply && _message.IsPxe && _message.IsDamaged ? 1u : 0);
        Look(_message.FileName);
        Look(_message.ServerName);
        int size = 0;
        for (int tag = 1; tag < 255; tag++)
        {
            if (_message.TryGetOption((byte)tag, out ReadOnlySpan<byte> value))
            {
                Look(value);
                size += value.Length;
            }
        }

        FuzzFinding.Unless(size <= _message.Packet.Length, $"options of {size} bytes in a message of {_message.Packet.Length}");
        _message.TryGetOption(43, 6, out _);
        _message.TryGetOption(175, 176, out _);
    }

    private void Look(PxeOptions options)
    {
        Look(options.Prompt);
        PxeMenuReader menu = new(options.Menu);
        while (menu.Read())
        {
            _sum += menu.Type;
            Look(menu.Text);
        }

        PxeBootServerReader servers = new(options.BootServers);
        while (servers.Read())
        {
            for (int i = 0; i < servers.Count; i++)
            {
                _sum += servers.GetAddress(i).Value;
            }
        }
    }

    private void Look(ReadOnlySpan<byte> bytes)
    {
        foreach (byte each in bytes)
        {
            _sum += each;
        }
    }

    private static byte[] Message(ReadOnlySpan<byte> options)
    {
        byte[] message = new byte[240 + options.Length];
        new byte[] { 2, 1, 6, 0, 1, 2, 3, 4 }.CopyTo(message, 0);
        new byte[] { 192, 0, 2, 100, 192, 0, 2, 1 }.CopyTo(message, 16);
        new byte[] { 0x52, 0x54, 0, 0x12, 0x34, 0x56 }.CopyTo(message, 28);
        new byte[] { 0x63, 0x82, 0x53, 0x63 }.CopyTo(message, 236);
        options.CopyTo(message.AsSpan(240));
        return message;
    }
}
