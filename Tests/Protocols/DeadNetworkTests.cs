using System;
using System.Collections.Generic;
using System.Reflection;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.NetworkStack.Protocols.Ntp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Network;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.Protocols;

/// <summary>A machine that retries booting for a week uses the memory that it used in its first hour.</summary>
public sealed class DeadNetworkTests : IDisposable
{
    private const ulong Hour = 3_600_000_000;

    private static readonly string[] s_uris =
        ["http://192.0.2.2/x", "http://[2001:db8::2]/x", "http://198.51.100.7/x", "tftp://192.0.2.2/x", "tftp://[2001:db8::2]/x"];

    private readonly SimulatedNetwork _network;
    private readonly FetchClient _client;
    private readonly DhcpClient _dhcp;

    public DeadNetworkTests()
    {
        _network = IPv6Tests.Configured(out _, IPv6Router.Prefix("2001:db8::", 64, 0xC0, uint.MaxValue, uint.MaxValue));
        Assert.Null(_network.Interface.Configure(SimulatedNetwork.Address, SimulatedNetwork.Netmask, SimulatedNetwork.Gateway));
        _network.Interface.SetDnsServers([new IPv4Address(192, 0, 2, 53)]);
        _client = new FetchClient(_network.Stack, _network);
        _dhcp = new DhcpClient(_network.Stack, _network.Interface);
        _ = new PeerTcpServer(_network.Peer, 80)
        {
            OnData = (connection, _) => connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        };
    }

    public void Dispose() => _client.Dispose();

    [Fact]
    public void AWeekOfRetries_LeavesMemoryAsItWas_AndTheNetworkOfUseWhenItIsBack()
    {
        Action<byte[]> deliver = _network.Wire.Sent!;
        Assert.Null(Fetch("http://192.0.2.2/x")); // A connection that is kept, whose server dies with the others.
        _network.Wire.Sent = null;
        _network.IdleStep = 1_000_000;
        ulong start = _network.Now;
        RetryUntil(start + Hour);
        int arenas = Arena.LiveOnThread;
        (int objects, long bytes) = Retained(_network.Stack, _client, _dhcp);
        int rounds = RetryUntil(start + (7 * 24 * Hour));
        Assert.InRange(rounds, 1000, 10_000);
        Assert.Equal(arenas, Arena.LiveOnThread);
        Assert.Equal((objects, bytes), Retained(_network.Stack, _client, _dhcp));

        _network.Wire.Sent = deliver;
        _network.IdleStep = 1000;
        _network.RunFor(5_000_000); // What was found dead a moment ago is not asked for at once.
        Assert.Null(Fetch("http://192.0.2.2/x"));
        Assert.Null(Fetch("http://[2001:db8::2]/x"));
    }

    /// <returns>How often all was tried.</returns>
    private int RetryUntil(ulong end)
    {
        IPAddress[] found = new IPAddress[FetchClient.MaximumAddresses];
        int rounds = 0;
        for (; _network.Now < end; rounds++)
        {
            Assert.NotNull(_dhcp.Configure(_network, new DhcpOptions()));
            Assert.NotNull(_client.Resolve("boot.example", 0, found, out _));
            Assert.NotNull(NtpClient.GetTime(_network.Stack, _network, [new IPv4Address(192, 0, 2, 123), IPv6Router.Parse("2001:db8::123")], out _));
            foreach (string uri in s_uris)
            {
                Assert.NotNull(Fetch(uri));
            }
        }

        return rounds;
    }

    private Error? Fetch(string uri) => _client.Run(ResourceUri.Parse(uri, out _)!, new MemoryDownload(), new FetchOptions());

    /// <summary>All that can be reached from what lives on: objects, and bytes in arrays and strings.</summary>
    private static (int Objects, long Bytes) Retained(params object[] roots)
    {
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        Stack<object> open = new(roots);
        long bytes = 0;
        while (open.TryPop(out object? each))
        {
            // The product's alone: what the test is made of remembers frames.
            Assembly owner = each.GetType().Assembly;
            bool isProduct = each is Array or string || owner == typeof(FetchClient).Assembly || owner == typeof(Arena).Assembly;
            if (!isProduct || !seen.Add(each))
            {
                continue;
            }

            if (each is string text)
            {
                bytes += text.Length * sizeof(char);
                continue;
            }

            if (each is Array array)
            {
                bytes += array.Length;
            }

            Push(each, open);
        }

        return (seen.Count, bytes);
    }

    private static void Push(object each, Stack<object> open)
    {
        if (each is Array array)
        {
            if (array.GetType().GetElementType() is Type element && !element.IsPrimitive && !element.IsEnum && !element.IsPointer)
            {
                foreach (object? item in array)
                {
                    PushValue(item, open);
                }
            }

            return;
        }

        for (Type? type = each.GetType(); type is not null; type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (!field.FieldType.IsPrimitive && !field.FieldType.IsPointer && !field.FieldType.IsEnum)
                {
                    PushValue(field.GetValue(each), open);
                }
            }
        }
    }

    private static void PushValue(object? value, Stack<object> open)
    {
        if (value is ValueType)
        {
            Push(value, open);
        }
        else if (value is not null)
        {
            open.Push(value);
        }
    }
}
