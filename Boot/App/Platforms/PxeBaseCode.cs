using System;
using System.Runtime.InteropServices;
using System.Text;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.NetworkStack.Protocols.Dhcp6;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// The PXE that a started image finds on an interface where the firmware has none: EFI_PXE_BASE_CODE_PROTOCOL and EFI_LOAD_FILE_PROTOCOL of one version of
/// IP, on a handle below the NIC's, started, with the lease that the application has (UEFI 2.10, 24.3 and 13.1).
/// </summary>
/// <remarks>
/// An interface that the application has lent stays closed until the first call that needs the network: who drives the NIC itself, as GRUB does, gets it.
/// From then on it is open until Stop, and polled in calls alone; one that is kept for a disk is polled between them too, by <see cref="NetworkKeeper"/>.
/// </remarks>
public sealed unsafe class PxeBaseCode : IDisposable
{
    private const byte DefaultTtl = 16; // UEFI 2.10, 24.3.1.
    private const int DefaultPrefix = 64;
    private const int MaximumPorts = 4;
    private const int MaximumName = 512;
    private const nuint SmallestBlock = 512; // UEFI 2.10, 24.3.6.

    private const ushort AnySourceAddress = 0x0001; // UEFI 2.10, 24.3.7 and 24.3.8: EFI_PXE_BASE_CODE_UDP_OPFLAGS_*.
    private const ushort AnySourcePort = 0x0002;
    private const ushort AnyDestinationAddress = 0x0004;
    private const ushort AnyDestinationPort = 0x0008;
    private const ushort UseFilter = 0x0010;

    private const ushort LayerMask = 0x7FFF; // UEFI 2.10, 24.3.5: without what asks for credentials.
    private const ushort BootServerPort = 4011; // PXE 2.1, 2.2.3.

    /// <summary>More servers of a list are neither asked nor believed.</summary>
    private const int MaximumServers = 16;

    // In microseconds: as edk2's driver waits.
    private const ulong TransferTime = 24_000_000;
    private const ulong RepeatTime = 1_000_000;
    private const ulong ReadTime = 3_000_000;
    private const ulong ResolveTime = 3_000_000;
    private const ulong LinkTime = 5_000_000; // Also until there is a router.

    private readonly BootInterface _bootInterface;
    private readonly Network _network;
    private readonly FaultDomain _domain;
    private readonly DhcpOptions _options;
    private readonly PxeEventLoop _loop;
    private readonly FetchClient _client;
    private readonly PxePort[] _ports = new PxePort[MaximumPorts];
    private readonly ProtocolSet _protocols = new(3);
    private readonly Arena _arena;
    private readonly Arena _scratch;
    private readonly bool _isIPv6;
    private ProtocolInstance<EFI_PXE_BASE_CODE_PROTOCOL>* _pxe;
    private ProtocolInstance<EFI_LOAD_FILE_PROTOCOL>* _loadFile;
    private EFI_PXE_BASE_CODE_MODE* _mode;
    private EFI_DEVICE_PATH_PROTOCOL* _path;
    private Event? _exit;

    /// <summary>Who has answered as a boot server last.</summary>
    private IPAddress _bootServer;
    private int _nextPort;
    private bool _isInstalled;
    private bool _isOpened;
    private bool _isBusy;

    /// <summary>A call was left in the middle: what it made in <see cref="_scratch"/> may be known to the network for good.</summary>
    private bool _isLeft;
    private bool _isOver;

    private PxeBaseCode(
        BootInterface bootInterface, bool isIPv6, Network network, EventLoop clock, DhcpOptions options, FaultDomain domain, Arena arena, Arena scratch)
    {
        _bootInterface = bootInterface;
        _isIPv6 = isIPv6;
        _network = network;
        _options = options;
        _domain = domain;
        _arena = arena;
        _scratch = scratch;
        _loop = new PxeEventLoop(clock, network);
        _client = new FetchClient(network, _loop);
        for (int i = 0; i < _ports.Length; i++)
        {
            _ports[i] = new PxePort();
        }
    }

    /// <summary>Installs the protocols; null when that fails, with nothing left.</summary>
    /// <param name="bootInterface">With a lease of that version.</param>
    /// <param name="isIPv6">Which version.</param>
    /// <param name="network">With the interface in it.</param>
    /// <param name="clock">Whose time goes.</param>
    /// <param name="options">What a DHCP client says on it. Lives longer.</param>
    /// <param name="domain">Whose code answers.</param>
    public static PxeBaseCode? Install(
        BootInterface bootInterface, bool isIPv6, Network network, EventLoop clock, DhcpOptions options, FaultDomain domain)
    {
        Arena? arena = Arena.TryCreate(0);
        Arena? scratch = Arena.TryCreate(0);
        if (arena is null || scratch is null)
        {
            arena?.Dispose();
            scratch?.Dispose();
            return null;
        }

        PxeBaseCode pxe;
        bool isInstalled;
        using (arena.Enter())
        {
            pxe = new PxeBaseCode(bootInterface, isIPv6, network, clock, options, domain, arena, scratch);
            isInstalled = pxe.Install();
        }

        if (!isInstalled)
        {
            pxe.Dispose();
            return null;
        }

        return pxe;
    }

    /// <summary>Takes the protocols away, and closes the interface where it was closed before.</summary>
    public void Dispose()
    {
        bool isStuck = _isInstalled && _protocols.Uninstall().IsError;
        if (_pxe != null && _pxe->Owner.Value != 0)
        {
            _pxe->Owner.Free();
            _pxe->Owner = default;
            _loadFile->Owner = default;
        }

        Close();
        _client.Dispose();
        _exit?.Dispose();
        if (!isStuck)
        {
            Pool.Free(_path);
            Pool.Free(_pxe);
            Pool.Free(_loadFile);
            Pool.Free(_mode);
        }

        if (!_isLeft)
        {
            _scratch.Dispose();
        }

        _arena.Dispose();
    }

