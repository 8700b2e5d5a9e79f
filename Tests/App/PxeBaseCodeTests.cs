using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Platforms;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Links;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.NetworkStack.Protocols.Dhcp6;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Network;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>EFI_PXE_BASE_CODE_PROTOCOL of ours as a started image calls it.</summary>
[Collection("Firmware")]
public sealed unsafe class PxeBaseCodeTests : IDisposable
{
    private const string Server = "192.0.2.1";

    private readonly SimulatedFirmware _firmware = new();
    private readonly PeerWire _wire = new();
    private readonly PeerHost _host;
    private readonly DhcpServer _dhcp;
    private readonly TftpServer _tftp;
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly BootInterface _interface;
    private readonly DhcpClient _client;
    private readonly PxeBaseCode _shown;
    private readonly EFI_PXE_BASE_CODE_PROTOCOL* _pxe;
    private bool _isGone;
    private static uint s_callbacks;
    private static EFI_PXE_BASE_CODE_FUNCTION s_function;

    public PxeBaseCodeTests()
    {
        _host = _wire.AddHost(Server);
        _dhcp = new DhcpServer(_host) { Next = Server, File = "boot/file.efi" };
        _tftp = new TftpServer(_host, _files.GetValueOrDefault);
        _interface = new BootInterface(_wire.Interface, "a card");
        _client = new DhcpClient(_wire.Network, _wire.Interface);
        _interface.Dhcp = _client;
        PeerWire.Assert(_client.Configure(_wire, new DhcpOptions()));
        _shown = Install(_interface, isIPv6: false, _wire.Network, new MovingClock(_wire));
        _pxe = Firmware.Get<EFI_PXE_BASE_CODE_PROTOCOL>(Handle);
    }

    private EFI_HANDLE Handle => Assert.Single(_firmware.HandlesWith<EFI_PXE_BASE_CODE_PROTOCOL>());

    private EFI_PXE_BASE_CODE_MODE* Mode => _pxe->Mode;

    public void Dispose()
    {
        _client.Dispose();
        if (!_firmware.HasExitedBootServices)
        {
            if (!_isGone)
            {
                _shown.Dispose();
            }

            Assert.Empty(_firmware.HandlesWith<EFI_PXE_BASE_CODE_PROTOCOL>());
            _wire.Interface.Close();
            Assert.Empty(_firmware.Leaks);
            Assert.Empty(_firmware.Violations);
        }

        _firmware.Dispose();
    }

