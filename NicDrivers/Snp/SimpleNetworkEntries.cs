using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Snp;

/// <summary>
/// What clients call: the members of EFI_SIMPLE_NETWORK_PROTOCOL, each through the fault boundary of its device to the function of the
/// same name in <see cref="SimpleNetwork"/>.
/// </summary>
internal static unsafe class SimpleNetworkEntries
{
    public static void Fill(EFI_SIMPLE_NETWORK_PROTOCOL* protocol)
    {
        protocol->Revision = EFI_SIMPLE_NETWORK_PROTOCOL.EFI_SIMPLE_NETWORK_PROTOCOL_REVISION;
        protocol->Start = &Start;
        protocol->Stop = &Stop;
        protocol->Initialize = &Initialize;
        protocol->Reset = &Reset;
        protocol->Shutdown = &Shutdown;
        protocol->ReceiveFilters = &ReceiveFilters;
        protocol->StationAddress = &StationAddress;
        protocol->Statistics = &Statistics;
        protocol->MCastIpToMac = &MCastIpToMac;
        protocol->NvData = &NvData;
        protocol->GetStatus = &GetStatus;
        protocol->Transmit = &Transmit;
        protocol->Receive = &Receive;
    }

    // One set for all members: each uses what it has, and the unused cost nothing.
    private struct Call
    {
        public SimpleNetwork Network;
        public nuint Size;
        public nuint HeaderSize;
        public void* Pointer;
        public void* Buffer;
        public EFI_MAC_ADDRESS* Source;
        public EFI_MAC_ADDRESS* Destination;
        public ushort* Protocol;
        public uint Enable;
        public uint Disable;
        public bool Flag;
    }

    private static EFI_STATUS Run(EFI_SIMPLE_NETWORK_PROTOCOL* self, ref Call call, delegate*<ref Call, EFI_STATUS> body)
    {
        if (self == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        call.Network = ProtocolInstance<EFI_SIMPLE_NETWORK_PROTOCOL>.OwnerOf<SimpleNetwork>(self);
        return FirmwareEntry.Run(call.Network.Device, SimpleNetwork.Tpl, ref call, body);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Start(EFI_SIMPLE_NETWORK_PROTOCOL* self)
    {
        Call call = default;
        return Run(self, ref call, &Start);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Stop(EFI_SIMPLE_NETWORK_PROTOCOL* self)
    {
        Call call = default;
        return Run(self, ref call, &Stop);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Initialize(EFI_SIMPLE_NETWORK_PROTOCOL* self, nuint extraReceive, nuint extraTransmit)
    {
        Call call = default;
        return Run(self, ref call, &Initialize);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Reset(EFI_SIMPLE_NETWORK_PROTOCOL* self, byte extendedVerification)
    {
        Call call = default;
        return Run(self, ref call, &Reset);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Shutdown(EFI_SIMPLE_NETWORK_PROTOCOL* self)
    {
        Call call = default;
        return Run(self, ref call, &Shutdown);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS ReceiveFilters(
        EFI_SIMPLE_NETWORK_PROTOCOL* self, uint enable, uint disable, byte reset, nuint count, EFI_MAC_ADDRESS* groups)
    {
        Call call = new() { Enable = enable, Disable = disable, Flag = reset != 0, Size = count, Destination = groups };
        return Run(self, ref call, &ReceiveFilters);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS StationAddress(EFI_SIMPLE_NETWORK_PROTOCOL* self, byte reset, EFI_MAC_ADDRESS* address)
    {
        Call call = new() { Flag = reset != 0, Source = address };
        return Run(self, ref call, &StationAddress);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Statistics(
        EFI_SIMPLE_NETWORK_PROTOCOL* self, byte reset, nuint* size, EFI_NETWORK_STATISTICS* table)
    {
        Call call = new() { Flag = reset != 0, Pointer = size, Buffer = table };
        return Run(self, ref call, &Statistics);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS MCastIpToMac(
        EFI_SIMPLE_NETWORK_PROTOCOL* self, byte isIPv6, EFI_IP_ADDRESS* ip, EFI_MAC_ADDRESS* mac)
    {
        Call call = new() { Flag = isIPv6 != 0, Pointer = ip, Destination = mac };
        return Run(self, ref call, &MCastIpToMac);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS NvData(EFI_SIMPLE_NETWORK_PROTOCOL* self, byte isRead, nuint offset, nuint size, void* buffer)
    {
        Call call = default;
        return Run(self, ref call, &NvData);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetStatus(EFI_SIMPLE_NETWORK_PROTOCOL* self, uint* interrupts, void** buffer)
    {
        Call call = new() { Pointer = interrupts, Buffer = buffer };
        return Run(self, ref call, &GetStatus);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Transmit(
        EFI_SIMPLE_NETWORK_PROTOCOL* self, nuint headerSize, nuint size, void* buffer, EFI_MAC_ADDRESS* source,
        EFI_MAC_ADDRESS* destination, ushort* protocol)
    {
        Call call = new()
        {
            HeaderSize = headerSize,
            Size = size,
            Buffer = buffer,
            Source = source,
            Destination = destination,
            Protocol = protocol,
        };
        return Run(self, ref call, &Transmit);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Receive(
        EFI_SIMPLE_NETWORK_PROTOCOL* self, nuint* headerSize, nuint* size, void* buffer, EFI_MAC_ADDRESS* source,
        EFI_MAC_ADDRESS* destination, ushort* protocol)
    {
        Call call = new()
        {
            HeaderSize = (nuint)headerSize,
            Pointer = size,
            Buffer = buffer,
            Source = source,
            Destination = destination,
            Protocol = protocol,
        };
        return Run(self, ref call, &Receive);
    }

    private static EFI_STATUS Start(ref Call call) => call.Network.Start();

    private static EFI_STATUS Stop(ref Call call) => call.Network.Stop();

    private static EFI_STATUS Initialize(ref Call call) => call.Network.Initialize();

    private static EFI_STATUS Reset(ref Call call) => call.Network.Reset();

    private static EFI_STATUS Shutdown(ref Call call) => call.Network.Shutdown();

    private static EFI_STATUS ReceiveFilters(ref Call call) =>
        call.Network.SetReceiveFilters(call.Enable, call.Disable, call.Flag, call.Size, call.Destination);

    private static EFI_STATUS StationAddress(ref Call call) => call.Network.StationAddress(call.Flag, call.Source);

    private static EFI_STATUS Statistics(ref Call call) =>
        call.Network.Statistics(call.Flag, (nuint*)call.Pointer, (EFI_NETWORK_STATISTICS*)call.Buffer);

    private static EFI_STATUS MCastIpToMac(ref Call call) =>
        call.Network.MCastIpToMac(call.Flag, (EFI_IP_ADDRESS*)call.Pointer, call.Destination);

    private static EFI_STATUS NvData(ref Call call) => call.Network.NvData();

    private static EFI_STATUS GetStatus(ref Call call) => call.Network.GetStatus((uint*)call.Pointer, (void**)call.Buffer);

    private static EFI_STATUS Transmit(ref Call call) =>
        call.Network.Transmit(call.HeaderSize, call.Size, call.Buffer, call.Source, call.Destination, call.Protocol);

    private static EFI_STATUS Receive(ref Call call) => call.Network.Receive(
        (nuint*)call.HeaderSize, (nuint*)call.Pointer, call.Buffer, call.Source, call.Destination, call.Protocol);
}