    private bool Install()
    {
        DevicePathBuilder path = new DevicePathBuilder().Path(NetworkLoan.PathOf(_bootInterface));
        Span<byte> node = stackalloc byte[_isIPv6 ? sizeof(IPv6_DEVICE_PATH) : sizeof(IPv4_DEVICE_PATH)];
        node.Clear(); // As edk2's driver has it: whatever the address will be.
        path.Node(
            EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH,
            _isIPv6 ? IPv6_DEVICE_PATH.MSG_IPv6_DP : IPv4_DEVICE_PATH.MSG_IPv4_DP,
            node.Slice(sizeof(EFI_DEVICE_PATH_PROTOCOL)));
        _path = path.ToPool();
        _mode = Pool.Allocate<EFI_PXE_BASE_CODE_MODE>();
        _pxe = Pool.Allocate<ProtocolInstance<EFI_PXE_BASE_CODE_PROTOCOL>>();
        _loadFile = Pool.Allocate<ProtocolInstance<EFI_LOAD_FILE_PROTOCOL>>();
        _exit = Event.Create(EVT.EVT_SIGNAL_EXIT_BOOT_SERVICES, EFI_TPL.TPL_CALLBACK, _domain, OnExitBootServices, out _);
        if (_path == null || _mode == null || _pxe == null || _loadFile == null || _exit is null)
        {
            return false;
        }

        Begin();
        TellLease();
        EFI_PXE_BASE_CODE_PROTOCOL* protocol = &_pxe->Protocol;
        protocol->Revision = EFI_PXE_BASE_CODE_PROTOCOL.EFI_PXE_BASE_CODE_PROTOCOL_REVISION;
        protocol->Start = &Start;
        protocol->Stop = &Stop;
        protocol->Dhcp = &Dhcp;
        protocol->Discover = &Discover;
        protocol->Mtftp = &Mtftp;
        protocol->UdpWrite = &UdpWrite;
        protocol->UdpRead = &UdpRead;
        protocol->SetIpFilter = &SetIpFilter;
        protocol->Arp = &Arp;
        protocol->SetParameters = &SetParameters;
        protocol->SetStationIp = &SetStationIp;
        protocol->SetPackets = &SetPackets;
        protocol->Mode = _mode;
        _pxe->Owner = ObjectReference.To(this);
        _loadFile->Owner = _pxe->Owner;
        _loadFile->Protocol.LoadFile = &LoadFile;
        _protocols.Add(_path);
        _protocols.Add(protocol);
        _protocols.Add(&_loadFile->Protocol);
        _isInstalled = !_protocols.Install(default).IsError;
        return _isInstalled;
    }

    private void OnExitBootServices() => _isOver = true;

    private enum Function
    {
        Start,
        Stop,
        Dhcp,
        Discover,
        Mtftp,
        UdpWrite,
        UdpRead,
        SetIpFilter,
        Arp,
        SetParameters,
        SetStationIp,
        SetPackets,
        LoadFile,
    }

    /// <summary>What a member was called with.</summary>
    private ref struct Call
    {
        public PxeBaseCode Owner;
        public Function Function;

        /// <summary>UseIpv6, BootPolicy, DontUseBuffer; Mtftp's operation; UDP's flags; Discover's type.</summary>
        public uint Option;
        public byte IsOther;
        public EFI_PXE_BASE_CODE_TFTP_OPCODE Operation;
        public EFI_IP_ADDRESS* Destination;
        public ushort* DestinationPort;
        public EFI_IP_ADDRESS* Source;
        public ushort* SourcePort;
        public EFI_IP_ADDRESS* Gateway;
        public nuint* HeaderSize;
        public void* Header;
        public nuint* Size;
        public ulong* LongSize;
        public void* Buffer;
        public byte* Name;
        public ReadOnlySpan<nint> Values;
    }

    /// <summary>EFI_PXE_BASE_CODE_PROTOCOL.Start (UEFI 2.10, 24.3.2).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Start(EFI_PXE_BASE_CODE_PROTOCOL* self, byte useIpv6) => Enter(self, new Call { Function = Function.Start, Option = useIpv6 });

    /// <summary>EFI_PXE_BASE_CODE_PROTOCOL.Stop (UEFI 2.10, 24.3.3).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Stop(EFI_PXE_BASE_CODE_PROTOCOL* self) => Enter(self, new Call { Function = Function.Stop });

    /// <summary>EFI_PXE_BASE_CODE_PROTOCOL.Dhcp (UEFI 2.10, 24.3.4).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Dhcp(EFI_PXE_BASE_CODE_PROTOCOL* self, byte sortOffers) => Enter(self, new Call { Function = Function.Dhcp });

    /// <summary>EFI_PXE_BASE_CODE_PROTOCOL.Discover (UEFI 2.10, 24.3.5).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Discover(EFI_PXE_BASE_CODE_PROTOCOL* self, ushort type, ushort* layer, byte useBis, void* info) =>
        Enter(self, new Call { Function = Function.Discover, Option = type, SourcePort = layer, IsOther = useBis, Buffer = info });