    [Fact]
    public void Mode_IsTheLease_AndStarted()
    {
        Assert.Equal([1, 0, 1, 1, 0], [Mode->Started, Mode->UsingIpv6, Mode->AutoArp, Mode->DhcpAckReceived, Mode->ProxyOfferReceived]);
        Assert.Equal(1U, Mode->RouteTableEntries);
        Assert.Equal([192, 0, 2, 50], Bytes(&Mode->StationIp, 4));
        Assert.Equal([255, 255, 255, 0], Bytes(&Mode->SubnetMask, 4));
        Assert.Equal(_wire.Interface.Lease!.Ack.Packet.ToArray(), Bytes(&Mode->DhcpAck, _wire.Interface.Lease.Ack.Packet.Length));
        EFI_IP_ADDRESS router = Mode->RouteTable[0].GwAddr;
        Assert.Equal([192, 0, 2, 1], Bytes(&router, 4));
        byte[] discover = Bytes(&Mode->DhcpDiscover, 1472);
        Assert.Equal(1, Mode->DhcpDiscoverValid);
        Assert.Equal([1], DhcpBytes.Find(discover, 53)!);
        Assert.Equal(_dhcp.Discovers[0][..8], discover[..8]); // The one that was sent, as its transaction shows.
        Assert.Equal(DhcpBytes.Find(_dhcp.Discovers[0], 93), DhcpBytes.Find(discover, 93));
        byte[] expected = new DevicePathBuilder().Node(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, IPv4_DEVICE_PATH.MSG_IPv4_DP, new byte[23]).ToArray();
        Assert.Equal(expected, DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(Handle)).ToArray());
    }

    [Fact]
    public void Start_AndStop_GoWithTheState_AndNothingElseWorksBetween()
    {
        EFI_IP_ADDRESS address = Parse(Server);
        Assert.Equal(EFI_STATUS.EFI_ALREADY_STARTED, _pxe->Start(_pxe, 0));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Stop(_pxe));
        Assert.Equal(EFI_STATUS.EFI_NOT_STARTED, _pxe->Stop(_pxe));
        Assert.Equal(EFI_STATUS.EFI_NOT_STARTED, _pxe->Dhcp(_pxe, 1));
        Assert.Equal(EFI_STATUS.EFI_NOT_STARTED, _pxe->Arp(_pxe, &address, null));
        Assert.Equal(EFI_STATUS.EFI_NOT_STARTED, Get("x", out _, 10));
        Assert.Equal(EFI_STATUS.EFI_NOT_STARTED, _pxe->SetStationIp(_pxe, null, null));
        Assert.Equal(EFI_STATUS.EFI_NOT_STARTED, _pxe->SetParameters(_pxe, null, null, null, null, null));
        Assert.Equal(EFI_STATUS.EFI_NOT_STARTED, _pxe->SetPackets(_pxe, null, null, null, null, null, null, null, null, null, null, null, null));
        EFI_PXE_BASE_CODE_IP_FILTER filter = default;
        Assert.Equal(EFI_STATUS.EFI_NOT_STARTED, _pxe->SetIpFilter(_pxe, &filter));
        Assert.Equal(EFI_STATUS.EFI_NOT_STARTED, _pxe->Discover(_pxe, 5, null, 0, null));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->Arp(_pxe, null, null)); // What is given is looked at first.
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->SetIpFilter(_pxe, null));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->UdpRead(_pxe, 0x0F, null, null, null, null, null, null, null, null));
        Assert.Equal((0, 0, 0, 1, 16), (Mode->DhcpAckReceived, Mode->DhcpDiscoverValid, (int)Mode->RouteTableEntries, Mode->AutoArp, Mode->TTL));
        Assert.Equal(new byte[4], Bytes(&Mode->StationIp, 4));
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, _pxe->Start(_pxe, 1));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Start(_pxe, 0));
        Assert.Equal((1, 0), (Mode->Started, Mode->DhcpAckReceived));
        ushort port = 7000;
        ushort layer = 0;
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->Arp(_pxe, &address, null)); // Without an address.
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->Discover(_pxe, 5, &layer, 0, null));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, Send(7000, &port, [1]));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Dhcp(_pxe, 1));
        Assert.Equal(1, Mode->DhcpAckReceived);
        Assert.Equal([192, 0, 2, 50], Bytes(&Mode->StationIp, 4));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->Start(null, 0));
        Assert.True(_wire.Interface.IsOpen); // Not ours to close: it was open.
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Mtftp_TellsSizes_AndReadsFiles(bool saysSize)
    {
        byte[] file = new byte[100_001];
        new Random(1).NextBytes(file);
        _files["a/b"] = file;
        _tftp.KnowsSize = saysSize;

        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Transfer(EFI_PXE_BASE_CODE_TFTP_OPCODE.EFI_PXE_BASE_CODE_TFTP_GET_FILE_SIZE, "a/b", null, 0, out ulong size));
        Assert.Equal(100_001UL, size);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Get("a/b", out byte[] read, 100_001));
        Assert.Equal(file, read);
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, Get("a/b", out read, 100_000));
        Assert.Equal(100_001, read.Length);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Transfer(EFI_PXE_BASE_CODE_TFTP_OPCODE.EFI_PXE_BASE_CODE_TFTP_READ_FILE, "a/b", null, 1, out size, dontUse: 1));
        Assert.Equal(100_001UL, size);
    }

    [Fact]
    public void Mtftp_WhoseServerLiesAboutTheSize_StaysInTheBuffer()
    {
        // Says 10 bytes, sends 512 and 100.
        _host.OnUdp(69, (client, _) => _host.SendUdp(3000, client, [0, 6, .. "tsize\010\0"u8]));
        _host.OnUdp(3000, (client, packet) =>
        {
            if (packet[1] == 4 && packet[3] < 2)
            {
                _host.SendUdp(3000, client, [0, 3, 0, (byte)(packet[3] + 1), .. Enumerable.Repeat((byte)0xAA, packet[3] == 0 ? 512 : 100)]);
            }
        });
        byte* buffer = stackalloc byte[600];
        new Span<byte>(buffer, 600).Fill(0x11);
        Assert.Equal(
            EFI_STATUS.EFI_BUFFER_TOO_SMALL,
            Transfer(EFI_PXE_BASE_CODE_TFTP_OPCODE.EFI_PXE_BASE_CODE_TFTP_READ_FILE, "x", buffer, 550, out ulong size));
        Assert.Equal(612UL, size);
        Assert.All(new Span<byte>(buffer + 550, 50).ToArray(), each => Assert.Equal(0x11, each));
    }

    [Fact]
    public void Mtftp_RefusedByTheServer_TellsItsError()
    {
        Assert.Equal(EFI_STATUS.EFI_TFTP_ERROR, Get("no", out _, 10));
        Assert.Equal((1, 1), (Mode->TftpErrorReceived, Mode->TftpError.ErrorCode));
        Assert.Equal("file not found\0", Encoding.ASCII.GetString(Mode->TftpError.ErrorString, 15));
        _files["yes"] = [1];
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Get("yes", out _, 10));
        Assert.Equal(0, Mode->TftpErrorReceived);
    }

    [Fact]
    public void DhcpDiscoverAndMtftp_LeaveTheStationsAddressAloneInTheFilter()
    {
        _files["x"] = [1];
        _host.OnUdp(4011, AnswerAs(5));
        EFI_STATUS Discover()
        {
            ushort layer = 0;
            return _pxe->Discover(_pxe, 5, &layer, 0, null);
        }

        foreach (Func<EFI_STATUS> call in new Func<EFI_STATUS>[] { () => _pxe->Dhcp(_pxe, 0), Discover, () => Get("x", out _, 10) })
        {
            EFI_PXE_BASE_CODE_IP_FILTER filter = new() { Filters = 6, IpCnt = 1 };
            filter.IpList[0] = Parse("224.0.0.9");
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->SetIpFilter(_pxe, &filter));
            call();
            Assert.Equal((1, 0), (Mode->IpFilter.Filters, Mode->IpFilter.IpCnt));
        }
    }

    [Fact]
    public void Mtftp_WhereNothingListens_TellsItByIcmp()
    {
        _host.OnUdp(69, (client, _) => _host.SendIPv4(
            new IPv4Address(192, 0, 2, 1), new IPv4Address(192, 0, 2, 50), 1, Unreachable([192, 0, 2, 50], [192, 0, 2, 1], client.Port, 69)));
        Assert.Equal(EFI_STATUS.EFI_ICMP_ERROR, Get("x", out _, 10));
        Assert.Equal((1, 3, 3), (Mode->IcmpErrorReceived, Mode->IcmpError.Type, Mode->IcmpError.Code));
        _files["x"] = [1];
        _host.OnUdp(69, (_, _) => { });
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, Get("x", out _, 10)); // Within edk2's 24 seconds.
        Assert.Equal(0, Mode->IcmpErrorReceived);
    }

    [Fact]
    public void Mtftp_WithNobodyThere_EndsInTime()
    {
        _host.StopUdp(69);
        Assert.True(Get("x", out _, 10).IsError);
        _host.AnswersArp = false;
        _wire.Interface.Configure(new IPv4Address(192, 0, 2, 50), new IPv4Address(255, 255, 255, 0), default); // Forgets who is there.
        Assert.True(Get("x", out _, 10).IsError);
        Assert.Equal(0, Mode->TftpErrorReceived);
    }

    [Theory]
    [InlineData(0U, "x", true, true, 512, "EFI_INVALID_PARAMETER")]
    [InlineData(8U, "x", true, true, 512, "EFI_INVALID_PARAMETER")]
    [InlineData(uint.MaxValue, "x", true, true, 512, "EFI_INVALID_PARAMETER")]
    [InlineData(2U, null, true, true, 512, "EFI_INVALID_PARAMETER")]
    [InlineData(2U, "", true, true, 512, "EFI_INVALID_PARAMETER")]
    [InlineData(2U, "x", false, true, 512, "EFI_INVALID_PARAMETER")]
    [InlineData(2U, "x", true, false, 512, "EFI_INVALID_PARAMETER")]
    [InlineData(2U, "x", true, true, 511, "EFI_INVALID_PARAMETER")]
    [InlineData(3U, "x", true, true, 512, "EFI_UNSUPPORTED")]
    [InlineData(4U, "x", true, true, 512, "EFI_UNSUPPORTED")]
    [InlineData(4U, "x", true, false, 512, "EFI_INVALID_PARAMETER")]
    [InlineData(5U, "x", true, false, 512, "EFI_UNSUPPORTED")]
    [InlineData(6U, "x", true, true, 512, "EFI_UNSUPPORTED")]
    [InlineData(7U, "x", true, true, 512, "EFI_UNSUPPORTED")]
    public void Mtftp_ChecksWhatItIsGiven(uint operation, string? name, bool hasServer, bool hasBuffer, int blockSize, string expected)
    {
        byte* buffer = stackalloc byte[16];
        EFI_IP_ADDRESS server = Parse(Server);
        ulong size = 16;
        nuint block = (nuint)blockSize;
        fixed (byte* path = name is null ? null : Encoding.ASCII.GetBytes(name + '\0'))
        {
            EFI_STATUS status = _pxe->Mtftp(
                _pxe, (EFI_PXE_BASE_CODE_TFTP_OPCODE)operation, hasBuffer ? buffer : null, 0, &size, &block, hasServer ? &server : null, path, null, 0);
            Assert.Equal(expected, NameOf(status));
        }

        Assert.Empty(_tftp.Requests);
    }

    [Fact]
    public void Datagrams_GoAndCome()
    {
        _host.OnUdp(7000, (client, payload) =>
        {
            _host.SendUdp(7001, client, "elsewhere"u8); // From another port: not what is asked for.
            _host.SendUdp(7000, client, payload);
        });
        byte[] heard = Exchange(7000, "he"u8.ToArray(), "ader and more"u8.ToArray(), out ushort own, out EFI_STATUS status);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, status);
        Assert.Equal("header and more", Encoding.ASCII.GetString(heard));
        Assert.True(own >= 49152);

        byte* buffer = stackalloc byte[16];
        nuint size = 16;
        EFI_IP_ADDRESS from = Parse(Server);
        ushort port = 7000;
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, _pxe->UdpRead(_pxe, 0, null, &own, &from, &port, null, null, &size, buffer)); // The other was dropped.
    }

    [Fact]
    public void Datagram_LongerThanTheBuffer_TellsItsSize_AndAnyone_IsToldWhoItWas()
    {
        ushort own = 5000;
        _host.OnUdp(7000, (client, _) =>
        {
            _host.SendUdp(7001, client, new byte[100]);
            _host.SendUdp(7002, client, "abc"u8);
        });
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Send(7000, &own, [1]));
        Assert.Equal(5000, own);
        byte* buffer = stackalloc byte[16];
        nuint size = 16;
        EFI_IP_ADDRESS from = default;
        EFI_IP_ADDRESS to = default;
        ushort port = 0;
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, _pxe->UdpRead(_pxe, 0x0F, null, null, &from, &port, null, null, &size, buffer));
        Assert.Equal(((nuint)100, 7001), (size, port));

        ushort toPort = 0;
        byte* header = stackalloc byte[1];
        nuint headerSize = 1;
        size = 16;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->UdpRead(_pxe, 0x0F, &to, &toPort, &from, &port, &headerSize, header, &size, buffer));
        Assert.Equal(("a", "bc"), (Encoding.ASCII.GetString(header, 1), Encoding.ASCII.GetString(buffer, (int)size)));
        Assert.Equal((5000, 7002), (toPort, port));
        Assert.Equal([192, 0, 2, 1], Bytes(&from, 4));
        Assert.Equal([192, 0, 2, 50], Bytes(&to, 4));
    }

    [Fact]
    public void Broadcast_IsReadByTheFilterAlone()
    {
        ushort own = 5000;
        _host.OnUdp(7000, (_, _) => _host.SendUdp(7000, new IPEndpoint(IPv4Address.Broadcast, 5000), "all"u8));
        byte* buffer = stackalloc byte[16];
        foreach ((byte filters, EFI_STATUS expected) in new[] { ((byte)1, EFI_STATUS.EFI_TIMEOUT), ((byte)3, EFI_STATUS.EFI_SUCCESS), ((byte)4, EFI_STATUS.EFI_SUCCESS) })
        {
            EFI_PXE_BASE_CODE_IP_FILTER filter = new() { Filters = filters };
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->SetIpFilter(_pxe, &filter));
            Assert.Equal(filters, Mode->IpFilter.Filters);
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, Send(7000, &own, [1]));
            nuint size = 16;
            Assert.Equal(expected, _pxe->UdpRead(_pxe, 0x17, null, &own, null, null, null, null, &size, buffer)); // Whatever else is allowed.
        }

        EFI_PXE_BASE_CODE_IP_FILTER wrong = new() { IpCnt = 9 };
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->SetIpFilter(_pxe, &wrong));
        wrong.IpCnt = 1;
        wrong.IpList[0] = Parse("255.255.255.255");
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->SetIpFilter(_pxe, &wrong));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->SetIpFilter(_pxe, null));
    }

    [Fact]
    public void Datagrams_ThatAreNoneOrTooLong_AreRefused()
    {
        byte* buffer = stackalloc byte[2000];
        nuint size = 1473;
        nuint none = 0;
        nuint huge = nuint.MaxValue;
        ushort port = 7000;
        EFI_IP_ADDRESS to = Parse(Server);
        EFI_STATUS invalid = EFI_STATUS.EFI_INVALID_PARAMETER;
        Assert.Equal(EFI_STATUS.EFI_BAD_BUFFER_SIZE, _pxe->UdpWrite(_pxe, 0, &to, &port, null, null, null, null, null, &size, buffer));
        Assert.Equal(EFI_STATUS.EFI_BAD_BUFFER_SIZE, _pxe->UdpWrite(_pxe, 0, &to, &port, null, null, null, &huge, buffer, &size, buffer));
        EFI_IP_ADDRESS group = Parse("224.0.0.1");
        Assert.Equal(invalid, _pxe->UdpWrite(_pxe, 0, &to, &port, &group, null, null, null, null, &none, buffer));
        Assert.Equal(invalid, _pxe->UdpWrite(_pxe, 0, null, &port, null, null, null, null, null, &none, buffer));
        Assert.Equal(invalid, _pxe->UdpWrite(_pxe, 0, &to, null, null, null, null, null, null, &none, buffer));
        Assert.Equal(invalid, _pxe->UdpWrite(_pxe, 0, &to, &port, null, null, null, null, null, null, buffer));
        Assert.Equal(invalid, _pxe->UdpWrite(_pxe, 0, &to, &port, null, null, null, null, null, &size, null));
        Assert.Equal(invalid, _pxe->UdpWrite(_pxe, 0, &to, &port, null, null, null, &none, buffer, &none, buffer));
        Assert.Equal(invalid, _pxe->UdpWrite(_pxe, 0, &to, &port, null, null, null, &size, null, &none, buffer));
        Assert.Equal(invalid, _pxe->UdpRead(_pxe, 0x0E, null, &port, null, &port, null, null, &size, buffer));
        Assert.Equal(invalid, _pxe->UdpRead(_pxe, 0x0D, null, &port, &to, null, null, null, &size, buffer));
        Assert.Equal(invalid, _pxe->UdpRead(_pxe, 0x07, null, null, &to, &port, null, null, &size, buffer));
        Assert.Equal(invalid, _pxe->UdpRead(_pxe, 0x0F, null, null, null, null, null, null, null, buffer));
        Assert.Equal(invalid, _pxe->UdpRead(_pxe, 0x0F, null, null, null, null, null, null, &size, null));
        Assert.Equal(invalid, _pxe->UdpRead(_pxe, 0x0F, null, null, null, null, &none, buffer, &size, buffer));
        size = 0;
        Assert.Equal(invalid, _pxe->UdpRead(_pxe, 0x0F, null, null, null, null, null, null, &size, null));
    }

    [Fact]
    public void PortThatNobodyListensAt_IsToldByIcmp()
    {
        ushort own = 5000;
        _host.OnUdp(7000, (client, _) => _host.SendIPv4(
            new IPv4Address(192, 0, 2, 1), new IPv4Address(192, 0, 2, 50), 1, Unreachable([192, 0, 2, 50], [192, 0, 2, 1], 5000, 7000)));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Send(7000, &own, [1]));
        byte* buffer = stackalloc byte[16];
        nuint size = 16;
        Assert.Equal(EFI_STATUS.EFI_ICMP_ERROR, _pxe->UdpRead(_pxe, 0x03, null, &own, null, null, null, null, &size, buffer));
        Assert.Equal((1, 3, 3), (Mode->IcmpErrorReceived, Mode->IcmpError.Type, Mode->IcmpError.Code));
    }

    [Fact]
    public void Arp_FindsANeighbour()
    {
        EFI_IP_ADDRESS address = Parse(Server);
        EFI_MAC_ADDRESS mac = default;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Arp(_pxe, &address, &mac));
        Assert.Equal([0x52, 0x54, 0, 0, 1, 1, 0, 0], new ReadOnlySpan<byte>(mac.Addr, 8).ToArray());
        Assert.Equal(1U, Mode->ArpCacheEntries);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Arp(_pxe, &address, null));
        byte off = 0;
        byte on = 1;
        _wire.AddHost("192.0.2.77");
        address = Parse("192.0.2.77");
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->SetParameters(_pxe, &off, null, null, null, null));
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, _pxe->Arp(_pxe, &address, &mac)); // Nobody is asked.
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->SetParameters(_pxe, &on, null, null, null, null));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Arp(_pxe, &address, &mac));
        Assert.Equal(2U, Mode->ArpCacheEntries);
        address = Parse("192.0.2.78");
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, _pxe->Arp(_pxe, &address, &mac));
        address = Parse("224.0.0.1");
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->Arp(_pxe, &address, &mac));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->Arp(_pxe, null, &mac));
    }

    [Fact]
    public void ParametersAddressAndPackets_AreTheModes_AndTheAddressStaysOurs()
    {
        byte off = 0;
        byte on = 1;
        byte ttl = 9;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->SetParameters(_pxe, &off, null, &ttl, null, &off));
        Assert.Equal((0, 9, 0), (Mode->AutoArp, Mode->TTL, Mode->ToS));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->SetParameters(_pxe, null, &on, null, null, null));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->SetParameters(_pxe, null, null, null, null, &on)); // There is no callback.

        EFI_IP_ADDRESS own = Parse("192.0.2.50");
        EFI_IP_ADDRESS other = Parse("192.0.2.51");
        EFI_IP_ADDRESS group = Parse("224.0.0.1");
        EFI_IP_ADDRESS mask = Parse("255.255.0.0");
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->SetStationIp(_pxe, &own, &mask));
        Assert.Equal([255, 255, 0, 0], Bytes(&Mode->SubnetMask, 4));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->SetStationIp(_pxe, &group, null));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->SetStationIp(_pxe, null, &own));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->SetStationIp(_pxe, &other, null));

        EFI_PXE_BASE_CODE_PACKET packet = default;
        packet.Raw[0] = 77;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->SetPackets(_pxe, null, &off, null, null, &on, null, null, null, null, null, &packet, null));
        Assert.Equal((0, 1, 77), (Mode->DhcpAckReceived, Mode->PxeReplyReceived, Mode->PxeReply.Raw[0]));
    }

    [Fact]
    public void Discover_FindsTheBootServerOfAType_AndItsOtherLayers()
    {
        ushort layer = 0;
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->Discover(_pxe, 5, null, 0, null));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->Discover(_pxe, 5, &layer, 1, null)); // There is no BIS.
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, _pxe->Discover(_pxe, 5, &layer, 0, null)); // Nobody answers.
        Assert.Equal((0, 0), (Mode->PxeReplyReceived, Mode->PxeDiscoverValid));
        layer = 2;
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->Discover(_pxe, 5, &layer, 0, null)); // Of no server yet.

        List<byte[]> asked = [];
        _host.OnUdp(4011, AnswerAs(5, asked));
        _host.OnUdp(67, AnswerAs(5, asked));
        layer = 0x8000;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Discover(_pxe, 5, &layer, 0, null));
        Assert.Equal((1, 1, 0), (Mode->PxeReplyReceived, Mode->PxeDiscoverValid, layer));
        Assert.Equal(asked[^1], Bytes(&Mode->PxeDiscover, asked[^1].Length));
        Assert.Equal([71, 4, 0, 5, 0, 0, 255], DhcpBytes.Find(asked[^1], 43)!);
        Assert.Equal("of 5", Encoding.ASCII.GetString(Bytes((byte*)&Mode->PxeReply + 108, 4)));

        layer = 0x8003;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Discover(_pxe, 5, &layer, 0, null));
        Assert.Equal([71, 4, 0, 5, 0, 3, 255], DhcpBytes.Find(asked[^1], 43)!);
        Assert.Equal(3, layer);

        _files["of 5"] = Encoding.ASCII.GetBytes("a boot server's");
        byte* buffer = stackalloc byte[20];
        nuint size = 20;
        EFI_LOAD_FILE_PROTOCOL* load = Firmware.Get<EFI_LOAD_FILE_PROTOCOL>(Handle);
        EFI_DEVICE_PATH_PROTOCOL end = End;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, load->LoadFile(load, &end, 1, &size, buffer));
        Assert.Equal("a boot server's", Encoding.ASCII.GetString(buffer, (int)size));
    }

    [Theory]
    [InlineData("u", "192.0.2.9 192.0.2.1", false, false, "")] // One is silent.
    [InlineData("b", "192.0.2.1", false, true, "")]
    [InlineData("m", "", false, false, "EFI_TIMEOUT")] // The host is in no group.
    [InlineData("b", "192.0.2.9", false, true, "EFI_TIMEOUT")] // Another answers.
    [InlineData("b", "192.0.2.9 any", false, false, "")]
    [InlineData("b", "192.0.2.9 any", false, true, "EFI_TIMEOUT")] // The list is what counts.
    [InlineData("b", "192.0.2.9", true, false, "EFI_INVALID_PARAMETER")] // The second, but not the first, lets anybody answer.
    [InlineData("b", "", false, true, "EFI_INVALID_PARAMETER")]
    [InlineData("", "192.0.2.1", false, false, "EFI_INVALID_PARAMETER")]
    [InlineData("u", "", false, false, "EFI_INVALID_PARAMETER")]
    public void Discover_AsksAndBelievesWhomItIsTold(string ways, string servers, bool isSecondForAll, bool mustUseList, string expected)
    {
        _host.OnUdp(4011, AnswerAs(7));
        _host.OnUdp(67, AnswerAs(7));
        string[] names = [.. servers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(each => each != "any"), .. isSecondForAll ? new[] { "192.0.2.10" } : []];
        byte* room = stackalloc byte[200];
        EFI_PXE_BASE_CODE_DISCOVER_INFO* info = (EFI_PXE_BASE_CODE_DISCOVER_INFO*)room;
        info->UseMCast = ways.Contains('m') ? (byte)1 : (byte)0;
        info->UseBCast = ways.Contains('b') ? (byte)1 : (byte)0;
        info->UseUCast = ways.Contains('u') ? (byte)1 : (byte)0;
        info->MustUseList = mustUseList ? (byte)1 : (byte)0;
        info->ServerMCastIp = Parse("224.0.1.2");
        info->IpCnt = (ushort)names.Length;
        for (int i = 0; i < names.Length; i++)
        {
            (&info->SrvList)[i] = new EFI_PXE_BASE_CODE_SRVLIST { Type = 7, IpAddr = Parse(names[i]) };
        }

        info->SrvList.AcceptAnyResponse = servers.EndsWith("any", StringComparison.Ordinal) ? (byte)1 : (byte)0;
        (&info->SrvList)[1].AcceptAnyResponse = isSecondForAll ? (byte)1 : (byte)0;
        ushort layer = 0;
        int before = _host.Frames.Count;
        EFI_STATUS status = _pxe->Discover(_pxe, 7, &layer, 0, info);
        Assert.Equal(expected, status == EFI_STATUS.EFI_SUCCESS ? "" : NameOf(status));
        byte[][] asked = [.. _host.Frames.Skip(before).Where(each => each[12] == 8 && each[13] == 0 && each[23] == 17)];
        Assert.Equal(expected == "EFI_INVALID_PARAMETER", asked.Length == 0);
        Assert.All(asked, each => Assert.Equal(ways switch { "m" => [224, 0, 1, 2], "b" => [255, 255, 255, 255], _ => [192, 0, 2, 1] }, each[30..34]));
    }

    [Fact]
    public void PortOfTheDhcpClient_OnANicThatIsKept_IsAnImagesToo()
    {
        ushort own = 68;
        _host.OnUdp(4011, (client, payload) => _host.SendUdp(4011, client, payload));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Send(4011, &own, [1, 2, 3]));
        byte* buffer = stackalloc byte[16];
        nuint size = 16;
        EFI_IP_ADDRESS from = Parse(Server);
        ushort port = 4011;
        ulong dropped = _client.Dropped;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->UdpRead(_pxe, 0, null, &own, &from, &port, null, null, &size, buffer));
        Assert.Equal(3U, size);
        Assert.Equal(dropped + 1, _client.Dropped); // The client has heard it too, and sees that it is none of its own.
        int requests = _dhcp.Requests.Count;
        for (ulong until = _wire.Now + 200_000_000; _wire.Now < until;)
        {
            _wire.RunOnce();
        }

        Assert.True(_dhcp.Requests.Count > requests); // The lease is renewed.
        Assert.True(_client.IsBound);
        ushort layer = 0;
        List<byte[]> asked = [];
        _host.OnUdp(67, AnswerAs(5, asked));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Discover(_pxe, 5, &layer, 0, null));
        _host.StopUdp(67);
        for (ulong until = _wire.Now + 200_000_000; _wire.Now < until;)
        {
            _wire.RunOnce(); // The client asks for another renewal.
        }

        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Dhcp(_pxe, 0));
        Assert.Equal(asked[^1], Bytes(&Mode->PxeDiscover, asked[^1].Length)); // Nothing but what the boot server was asked.
    }

    [Fact]
    public void PortOfTheDhcpClient_OfAnImageOnALentNic_LeavesDiscoverRoom()
    {
        _interface.Suspend();
        ushort own = 68;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Send(4011, &own, [1]));
        _host.OnUdp(67, AnswerAs(5));
        ushort layer = 0;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Discover(_pxe, 5, &layer, 0, null));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Stop(_pxe));
        Assert.Null(_interface.Resume());
    }

    [Fact]
    public void CallThatLacksMemory_IsLeft_AndTheNextIsServed()
    {
        Thrower thrower = new();
        using (UdpSocket socket = UdpSocket.Open(_wire.Network, thrower, 9999, out _)!)
        {
            _host.OnUdp(69, (client, _) => _host.SendUdp(69, new IPEndpoint(client.Address, 9999), "x"u8));
            Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, Get("x", out _, 10));
            ushort layer = 0;
            _host.OnUdp(67, (client, _) => _host.SendUdp(67, new IPEndpoint(client.Address, 9999), "x"u8));
            Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, _pxe->Discover(_pxe, 5, &layer, 0, null));
        }

        _host.OnUdp(67, AnswerAs(5));
        _files["x"] = [1, 2];
        TftpServer again = new(_host, _files.GetValueOrDefault);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Get("x", out byte[] read, 10));
        Assert.Equal([1, 2], read);
        ushort first = 0;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Discover(_pxe, 5, &first, 0, null));
        Assert.NotEmpty(again.Requests);
    }

    [Fact]
    public void TrunkOfALentVlan_IsClosedWithTheLastThatNeedsIt()
    {
        using Arena arena = Arena.TryCreate(0)!;
        BootInterface vlan = new(_interface, new VlanLink(_wire.Interface.Link, 5), arena);
        _wire.Network.Add(vlan.Interface);
        vlan.Dhcp = new DhcpClient(_wire.Network, vlan.Interface);
        Assert.Null(vlan.Open());
        vlan.Suspend();
        _interface.Suspend();
        Assert.False(_wire.Interface.IsOpen);
        _isGone = true;
        _shown.Dispose();
        PxeBaseCode own = Install(vlan, isIPv6: false, _wire.Network, new MovingClock(_wire));
        EFI_PXE_BASE_CODE_PROTOCOL* pxe = Firmware.Get<EFI_PXE_BASE_CODE_PROTOCOL>(Handle);
        Assert.True(Get(pxe, "x", out _, 10).IsError); // Nobody is in the VLAN.
        Assert.True(_wire.Interface.IsOpen);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, pxe->Stop(pxe));
        Assert.False(_wire.Interface.IsOpen);

        Assert.Equal(EFI_STATUS.EFI_SUCCESS, pxe->Start(pxe, 0));
        Get(pxe, "x", out _, 10);
        Assert.Null(_interface.Resume()); // As the trunk's own PXE has it.
        _interface.Suspend();
        Assert.True(vlan.Interface.IsOpen);
        Assert.True(_interface.IsSuspended);
        own.Dispose();
        Assert.False(_wire.Interface.IsOpen);
        Assert.Null(_interface.Resume());
        Assert.NotNull(_wire.Interface.Lease);
        vlan.Dhcp.Dispose();
    }

    [Fact]
    public void Callback_IsAsked_AndEndsWhatGoesOn()
    {
        EFI_PXE_BASE_CODE_CALLBACK_PROTOCOL* callback = _firmware.Allocate<EFI_PXE_BASE_CODE_CALLBACK_PROTOCOL>();
        EFI_HANDLE handle = Handle;
        _firmware.Install(handle, callback);
        byte on = 1;
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _pxe->SetParameters(_pxe, null, null, null, null, &on)); // There is nobody in it.
        callback->Callback = &Callback;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->SetParameters(_pxe, null, null, null, null, &on));
        _host.OnUdp(69, (_, _) => { }); // Silent.
        s_callbacks = 0;
        Assert.Equal(EFI_STATUS.EFI_ABORTED, Get("x", out _, 10));
        Assert.Equal(EFI_PXE_BASE_CODE_FUNCTION.EFI_PXE_BASE_CODE_FUNCTION_MTFTP, s_function);
        EFI_IP_ADDRESS nobody = Parse("192.0.2.77");
        s_callbacks = 0;
        Assert.Equal(EFI_STATUS.EFI_ABORTED, _pxe->Arp(_pxe, &nobody, null));
        Assert.Equal(EFI_PXE_BASE_CODE_FUNCTION.EFI_PXE_BASE_CODE_FUNCTION_ARP, s_function);
        Assert.True(_firmware.Uninstall<EFI_PXE_BASE_CODE_CALLBACK_PROTOCOL>(handle).IsSuccess);
    }

    [Fact]
    public void LoadFile_FetchesTheBootFile()
    {
        _files["boot/file.efi"] = Encoding.ASCII.GetBytes("the boot file");
        EFI_LOAD_FILE_PROTOCOL* load = Firmware.Get<EFI_LOAD_FILE_PROTOCOL>(Handle);
        EFI_DEVICE_PATH_PROTOCOL end = End;
        EFI_DEVICE_PATH_PROTOCOL* path = &end;
        nuint size = 0;
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, load->LoadFile(load, Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(Handle), 1, &size, null)); // A file of it.
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Stop(_pxe)); // It starts again for this.
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, load->LoadFile(load, path, 1, &size, null));
        Assert.Equal((1, 1), (Mode->Started, Mode->DhcpAckReceived));
        Assert.Equal((nuint)13, size);
        byte* buffer = stackalloc byte[13];
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, load->LoadFile(load, path, 1, &size, buffer));
        Assert.Equal("the boot file", Encoding.ASCII.GetString(buffer, 13));
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, load->LoadFile(load, path, 0, &size, buffer));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, load->LoadFile(load, null, 1, &size, buffer));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, load->LoadFile(load, path, 1, null, buffer));
        _files.Clear();
        Assert.Equal(EFI_STATUS.EFI_TFTP_ERROR, load->LoadFile(load, path, 1, &size, buffer));
        Assert.Equal(0, Mode->Started);
    }

    [Fact]
    public void LentInterface_IsOpenedByTheFirstCallThatNeedsIt_AndClosedByStop()
    {
        _files["x"] = [1, 2, 3];
        _interface.Suspend();
        Assert.Equal(1, Mode->DhcpAckReceived);
        byte ttl = 3;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->SetParameters(_pxe, null, null, &ttl, null, null));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Dhcp(_pxe, 0));
        Assert.False(_wire.Interface.IsOpen);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Get("x", out byte[] read, 10));
        Assert.Equal([1, 2, 3], read);
        Assert.True(_wire.Interface.IsOpen);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Stop(_pxe));
        Assert.False(_wire.Interface.IsOpen);
        Assert.Null(_interface.Resume());
        Assert.Equal("192.0.2.50", _wire.Interface.Address.Text());
        Assert.NotNull(_wire.Interface.Lease);
    }

    [Fact]
    public void LentInterface_ThatSomebodyHas_IsNotOpened_AndKeepsWhatItHad()
    {
        _files["x"] = [1, 2, 3];
        _interface.Suspend();
        _wire.IsTaken = true;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, Get("x", out _, 10));
        _wire.IsTaken = false;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Get("x", out byte[] read, 10));
        Assert.Equal([1, 2, 3], read);
        Assert.Equal("192.0.2.50", _wire.Interface.Address.Text());
        Assert.NotNull(_wire.Interface.Lease);
    }

    [Fact]
    public void LentInterface_WhoseLinkComesUpLate_IsWaitedFor()
    {
        EFI_IP_ADDRESS address = Parse(Server);
        _interface.Suspend();
        _wire.IsUp = false;
        _wire.After(4_000_000, () => _wire.IsUp = true);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->Arp(_pxe, &address, null)); // Which has 3 s itself.

        _wire.IsUp = false;
        EFI_LOAD_FILE_PROTOCOL* load = Firmware.Get<EFI_LOAD_FILE_PROTOCOL>(Handle);
        EFI_DEVICE_PATH_PROTOCOL end = End;
        nuint size = 0;
        Assert.Equal(EFI_STATUS.EFI_NO_MEDIA, load->LoadFile(load, &end, 1, &size, null));
        Assert.False(_wire.Interface.IsOpen); // It is stopped then.
        Assert.Null(_interface.Resume());
    }

    [Fact]
    public void CallFromInsideTheNetwork_OrAfterTheEnd_IsRefused()
    {
        EFI_STATUS inside = default;
        _host.OnUdp(69, (_, _) => inside = _pxe->Dhcp(_pxe, 0));
        Get("x", out _, 10);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, inside);

        EFI_STATUS last = default;
        Event.Create(EVT.EVT_SIGNAL_EXIT_BOOT_SERVICES, EFI_TPL.TPL_CALLBACK, new TestDomain(), () => last = Get("x", out _, 10), out _);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _firmware.ExitBootServices());
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, last);
        Assert.Empty(_firmware.Violations);
    }

    [Fact]
    public void IPv6_HasTheServersAnswer_AndReadsFiles()
    {
        _isGone = true;
        _shown.Dispose();
        SimulatedNetwork network = new(configure: false);
        Dhcp6Server server = new(network.Peer) { More = Dhcp6Server.Option(59, "tftp://[2001:db8:ffff::7]/boot.efi") };
        network.Peer.OnUdp(69, (client, _) => network.Peer.SendUdpFrom(
            new IPEndpoint(IPv6Router.Parse("2001:db8:ffff::7"), 3000), client, [0, 3, 0, 1, .. "six"u8]));
        BootInterface six = new(network.Interface, "a card") { Dhcp6 = new Dhcp6Client(network.Stack, network.Interface) };
        network.Interface.IPv6.Start();
        Assert.Null(six.Dhcp6.Begin(new DhcpOptions()));
        new IPv6Router(network.Peer, "fe80::1").Advertise(1800, 0x80);
        network.RunUntil(() => six.Dhcp6.IsBound, 10);
        using PxeBaseCode shown = Install(six, isIPv6: true, network.Stack, new RunningClock(network));
        EFI_PXE_BASE_CODE_PROTOCOL* pxe = Firmware.Get<EFI_PXE_BASE_CODE_PROTOCOL>(Handle);

        Assert.Equal((1, 1, 1), (pxe->Mode->Started, pxe->Mode->UsingIpv6, pxe->Mode->DhcpAckReceived));
        byte[] answer = six.Answer6!.Packet.ToArray();
        Assert.Equal(7, answer[0]);
        Assert.Equal(answer, Bytes(&pxe->Mode->DhcpAck, answer.Length));
        Assert.Equal("2001:db8::1234", PxeAddress.FromFirmware(pxe->Mode->StationIp, isIPv6: true).Text());
        Assert.Equal([255, 255, 255, 255, 255, 255, 255, 255, 0], Bytes(&pxe->Mode->SubnetMask, 9));
        byte[] solicit = Bytes(&pxe->Mode->DhcpDiscover, 400);
        Assert.Equal(1, pxe->Mode->DhcpDiscoverValid);
        Assert.Equal([1, .. answer[1..4]], solicit[..4]);
        Assert.Equal(Dhcp6Server.Find(server.Questions[0], 1), Dhcp6Server.Find(solicit, 1));

        EFI_LOAD_FILE_PROTOCOL* load = Firmware.Get<EFI_LOAD_FILE_PROTOCOL>(Handle);
        nuint size = 3;
        byte* buffer = stackalloc byte[3];
        EFI_DEVICE_PATH_PROTOCOL end = End;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, load->LoadFile(load, &end, 1, &size, buffer));
        Assert.Equal("six", Encoding.ASCII.GetString(buffer, 3));
        EFI_IP_ADDRESS to = PxeAddress.ToFirmware(IPv6Router.Parse("2001:db8:ffff::7"));
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, pxe->Arp(pxe, &to, null));
        byte[]? question = null;
        network.Peer.OnUdp(4011, (client, packet) =>
        {
            question = packet;
            IPEndpoint from = new(IPv6Router.Parse("2001:db8:ffff::7"), 4011);
            network.Peer.SendUdpFrom(from, client, [7, 9, 9, 9]); // Somebody else's.
            network.Peer.SendUdpFrom(from, client, [7, .. packet[1..4], .. Dhcp6Server.Option(59, "tftp://[2001:db8::7]/other.efi")]);
        });
        ushort layer = 0;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, pxe->Discover(pxe, 1, &layer, 0, null));
        Assert.Equal((1, 1), (pxe->Mode->PxeReplyReceived, pxe->Mode->PxeDiscoverValid));
        Assert.Equal(question, Bytes(&pxe->Mode->PxeDiscover, question!.Length));
        Assert.Equal(3, question[0]);
        Assert.Equal(server.Identifier, Dhcp6Server.Find(question, 2));
        Assert.Null(Dhcp6Server.Find(question, 3)); // No address is asked for.
        Assert.Equal([7, .. question[1..4]], Bytes(&pxe->Mode->PxeReply, 4));
        network.Peer.OnUdp(4011, (_, _) => { });
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, pxe->Discover(pxe, 1, &layer, 0, null));
        six.Dispose();
    }

    private PxeBaseCode Install(BootInterface bootInterface, bool isIPv6, NetBoot.NetworkStack.Sockets.Network network, EventLoop clock)
    {
        PxeBaseCode? shown = PxeBaseCode.Install(bootInterface, isIPv6, network, clock, new DhcpOptions(), new TestDomain());
        Assert.NotNull(shown);
        return shown;
    }

    [UnmanagedCallersOnly]
    private static EFI_PXE_BASE_CODE_CALLBACK_STATUS Callback(
        EFI_PXE_BASE_CODE_CALLBACK_PROTOCOL* self, EFI_PXE_BASE_CODE_FUNCTION function, byte received, uint length, EFI_PXE_BASE_CODE_PACKET* packet)
    {
        s_function = function;
        return ++s_callbacks < 3 ? EFI_PXE_BASE_CODE_CALLBACK_STATUS.EFI_PXE_BASE_CODE_CALLBACK_STATUS_CONTINUE
            : EFI_PXE_BASE_CODE_CALLBACK_STATUS.EFI_PXE_BASE_CODE_CALLBACK_STATUS_ABORT;
    }

    private static EFI_IP_ADDRESS Parse(string text)
    {
        Assert.True(IPv4Address.TryParse(text, out IPv4Address address));
        return PxeAddress.ToFirmware(address);
    }

    private static byte[] Bytes(void* at, int count) => new ReadOnlySpan<byte>(at, count).ToArray();

    private static byte[] Unreachable(byte[] source, byte[] destination, ushort sourcePort, ushort destinationPort)
    {
        byte[] message =
        [
            3, 3, 0, 0, 0, 0, 0, 0,
            0x45, 0, 0, 29, 0, 0, 0, 0, 64, 17, 0, 0, .. source, .. destination,
            (byte)(sourcePort >> 8), (byte)sourcePort, (byte)(destinationPort >> 8), (byte)destinationPort, 0, 9, 0, 0,
        ];
        WireBytes.WriteChecksum(message, 18, Sum(message.AsSpan(8, 20)));
        WireBytes.WriteChecksum(message, 2, Sum(message));
        return message;
    }

    private static ushort Sum(ReadOnlySpan<byte> bytes) => InternetChecksum.Finish(InternetChecksum.Sum(bytes));

    private EFI_STATUS Send(ushort to, ushort* own, byte[] payload)
    {
        EFI_IP_ADDRESS server = Parse(Server);
        nuint size = (nuint)payload.Length;
        fixed (byte* buffer = payload)
        {
            return _pxe->UdpWrite(_pxe, 0, &server, &to, null, null, own, null, null, &size, buffer);
        }
    }

    private byte[] Exchange(ushort to, byte[] header, byte[] payload, out ushort own, out EFI_STATUS status)
    {
        EFI_IP_ADDRESS server = Parse(Server);
        nuint headerSize = (nuint)header.Length;
        nuint size = (nuint)payload.Length;
        ushort port = 0;
        byte[] heard = new byte[64];
        fixed (byte* head = header, body = payload, room = heard)
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, _pxe->UdpWrite(_pxe, 2, &server, &to, null, null, &port, &headerSize, head, &size, body));
            size = 64;
            status = _pxe->UdpRead(_pxe, 0, null, &port, &server, &to, null, null, &size, room);
        }

        own = port;
        return heard[..(int)size];
    }

    private EFI_STATUS Get(string name, out byte[] read, int room) => Get(_pxe, name, out read, room);

    private static EFI_STATUS Get(EFI_PXE_BASE_CODE_PROTOCOL* pxe, string name, out byte[] read, int room)
    {
        byte[] bytes = new byte[room];
        fixed (byte* buffer = bytes)
        {
            EFI_STATUS status = Transfer(pxe, EFI_PXE_BASE_CODE_TFTP_OPCODE.EFI_PXE_BASE_CODE_TFTP_READ_FILE, name, buffer, (ulong)room, out ulong size);
            read = (int)size <= room ? bytes[..(int)size] : new byte[(int)size];
            return status;
        }
    }

    private EFI_STATUS Transfer(EFI_PXE_BASE_CODE_TFTP_OPCODE operation, string name, byte* buffer, ulong room, out ulong size, byte dontUse = 0) =>
        Transfer(_pxe, operation, name, buffer, room, out size, dontUse);

    private static EFI_STATUS Transfer(
        EFI_PXE_BASE_CODE_PROTOCOL* pxe, EFI_PXE_BASE_CODE_TFTP_OPCODE operation, string name, byte* buffer, ulong room, out ulong size, byte dontUse = 0)
    {
        EFI_IP_ADDRESS server = Parse(Server);
        ulong length = room;
        fixed (byte* path = Encoding.ASCII.GetBytes(name + '\0'))
        {
            EFI_STATUS status = pxe->Mtftp(pxe, operation, buffer, 0, &length, null, &server, path, null, dontUse);
            size = length;
            return status;
        }
    }

    private static EFI_DEVICE_PATH_PROTOCOL End
    {
        get
        {
            EFI_DEVICE_PATH_PROTOCOL end = new() { Type = EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE, SubType = EFI_DEVICE_PATH_PROTOCOL.END_ENTIRE_DEVICE_PATH_SUBTYPE };
            end.Length[0] = (byte)sizeof(EFI_DEVICE_PATH_PROTOCOL);
            return end;
        }
    }

    private Action<IPEndpoint, byte[]> AnswerAs(byte type, List<byte[]>? asked = null) => (client, packet) =>
    {
        if (DhcpBytes.Find(packet, 43) is { } item && item[3] == type)
        {
            asked?.Add(packet);
            _host.SendUdp(4011, client, DhcpBytes.Reply(
                packet, "", Server,
                [.. DhcpBytes.Option(53, 5), .. DhcpBytes.Option(54, 192, 0, 2, 1), .. DhcpBytes.Option(60, "PXEClient"), .. DhcpBytes.Option(43, item)], $"of {type}"));
        }
    };

    private static string NameOf(EFI_STATUS status) => status == EFI_STATUS.EFI_INVALID_PARAMETER ? nameof(EFI_STATUS.EFI_INVALID_PARAMETER)
        : status == EFI_STATUS.EFI_TIMEOUT ? nameof(EFI_STATUS.EFI_TIMEOUT)
        : status == EFI_STATUS.EFI_UNSUPPORTED ? nameof(EFI_STATUS.EFI_UNSUPPORTED)
        : $"{status.Value}";

    /// <summary>The network is polled by the firmware's caller alone: time goes on whenever it looks.</summary>
    private sealed class MovingClock(PeerWire wire) : EventLoop
    {
        public override ulong Now
        {
            get
            {
                wire.Move();
                return wire.Now;
            }
        }

        public override bool RunOnce() => true;
    }

    private sealed class RunningClock(SimulatedNetwork network) : EventLoop
    {
        public override ulong Now
        {
            get
            {
                network.Time.AdvanceTo(network.Time.NextEvent(network.Time.Now + 100));
                return network.Now;
            }
        }

        public override bool RunOnce() => true;
    }

    private sealed class Thrower : IUdpHandler
    {
        public void OnDatagram(in UdpDatagram datagram) => throw new OutOfMemoryException();
    }

    private sealed class TestDomain : FaultDomain
    {
        public override string Name => "test";
    }
}