    /// <summary>EFI_PXE_BASE_CODE_PROTOCOL.Mtftp (UEFI 2.10, 24.3.6).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Mtftp(
        EFI_PXE_BASE_CODE_PROTOCOL* self, EFI_PXE_BASE_CODE_TFTP_OPCODE operation, void* buffer, byte overwrite, ulong* bufferSize, nuint* blockSize,
        EFI_IP_ADDRESS* server, byte* name, void* info, byte dontUseBuffer) =>
        Enter(self, new Call
        {
            Function = Function.Mtftp,
            Operation = operation,
            Buffer = buffer,
            LongSize = bufferSize,
            Size = blockSize,
            Destination = server,
            Name = name,
            IsOther = dontUseBuffer,
        });

    /// <summary>EFI_PXE_BASE_CODE_PROTOCOL.UdpWrite (UEFI 2.10, 24.3.7).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS UdpWrite(
        EFI_PXE_BASE_CODE_PROTOCOL* self, ushort flags, EFI_IP_ADDRESS* destination, ushort* destinationPort, EFI_IP_ADDRESS* gateway,
        EFI_IP_ADDRESS* source, ushort* sourcePort, nuint* headerSize, void* header, nuint* size, void* buffer) =>
        Enter(self, Datagram(Function.UdpWrite, flags, destination, destinationPort, gateway, source, sourcePort, headerSize, header, size, buffer));

    /// <summary>EFI_PXE_BASE_CODE_PROTOCOL.UdpRead (UEFI 2.10, 24.3.8).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS UdpRead(
        EFI_PXE_BASE_CODE_PROTOCOL* self, ushort flags, EFI_IP_ADDRESS* destination, ushort* destinationPort, EFI_IP_ADDRESS* source,
        ushort* sourcePort, nuint* headerSize, void* header, nuint* size, void* buffer) =>
        Enter(self, Datagram(Function.UdpRead, flags, destination, destinationPort, null, source, sourcePort, headerSize, header, size, buffer));

    /// <summary>EFI_PXE_BASE_CODE_PROTOCOL.SetIpFilter (UEFI 2.10, 24.3.9).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS SetIpFilter(EFI_PXE_BASE_CODE_PROTOCOL* self, EFI_PXE_BASE_CODE_IP_FILTER* filter) =>
        Enter(self, new Call { Function = Function.SetIpFilter, Buffer = filter });

    /// <summary>EFI_PXE_BASE_CODE_PROTOCOL.Arp (UEFI 2.10, 24.3.10).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Arp(EFI_PXE_BASE_CODE_PROTOCOL* self, EFI_IP_ADDRESS* address, EFI_MAC_ADDRESS* mac) =>
        Enter(self, new Call { Function = Function.Arp, Destination = address, Buffer = mac });

    /// <summary>EFI_PXE_BASE_CODE_PROTOCOL.SetParameters (UEFI 2.10, 24.3.11).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS SetParameters(EFI_PXE_BASE_CODE_PROTOCOL* self, byte* autoArp, byte* sendGuid, byte* ttl, byte* tos, byte* makeCallback) =>
        Enter(self, new Call { Function = Function.SetParameters, Values = [(nint)autoArp, (nint)sendGuid, (nint)ttl, (nint)tos, (nint)makeCallback] });

    /// <summary>EFI_PXE_BASE_CODE_PROTOCOL.SetStationIp (UEFI 2.10, 24.3.12).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS SetStationIp(EFI_PXE_BASE_CODE_PROTOCOL* self, EFI_IP_ADDRESS* address, EFI_IP_ADDRESS* netmask) =>
        Enter(self, new Call { Function = Function.SetStationIp, Source = address, Destination = netmask });

    /// <summary>EFI_PXE_BASE_CODE_PROTOCOL.SetPackets (UEFI 2.10, 24.3.13).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS SetPackets(
        EFI_PXE_BASE_CODE_PROTOCOL* self, byte* hasDiscover, byte* hasAck, byte* hasProxy, byte* hasPxeDiscover, byte* hasReply, byte* hasBis,
        EFI_PXE_BASE_CODE_PACKET* discover, EFI_PXE_BASE_CODE_PACKET* ack, EFI_PXE_BASE_CODE_PACKET* proxy,
        EFI_PXE_BASE_CODE_PACKET* pxeDiscover, EFI_PXE_BASE_CODE_PACKET* reply, EFI_PXE_BASE_CODE_PACKET* bis) =>
        Enter(self, new Call
        {
            Function = Function.SetPackets,
            Values =
            [
                (nint)hasDiscover, (nint)hasAck, (nint)hasProxy, (nint)hasPxeDiscover, (nint)hasReply, (nint)hasBis,
                (nint)discover, (nint)ack, (nint)proxy, (nint)pxeDiscover, (nint)reply, (nint)bis,
            ],
        });

    /// <summary>EFI_LOAD_FILE_PROTOCOL.LoadFile (UEFI 2.10, 13.1.2): the boot file that the lease names.</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS LoadFile(EFI_LOAD_FILE_PROTOCOL* self, EFI_DEVICE_PATH_PROTOCOL* path, byte bootPolicy, nuint* size, void* buffer)
    {
        if (self == null || path == null || size == null ||
            path->Type != EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE || path->SubType != EFI_DEVICE_PATH_PROTOCOL.END_ENTIRE_DEVICE_PATH_SUBTYPE)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        return Enter(
            ((ProtocolInstance<EFI_LOAD_FILE_PROTOCOL>*)self)->Owner,
            new Call { Function = Function.LoadFile, Option = bootPolicy, Size = size, Buffer = buffer });
    }

    private static Call Datagram(
        Function function, ushort flags, EFI_IP_ADDRESS* destination, ushort* destinationPort, EFI_IP_ADDRESS* gateway, EFI_IP_ADDRESS* source,
        ushort* sourcePort, nuint* headerSize, void* header, nuint* size, void* buffer) => new()
        {
            Function = function,
            Option = flags,
            Destination = destination,
            DestinationPort = destinationPort,
            Gateway = gateway,
            Source = source,
            SourcePort = sourcePort,
            HeaderSize = headerSize,
            Header = header,
            Size = size,
            Buffer = buffer,
        };

    private static EFI_STATUS Enter(EFI_PXE_BASE_CODE_PROTOCOL* self, Call call) =>
        self == null ? EFI_STATUS.EFI_INVALID_PARAMETER : Enter(((ProtocolInstance<EFI_PXE_BASE_CODE_PROTOCOL>*)self)->Owner, call);

    private static EFI_STATUS Enter(ObjectReference owner, Call call)
    {
        if (owner.Value == 0 || Firmware.IsExitingBootServices)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        PxeBaseCode pxe = owner.Get<PxeBaseCode>();
        call.Owner = pxe;
        return NetworkCall.Run(pxe._domain, ref call, &Run, &Abandon);
    }

    private static EFI_STATUS Abandon(ref Call call)
    {
        PxeBaseCode pxe = call.Owner;
        pxe._isBusy = false;
        pxe._isLeft = true;
        pxe._network.AbandonPoll();
        pxe._client.Dispose();
        pxe._bootInterface.Dhcp?.AbandonDiscovery();
        return EFI_STATUS.EFI_SUCCESS;
    }

    private static EFI_STATUS Run(ref Call call) => call.Owner.Answer(ref call);

    private EFI_STATUS Answer(ref Call call)
    {
        if (_isBusy || _isOver || _network.IsBusy)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR; // From a callback, or from where nobody may call; or too late.
        }

        if (_mode->Started == 0 && call.Function is Function.Stop or Function.Dhcp or Function.Discover or Function.SetParameters or Function.SetPackets)
        {
            return EFI_STATUS.EFI_NOT_STARTED; // The others look at what they are given first, as edk2's do.
        }

        _isBusy = true;
        EFI_STATUS status;
        using (_scratch.Enter())
        {
            status = call.Function switch
            {
                Function.Start => Start(call.Option != 0),
                Function.Stop => Stop(),
                Function.Dhcp => GetLease(),
                Function.Discover => Discover(call),
                Function.Mtftp => Transfer(call),
                Function.UdpWrite => Write(call),
                Function.UdpRead => Read(call),
                Function.SetIpFilter => SetFilter((EFI_PXE_BASE_CODE_IP_FILTER*)call.Buffer),
                Function.Arp => Resolve(call),
                Function.SetParameters => SetParameters(call.Values),
                Function.SetStationIp => SetStation(call.Source, call.Destination),
                Function.SetPackets => SetPackets(call.Values),
                _ => LoadFile(call),
            };
        }

        if (!_isLeft)
        {
            _scratch.Reset();
        }

        _isBusy = false;
        return status;
    }

    private EFI_STATUS Start(bool isIPv6)
    {
        if (_mode->Started != 0)
        {
            return EFI_STATUS.EFI_ALREADY_STARTED;
        }

        if (isIPv6 != _isIPv6)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        Begin();
        return EFI_STATUS.EFI_SUCCESS;
    }

    private EFI_STATUS Stop()
    {
        Forget();
        Close();
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>Stopped, with nothing known.</summary>
    private void Forget()
    {
        *_mode = default;
        _mode->Ipv6Available = _isIPv6 ? (byte)1 : (byte)0; // The other version is another handle's.
        _mode->Ipv6Supported = _mode->Ipv6Available;
        _mode->AutoArp = 1;
        _mode->TTL = DefaultTtl;
    }

    /// <summary>Started, with nothing known yet.</summary>
    private void Begin()
    {
        Forget();
        _mode->Started = 1;
        _mode->UsingIpv6 = _isIPv6 ? (byte)1 : (byte)0;
        _mode->MakeCallbacks = _isInstalled && PxeEventLoop.HasCallback(_protocols.Handle) ? (byte)1 : (byte)0;
        ResetFilter();
    }

    /// <summary>UEFI 2.10, 24.3.4 to 24.3.6: what these leave of the filter.</summary>
    private void ResetFilter() =>
        _mode->IpFilter = new EFI_PXE_BASE_CODE_IP_FILTER { Filters = EFI_PXE_BASE_CODE_IP_FILTER.EFI_PXE_BASE_CODE_IP_FILTER_STATION_IP };

    /// <summary>There is an address, by <see cref="Function.Dhcp"/> or <see cref="Function.SetStationIp"/>.</summary>
    private bool HasAddress => !PxeAddress.FromFirmware(_mode->StationIp, _isIPv6).IsAny;

    /// <summary>What the application has of DHCP.</summary>
    private void TellLease()
    {
        Span<byte> question = stackalloc byte[EFI_PXE_BASE_CODE_PACKET.Size];
        if (_isIPv6)
        {
            _mode->StationIp = PxeAddress.ToFirmware(_bootInterface.Global);
            _mode->SubnetMask = PxeAddress.MaskOf(DefaultPrefix);
            TellRouter(_bootInterface.IPv6Gateway);
            if (_bootInterface.Answer6 is Dhcp6Message answer)
            {
                _mode->DhcpAckReceived = Tell(answer.Packet, out _mode->DhcpAck);
                _mode->DhcpDiscoverValid = Tell(
                    Dhcp6Client.WriteQuestion(question, Dhcp6MessageType.Solicit, answer.TransactionId, _bootInterface.Interface, _options, default),
                    out _mode->DhcpDiscover);
            }

            return;
        }

        if (_bootInterface.Lease is not DhcpLease lease)
        {
            return;
        }

        _mode->StationIp = PxeAddress.ToFirmware(lease.Address);
        _mode->SubnetMask = PxeAddress.ToFirmware(lease.Netmask);
        TellRouter(lease.Gateway);
        _mode->DhcpAckReceived = Tell(lease.Ack.Packet, out _mode->DhcpAck);
        _mode->DhcpDiscoverValid = Tell(DhcpClient.WriteDiscover(question, lease.Ack, _options), out _mode->DhcpDiscover);
        _mode->ProxyOfferReceived = Tell(lease.Proxy is null ? default : lease.Proxy.Packet, out _mode->ProxyOffer);
        TellBootServer();
    }

    private void TellBootServer()
    {
        if (_bootInterface.Dhcp?.BootServer is DhcpMessage server)
        {
            _mode->PxeDiscoverValid = Tell(_bootInterface.Dhcp.BootServerRequest, out _mode->PxeDiscover);
            _mode->PxeReplyReceived = Tell(server.Packet, out _mode->PxeReply);
            _bootServer = server.ServerIdentifier.IsAny ? server.FileServer : server.ServerIdentifier;
        }
        else
        {
            _mode->PxeDiscoverValid = 0;
            _mode->PxeReplyReceived = 0;
            _bootServer = default;
        }
    }

    private void TellRouter(IPAddress router)
    {
        _mode->RouteTableEntries = router.IsAny ? 0U : 1U;
        _mode->RouteTable[0].GwAddr = PxeAddress.ToFirmware(router);
    }

    private static byte Tell(ReadOnlySpan<byte> packet, out EFI_PXE_BASE_CODE_PACKET to)
    {
        to = PxeAddress.ToFirmware(packet);
        return packet.IsEmpty ? (byte)0 : (byte)1;
    }

    /// <summary>Has the network there for a function, and its callback.</summary>
    private EFI_STATUS Open(EFI_PXE_BASE_CODE_FUNCTION function)
    {
        if (_mode->Started == 0)
        {
            return EFI_STATUS.EFI_NOT_STARTED;
        }

        _loop.Function = function;
        _loop.Handle = _mode->MakeCallbacks != 0 ? _protocols.Handle : default;
        _mode->IcmpErrorReceived = 0;
        if (!_bootInterface.IsSuspended)
        {
            return _bootInterface.Interface.IsOpen ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_DEVICE_ERROR;
        }

        if (_bootInterface.Resume(keepsTrying: true) is not null)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR; // Somebody has the NIC. What the application had is there for later.
        }

        _isOpened = true;
        NetworkInterface netif = _bootInterface.Interface;
        ulong until = _loop.Now + LinkTime;
        while ((!netif.Link.IsUp || (_isIPv6 && netif.IPv6.Global.IsAny)) && _loop.Now < until)
        {
            _loop.RunOnce();
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    private void Close()
    {
        foreach (PxePort port in _ports)
        {
            port.Close();
        }

        if (_isOpened)
        {
            _isOpened = false;
            _client.CloseIdle();
            _bootInterface.Suspend();
        }
    }

    /// <summary>What the application has got is told again; it keeps it, and renews it.</summary>
    private EFI_STATUS GetLease()
    {
        ResetFilter();
        TellLease();
        return _mode->DhcpAckReceived != 0 ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_NO_RESPONSE;
    }

    private EFI_STATUS Discover(in Call call)
    {
        ushort* layer = call.SourcePort;
        EFI_PXE_BASE_CODE_DISCOVER_INFO* info = (EFI_PXE_BASE_CODE_DISCOVER_INFO*)call.Buffer;
        if (layer == null || call.IsOther != 0 || !HasAddress)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER; // There is no Boot Integrity Services.
        }

        *layer &= LayerMask;
        Span<IPAddress> asked = stackalloc IPAddress[MaximumServers + 2];
        Span<IPAddress> believed = stackalloc IPAddress[MaximumServers];
        int askedCount = 0;
        int believedCount = 0;
        if (*layer != 0)
        {
            if (_mode->PxeDiscoverValid == 0 || _mode->PxeReplyReceived == 0 || _bootServer.IsAny)
            {
                return EFI_STATUS.EFI_INVALID_PARAMETER;
            }

            asked[askedCount++] = believed[believedCount++] = _bootServer;
        }
        else if (info != null && !TryRead(info, (ushort)call.Option, asked, ref askedCount, believed, ref believedCount))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        EFI_STATUS status = Open(EFI_PXE_BASE_CODE_FUNCTION.EFI_PXE_BASE_CODE_FUNCTION_DISCOVER);
        if (status.IsError)
        {
            return status;
        }

        ResetFilter();
        if (_isIPv6)
        {
            return DiscoverByIPv6(asked, askedCount);
        }

        DhcpClient dhcp = _bootInterface.Dhcp!;
        Error? error = askedCount == 0
            ? dhcp.DiscoverBootServer(_loop, _options, (ushort)call.Option)
            : dhcp.DiscoverBootServer(
                _loop, _options, new BootServerDiscovery((ushort)call.Option, *layer, asked.Slice(0, askedCount), believed.Slice(0, believedCount)));
        TellBootServer();
        return error is null ? EFI_STATUS.EFI_SUCCESS : error.Status;
    }

    /// <summary>Reads how boot servers are to be looked for; false when it makes no sense (UEFI 2.10, 24.3.5).</summary>
    private bool TryRead(
        EFI_PXE_BASE_CODE_DISCOVER_INFO* info, ushort type, Span<IPAddress> asked, ref int askedCount, Span<IPAddress> believed, ref int believedCount)
    {
        EFI_PXE_BASE_CODE_SRVLIST* list = &info->SrvList;
        bool believesAll = info->IpCnt == 0 || (list->AcceptAnyResponse != 0 && info->MustUseList == 0);
        if (info->IpCnt == 0 && info->MustUseList != 0)
        {
            return false;
        }

        for (int i = 0; i < info->IpCnt; i++)
        {
            if (list[i].AcceptAnyResponse != 0 && list->AcceptAnyResponse == 0)
            {
                return false; // Of the first only, or of all.
            }

            IPAddress server = PxeAddress.FromFirmware(list[i].IpAddr, _isIPv6);
            if (list[i].Type != type || !server.IsUnicast || believedCount == believed.Length)
            {
                continue;
            }

            believed[believedCount++] = server;
            if (info->UseUCast != 0)
            {
                asked[askedCount++] = server;
            }
        }

        if (info->UseMCast != 0)
        {
            asked[askedCount++] = PxeAddress.FromFirmware(info->ServerMCastIp, _isIPv6);
        }

        if (info->UseBCast != 0 && !_isIPv6)
        {
            asked[askedCount++] = IPv4Address.Broadcast;
        }

        believedCount = believesAll ? 0 : believedCount;
        return askedCount > 0 && (believesAll || believedCount > 0);
    }

    /// <summary>Asks as edk2's driver does: by a request of DHCPv6 without an address, from PXE's port to PXE's port.</summary>
    /// <param name="servers">Whom.</param>
    /// <param name="count">How many; 0 for the server of the boot file, or else all.</param>
    private EFI_STATUS DiscoverByIPv6(Span<IPAddress> servers, int count)
    {
        PxePort? port = OpenPort(BootServerPort);
        if (port is null || _bootInterface.Answer6 is not Dhcp6Message answer)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        NetworkInterface netif = _bootInterface.Interface;
        if (count == 0)
        {
            string? host = ResourceUri.Parse(Encoding.Latin1.GetString(answer.BootFileUrl), out _)?.Host;
            servers[count++] = IPAddress.TryParse(host, out IPAddress server) ? server : IPAddress.AllDhcpServers;
        }

        Dhcp6Message reply = new();
        Span<byte> buffer = stackalloc byte[EFI_PXE_BASE_CODE_PACKET.Size];
        ReadOnlySpan<byte> question = Dhcp6Client.WriteQuestion(
            buffer, Dhcp6MessageType.Request, _network.Random.Next32(), netif, _options, answer.ServerIdentifier);
        ulong until = _loop.Now + ReadTime;
        for (ulong sendAt = _loop.Now; _loop.Now < until;)
        {
            if (_loop.Now >= sendAt)
            {
                sendAt += RepeatTime;
                foreach (IPAddress each in servers.Slice(0, count))
                {
                    port.Socket!.SendFrom(netif, SourceFor(each), new IPEndpoint(each, BootServerPort), question);
                }
            }

            while (!port.IsEmpty)
            {
                ReadOnlySpan<byte> payload = port.Take(out IPEndpoint from, out _);
                if (reply.TryLoad(payload) && reply.Type == Dhcp6MessageType.Reply && payload.Slice(1, 3).SequenceEqual(question.Slice(1, 3)))
                {
                    _bootServer = from.Address;
                    _mode->PxeDiscoverValid = Tell(question, out _mode->PxeDiscover);
                    _mode->PxeReplyReceived = Tell(payload, out _mode->PxeReply);
                    return EFI_STATUS.EFI_SUCCESS;
                }
            }

            if (!_loop.RunOnce())
            {
                return EFI_STATUS.EFI_ABORTED;
            }
        }

        return EFI_STATUS.EFI_TIMEOUT;
    }

    private IPAddress SourceFor(IPAddress destination)
    {
        NetworkInterface netif = _bootInterface.Interface;
        return !_isIPv6 ? netif.Address : destination.IsLinkLocal || destination.IsLinkLocalGroup ? netif.IPv6.LinkLocal : netif.IPv6.Global;
    }

    private EFI_STATUS Transfer(in Call call)
    {
        bool isSize = call.Operation == EFI_PXE_BASE_CODE_TFTP_OPCODE.EFI_PXE_BASE_CODE_TFTP_GET_FILE_SIZE;
        bool isRead = call.Operation is EFI_PXE_BASE_CODE_TFTP_OPCODE.EFI_PXE_BASE_CODE_TFTP_READ_FILE or
            EFI_PXE_BASE_CODE_TFTP_OPCODE.EFI_PXE_BASE_CODE_TFTP_READ_DIRECTORY or
            EFI_PXE_BASE_CODE_TFTP_OPCODE.EFI_PXE_BASE_CODE_MTFTP_READ_FILE or
            EFI_PXE_BASE_CODE_TFTP_OPCODE.EFI_PXE_BASE_CODE_MTFTP_READ_DIRECTORY;
        if (call.Operation is <= EFI_PXE_BASE_CODE_TFTP_OPCODE.EFI_PXE_BASE_CODE_TFTP_FIRST or >= EFI_PXE_BASE_CODE_TFTP_OPCODE.EFI_PXE_BASE_CODE_MTFTP_LAST ||
            call.LongSize == null || call.Destination == null || call.Name == null || (call.Size != null && *call.Size < SmallestBlock) ||
            (isRead && call.Buffer == null && call.IsOther == 0))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        IPAddress server = PxeAddress.FromFirmware(*call.Destination, _isIPv6);
        int length = new ReadOnlySpan<byte>(call.Name, MaximumName).IndexOf((byte)0);
        if (length <= 0 || !server.IsUnicast)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        EFI_STATUS status = Open(EFI_PXE_BASE_CODE_FUNCTION.EFI_PXE_BASE_CODE_FUNCTION_MTFTP);
        if (status.IsError)
        {
            return status;
        }

        ResetFilter();
        _mode->TftpErrorReceived = 0;
        if (!isSize && call.Operation != EFI_PXE_BASE_CODE_TFTP_OPCODE.EFI_PXE_BASE_CODE_TFTP_READ_FILE)
        {
            return EFI_STATUS.EFI_UNSUPPORTED; // Nothing is written, no directory is read, and there is no multicast (RFC 2090).
        }

        server = server.IsLinkLocal ? server.In(_bootInterface.Interface.Zone) : server;
        ResourceUri uri = ResourceUri.ForTftp(TextBuilder.Format($"{server}"), Encoding.Latin1.GetString(new ReadOnlySpan<byte>(call.Name, length)));
        PxeDownload to = new(call.IsOther != 0 || isSize ? null : (byte*)call.Buffer, isSize ? 0 : call.IsOther != 0 ? ulong.MaxValue : *call.LongSize);
        status = Fetch(uri, to);
        if (!status.IsError || status == EFI_STATUS.EFI_BUFFER_TOO_SMALL)
        {
            *call.LongSize = to.Length;
        }

        return isSize && status == EFI_STATUS.EFI_BUFFER_TOO_SMALL ? EFI_STATUS.EFI_SUCCESS : status;
    }

    private EFI_STATUS Fetch(ResourceUri uri, PxeDownload to)
    {
        _mode->TftpErrorReceived = 0;
        Error? error = _client.Run(uri, to, new FetchOptions { Timeout = TransferTime });
        ReadOnlySpan<byte> refusal = uri.Scheme == "tftp" ? _client.TftpRefusal : default;
        if (to.IsRefused)
        {
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        if (error is null)
        {
            return to.Length > to.Room ? EFI_STATUS.EFI_BUFFER_TOO_SMALL : EFI_STATUS.EFI_SUCCESS;
        }

        if (error.Status == EFI_STATUS.EFI_ICMP_ERROR)
        {
            TellUnreachable(Unreachable.Port);
        }

        if (refusal.IsEmpty)
        {
            return error.Status;
        }

        EFI_PXE_BASE_CODE_TFTP_ERROR told = new() { ErrorCode = refusal[1] };
        refusal.Slice(2).CopyTo(new Span<byte>(told.ErrorString, sizeof(EFI_PXE_BASE_CODE_TFTP_ERROR) - 2));
        _mode->TftpError = told;
        _mode->TftpErrorReceived = 1;
        return EFI_STATUS.EFI_TFTP_ERROR;
    }

    /// <summary>Whether header and buffer of a datagram are there where they are said to be.</summary>
    private static bool HasBuffers(in Call call) =>
        call.Size != null && (call.Buffer != null || *call.Size == 0) && (call.HeaderSize == null || (*call.HeaderSize != 0 && call.Header != null));

    private EFI_STATUS Write(in Call call)
    {
        nuint headerSize = call.HeaderSize == null ? 0 : *call.HeaderSize;
        if (call.Destination == null || call.DestinationPort == null || !HasBuffers(call) ||
            (call.Gateway != null && !_isIPv6 && HasAddress && !PxeAddress.FromFirmware(*call.Gateway, isIPv6: false).IsUnicast))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (headerSize > PxePort.MaximumPayload || *call.Size > PxePort.MaximumPayload - headerSize)
        {
            return EFI_STATUS.EFI_BAD_BUFFER_SIZE;
        }

        if (_mode->Started != 0 && !HasAddress && call.Source == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        EFI_STATUS status = Open(EFI_PXE_BASE_CODE_FUNCTION.EFI_PXE_BASE_CODE_FUNCTION_UDP_WRITE);
        if (status.IsError)
        {
            return status;
        }

        bool isAnyPort = call.SourcePort == null || (call.Option & AnySourcePort) != 0;
        PxePort? port = OpenPort(isAnyPort ? (ushort)0 : *call.SourcePort);
        if (port is null)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        IPAddress destination = PxeAddress.FromFirmware(*call.Destination, _isIPv6);
        Span<byte> payload = stackalloc byte[(int)(headerSize + *call.Size)];
        new ReadOnlySpan<byte>(call.Header, (int)headerSize).CopyTo(payload);
        new ReadOnlySpan<byte>(call.Buffer, (int)*call.Size).CopyTo(payload.Slice((int)headerSize));
        port.Unreachable = null;
        Error? error = port.Socket!.SendFrom(_bootInterface.Interface, SourceFor(destination), new IPEndpoint(destination, *call.DestinationPort), payload);
        if (error is not null)
        {
            return error.Status;
        }

        if (call.SourcePort != null)
        {
            *call.SourcePort = port.Socket.Port;
        }

        return _loop.RunOnce() ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_ABORTED;
    }

    private EFI_STATUS Read(in Call call)
    {
        if (!HasBuffers(call) || call.Buffer == null ||
            ((call.Option & AnyDestinationPort) == 0 && call.DestinationPort == null) ||
            ((call.Option & AnySourceAddress) == 0 && call.Source == null) ||
            ((call.Option & AnySourcePort) == 0 && call.SourcePort == null))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        EFI_STATUS status = Open(EFI_PXE_BASE_CODE_FUNCTION.EFI_PXE_BASE_CODE_FUNCTION_UDP_READ);
        if (status.IsError)
        {
            return status;
        }

        PxePort? only = (call.Option & AnyDestinationPort) != 0 ? null : OpenPort(*call.DestinationPort);
        if (only is null && (call.Option & AnyDestinationPort) == 0)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        ulong until = _loop.Now + ReadTime;
        while (_loop.Now < until)
        {
            foreach (PxePort port in _ports)
            {
                if (port.Socket is null || (only is not null && port != only))
                {
                    continue;
                }

                while (!port.IsEmpty)
                {
                    ReadOnlySpan<byte> payload = port.Take(out IPEndpoint from, out IPAddress to);
                    if (IsWanted(call, from, to))
                    {
                        return Deliver(call, payload, from, to, port.Socket.Port);
                    }
                }

                if (port.Unreachable is Unreachable reason)
                {
                    port.Unreachable = null;
                    TellUnreachable(reason);
                    return EFI_STATUS.EFI_ICMP_ERROR;
                }
            }

            if (!_loop.RunOnce())
            {
                return EFI_STATUS.EFI_ABORTED;
            }
        }

        return EFI_STATUS.EFI_TIMEOUT;
    }

    private bool IsWanted(in Call call, IPEndpoint from, IPAddress to)
    {
        if (from.Address.Family == AddressFamily.IPv6 != _isIPv6)
        {
            return false;
        }

        bool isOurs = (call.Option & UseFilter) != 0 ? PassesFilter(to) : (call.Option & AnyDestinationAddress) != 0 ||
            to == PxeAddress.FromFirmware(call.Destination == null ? _mode->StationIp : *call.Destination, _isIPv6);
        return isOurs &&
            ((call.Option & AnySourceAddress) != 0 || from.Address == PxeAddress.FromFirmware(*call.Source, _isIPv6)) &&
            ((call.Option & AnySourcePort) != 0 || from.Port == *call.SourcePort);
    }

    private bool PassesFilter(IPAddress to)
    {
        byte filters = _mode->IpFilter.Filters;
        const byte Promiscuous = EFI_PXE_BASE_CODE_IP_FILTER.EFI_PXE_BASE_CODE_IP_FILTER_PROMISCUOUS;
        bool passes = (filters & Promiscuous) != 0 ||
            ((filters & EFI_PXE_BASE_CODE_IP_FILTER.EFI_PXE_BASE_CODE_IP_FILTER_BROADCAST) != 0 && to.IsBroadcast) ||
            ((filters & EFI_PXE_BASE_CODE_IP_FILTER.EFI_PXE_BASE_CODE_IP_FILTER_PROMISCUOUS_MULTICAST) != 0 && to.IsMulticast) ||
            ((filters & EFI_PXE_BASE_CODE_IP_FILTER.EFI_PXE_BASE_CODE_IP_FILTER_STATION_IP) != 0 &&
                to == PxeAddress.FromFirmware(_mode->StationIp, _isIPv6));
        for (int i = 0; i < Math.Min((int)_mode->IpFilter.IpCnt, EFI_PXE_BASE_CODE_IP_FILTER.EFI_PXE_BASE_CODE_MAX_IPCNT); i++)
        {
            passes |= to == PxeAddress.FromFirmware(_mode->IpFilter.IpList[i], _isIPv6);
        }

        return passes;
    }

    private static EFI_STATUS Deliver(in Call call, ReadOnlySpan<byte> payload, IPEndpoint from, IPAddress to, ushort port)
    {
        Tell(call.Destination, to);
        Tell(call.Source, from.Address);
        Tell(call.DestinationPort, port);
        Tell(call.SourcePort, from.Port);
        int headerSize = call.HeaderSize == null ? 0 : (int)Math.Min((nuint)payload.Length, *call.HeaderSize);
        ReadOnlySpan<byte> header = payload.Slice(0, headerSize);
        payload = payload.Slice(headerSize);
        bool fits = (nuint)payload.Length <= *call.Size;
        *call.Size = (nuint)payload.Length;
        if (!fits)
        {
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        payload.CopyTo(new Span<byte>(call.Buffer, payload.Length));
        if (call.HeaderSize != null)
        {
            header.CopyTo(new Span<byte>(call.Header, headerSize));
            *call.HeaderSize = (nuint)headerSize;
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    private static void Tell(EFI_IP_ADDRESS* at, IPAddress address)
    {
        if (at != null)
        {
            *at = PxeAddress.ToFirmware(address);
        }
    }

    private static void Tell(ushort* at, ushort port)
    {
        if (at != null)
        {
            *at = port;
        }
    }

    /// <summary>As ICMP says it (RFC 792; RFC 4443, 3.1).</summary>
    private void TellUnreachable(Unreachable reason)
    {
        EFI_PXE_BASE_CODE_ICMP_ERROR told = default;
        told.Type = _isIPv6 ? (byte)1 : (byte)3;
        told.Code = reason == Unreachable.Port ? (byte)(_isIPv6 ? 4 : 3) : reason <= Unreachable.Prohibited ? (byte)reason : (byte)1;
        _mode->IcmpError = told;
        _mode->IcmpErrorReceived = 1;
    }

    /// <summary>
    /// The port, open from now on, also beside the application's own, as the DHCP client's on a NIC that is kept; in the place of the one that was opened first
    /// when there are too many. Null without memory.
    /// </summary>
    private PxePort? OpenPort(ushort number)
    {
        foreach (PxePort port in _ports)
        {
            if (number != 0 && port.Socket?.Port == number)
            {
                return port;
            }
        }

        PxePort next = _ports[_nextPort];
        _nextPort = (_nextPort + 1) % MaximumPorts;
        next.Close();
        next.Socket = UdpSocket.OpenShared(_network, next, number, _bootInterface.Interface, out _);
        return next.Socket is null ? null : next;
    }

    private EFI_STATUS SetFilter(EFI_PXE_BASE_CODE_IP_FILTER* filter)
    {
        if (filter == null || filter->IpCnt > EFI_PXE_BASE_CODE_IP_FILTER.EFI_PXE_BASE_CODE_MAX_IPCNT)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (_mode->Started == 0)
        {
            return EFI_STATUS.EFI_NOT_STARTED;
        }

        for (int i = 0; i < filter->IpCnt; i++)
        {
            if (PxeAddress.FromFirmware(filter->IpList[i], _isIPv6).IsBroadcast)
            {
                return EFI_STATUS.EFI_INVALID_PARAMETER;
            }
        }

        _mode->IpFilter = *filter;
        return EFI_STATUS.EFI_SUCCESS;
    }

    private EFI_STATUS Resolve(in Call call)
    {
        if (call.Destination == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (_isIPv6)
        {
            return _mode->Started == 0 ? EFI_STATUS.EFI_NOT_STARTED : EFI_STATUS.EFI_UNSUPPORTED;
        }

        IPAddress address = PxeAddress.FromFirmware(*call.Destination, isIPv6: false);
        EFI_STATUS status = Open(EFI_PXE_BASE_CODE_FUNCTION.EFI_PXE_BASE_CODE_FUNCTION_ARP);
        if (status.IsError || !HasAddress || !address.IsUnicast)
        {
            return status.IsError ? status : EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        ulong until = _loop.Now + ResolveTime;
        EFI_MAC_ADDRESS mac;
        while (!TellNeighbours(address, out mac))
        {
            if (_mode->AutoArp == 0)
            {
                return EFI_STATUS.EFI_DEVICE_ERROR; // Nobody is asked.
            }

            if (_loop.Now >= until)
            {
                return EFI_STATUS.EFI_TIMEOUT;
            }

            _bootInterface.Interface.TryResolve(address, out _);
            if (!_loop.RunOnce())
            {
                return EFI_STATUS.EFI_ABORTED;
            }
        }

        if (call.Buffer != null)
        {
            *(EFI_MAC_ADDRESS*)call.Buffer = mac;
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>Puts the stations that are known into the mode, one of them for certain, if it is among them.</summary>
    private bool TellNeighbours(IPAddress wanted, out EFI_MAC_ADDRESS mac)
    {
        mac = default;
        bool isFound = false;
        uint count = 0;
        int at = 0;
        while (_bootInterface.Interface.TryNextNeighbour(ref at, out IPAddress address, out MacAddress? known))
        {
            if (known is not MacAddress station || address.Family == AddressFamily.IPv6)
            {
                continue;
            }

            EFI_PXE_BASE_CODE_ARP_ENTRY entry = new() { IpAddr = PxeAddress.ToFirmware(address) };
            station.CopyTo(new Span<byte>(entry.MacAddr.Addr, MacAddress.Size));
            bool isFull = count == EFI_PXE_BASE_CODE_MODE.EFI_PXE_BASE_CODE_MAX_ARP_ENTRIES;
            count += isFull ? 0U : 1U;
            if (address == wanted)
            {
                isFound = true;
                mac = entry.MacAddr;
            }

            if (address == wanted || !isFull)
            {
                _mode->ArpCache[(int)count - 1] = entry;
            }
        }

        _mode->ArpCacheEntries = count;
        return isFound;
    }

    private EFI_STATUS SetParameters(ReadOnlySpan<nint> values)
    {
        byte* sendGuid = (byte*)values[1];
        byte* makeCallback = (byte*)values[4];
        if ((sendGuid != null && *sendGuid != 0) ||
            (makeCallback != null && *makeCallback != 0 && !PxeEventLoop.HasCallback(_protocols.Handle)))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER; // DHCP's hardware address is the NIC's.
        }

        Set(values[0], ref _mode->AutoArp);
        Set(values[1], ref _mode->SendGUID);
        Set(values[2], ref _mode->TTL);
        Set(values[3], ref _mode->ToS);
        Set(values[4], ref _mode->MakeCallbacks);
        return EFI_STATUS.EFI_SUCCESS;
    }

    private static void Set<T>(nint from, ref T to)
        where T : unmanaged
    {
        if (from != 0)
        {
            to = *(T*)from;
        }
    }

    /// <summary>The address stays the application's: another one makes no sense.</summary>
    private EFI_STATUS SetStation(EFI_IP_ADDRESS* address, EFI_IP_ADDRESS* netmask)
    {
        if ((address != null && !PxeAddress.FromFirmware(*address, _isIPv6).IsUnicast) ||
            (netmask != null && !_isIPv6 && !PxeAddress.FromFirmware(*netmask, isIPv6: false).IPv4.IsNetmask))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (_mode->Started == 0)
        {
            return EFI_STATUS.EFI_NOT_STARTED;
        }

        IPAddress own = _isIPv6 ? _bootInterface.Global : _bootInterface.Lease is DhcpLease lease ? lease.Address : default;
        if (address != null && PxeAddress.FromFirmware(*address, _isIPv6) != own)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Set((nint)address, ref _mode->StationIp);
        Set((nint)netmask, ref _mode->SubnetMask);
        return EFI_STATUS.EFI_SUCCESS;
    }

    private EFI_STATUS SetPackets(ReadOnlySpan<nint> values)
    {
        Set(values[0], ref _mode->DhcpDiscoverValid);
        Set(values[1], ref _mode->DhcpAckReceived);
        Set(values[2], ref _mode->ProxyOfferReceived);
        Set(values[3], ref _mode->PxeDiscoverValid);
        Set(values[4], ref _mode->PxeReplyReceived);
        Set(values[5], ref _mode->PxeBisReplyReceived);
        Set(values[6], ref _mode->DhcpDiscover);
        Set(values[7], ref _mode->DhcpAck);
        Set(values[8], ref _mode->ProxyOffer);
        Set(values[9], ref _mode->PxeDiscover);
        Set(values[10], ref _mode->PxeReply);
        Set(values[11], ref _mode->PxeBisReply);
        return EFI_STATUS.EFI_SUCCESS;
    }

    private EFI_STATUS LoadFile(in Call call)
    {
        if (call.Option == 0)
        {
            return EFI_STATUS.EFI_UNSUPPORTED; // There are no files to choose from.
        }

        if (_mode->Started == 0)
        {
            Begin();
            TellLease();
        }

        EFI_STATUS status = FetchBootFile(call);
        if (status.IsError && status != EFI_STATUS.EFI_BUFFER_TOO_SMALL)
        {
            Stop();
        }

        return status;
    }

    private EFI_STATUS FetchBootFile(in Call call)
    {
        string name = "";
        string server = "";
        if (_isIPv6)
        {
            name = _bootInterface.Answer6 is Dhcp6Message answer ? Encoding.Latin1.GetString(answer.BootFileUrl) : "";
        }
        else if (_bootInterface.Dhcp?.BootServer is DhcpMessage reply)
        {
            name = Encoding.Latin1.GetString(reply.FileName);
            server = TextBuilder.Format($"{reply.FileServer}");
        }
        else if (_bootInterface.Lease is DhcpLease lease)
        {
            name = lease.FileName;
            server = lease.NextServer.IsAny ? "" : TextBuilder.Format($"{lease.NextServer}");
        }

        bool isUri = name.AsSpan().IndexOf("://") > 0;
        ResourceUri? uri = isUri ? ResourceUri.Parse(name, out _) : name.Length > 0 && server.Length > 0 ? ResourceUri.ForTftp(server, name) : null;
        if (uri is null)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        EFI_STATUS status = Open(EFI_PXE_BASE_CODE_FUNCTION.EFI_PXE_BASE_CODE_FUNCTION_MTFTP);
        if (status.IsError)
        {
            return status;
        }

        if (!_bootInterface.Interface.Link.IsUp)
        {
            return EFI_STATUS.EFI_NO_MEDIA;
        }

        PxeDownload to = new((byte*)call.Buffer, call.Buffer == null ? 0 : *call.Size);
        status = Fetch(uri, to);
        if (!status.IsError || status == EFI_STATUS.EFI_BUFFER_TOO_SMALL)
        {
            *call.Size = (nuint)to.Length;
        }

        return status;
    }
}
