using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus.Bus;

/// <summary>
/// What drivers call: the members of NETBOOT_VMBUS_PROTOCOL, each through the fault boundary of the bus to the channel. They run at
/// TPL_NOTIFY, as the bus's timer does.
/// </summary>
internal static unsafe class ChannelEntries
{
    public const nuint Tpl = EFI_TPL.TPL_NOTIFY;

    public static void Fill(NETBOOT_VMBUS_PROTOCOL* protocol)
    {
        protocol->Revision = NETBOOT_VMBUS_PROTOCOL.NETBOOT_VMBUS_PROTOCOL_REVISION;
        protocol->OpenChannel = &OpenChannel;
        protocol->CloseChannel = &CloseChannel;
        protocol->CreateGpadl = &CreateGpadl;
        protocol->DestroyGpadl = &DestroyGpadl;
        protocol->SendInBand = &SendInBand;
        protocol->SendGpaDirect = &SendGpaDirect;
        protocol->SendCompletion = &SendCompletion;
        protocol->Receive = &Receive;
        protocol->Poll = &Poll;
    }

    // One set for all members: each uses what it has.
    private struct Call
    {
        public Channel Channel;
        public uint Outgoing;
        public uint Incoming;
        public byte* Payload;
        public nuint Size;
        public NETBOOT_VMBUS_GPA_RANGE* Ranges;
        public nuint Count;
        public ulong Transaction;
        public bool CompletionRequested;
        public VmbusPacketType Type;
        public void** Pages;
        public uint* Gpadl;
        public NETBOOT_VMBUS_PACKET* Packet;
    }

    private static EFI_STATUS Run(NETBOOT_VMBUS_PROTOCOL* self, ref Call call, delegate*<ref Call, EFI_STATUS> body)
    {
        if (self == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        call.Channel = ProtocolInstance<NETBOOT_VMBUS_PROTOCOL>.OwnerOf<Channel>(self);
        return FirmwareEntry.Run(call.Channel.Bus, Tpl, ref call, body);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS OpenChannel(NETBOOT_VMBUS_PROTOCOL* self, uint outgoing, uint incoming)
    {
        Call call = new() { Outgoing = outgoing, Incoming = incoming };
        return Run(self, ref call, &OpenChannel);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS CloseChannel(NETBOOT_VMBUS_PROTOCOL* self)
    {
        Call call = default;
        return Run(self, ref call, &CloseChannel);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS CreateGpadl(NETBOOT_VMBUS_PROTOCOL* self, void** pages, nuint count, uint* gpadl)
    {
        if (pages == null || gpadl == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Call call = new() { Pages = pages, Count = count, Gpadl = gpadl };
        return Run(self, ref call, &CreateGpadl);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS DestroyGpadl(NETBOOT_VMBUS_PROTOCOL* self, uint gpadl)
    {
        Call call = new() { Gpadl = &gpadl };
        return Run(self, ref call, &DestroyGpadl);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SendInBand(
        NETBOOT_VMBUS_PROTOCOL* self, void* payload, nuint size, ulong transaction, byte completionRequested)
    {
        Call call = new()
        {
            Type = VmbusPacketType.InBand,
            Payload = (byte*)payload,
            Size = size,
            Transaction = transaction,
            CompletionRequested = completionRequested != 0,
        };
        return IsPayload(payload, size) ? Run(self, ref call, &Send) : EFI_STATUS.EFI_INVALID_PARAMETER;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SendGpaDirect(
        NETBOOT_VMBUS_PROTOCOL* self, void* payload, nuint size, NETBOOT_VMBUS_GPA_RANGE* ranges, nuint count, ulong transaction,
        byte completionRequested)
    {
        Call call = new()
        {
            Payload = (byte*)payload,
            Size = size,
            Ranges = ranges,
            Count = count,
            Transaction = transaction,
            CompletionRequested = completionRequested != 0,
        };
        bool isValid = IsPayload(payload, size) && ranges != null && count is > 0 and <= int.MaxValue;
        return isValid ? Run(self, ref call, &SendGpaDirect) : EFI_STATUS.EFI_INVALID_PARAMETER;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SendCompletion(NETBOOT_VMBUS_PROTOCOL* self, ulong transaction, void* payload, nuint size)
    {
        Call call = new() { Type = VmbusPacketType.Completion, Payload = (byte*)payload, Size = size, Transaction = transaction };
        return IsPayload(payload, size) ? Run(self, ref call, &Send) : EFI_STATUS.EFI_INVALID_PARAMETER;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Receive(NETBOOT_VMBUS_PROTOCOL* self, NETBOOT_VMBUS_PACKET* packet)
    {
        if (packet == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Call call = new() { Packet = packet };
        return Run(self, ref call, &Receive);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Poll(NETBOOT_VMBUS_PROTOCOL* self)
    {
        Call call = default;
        return Run(self, ref call, &Poll);
    }

    private static bool IsPayload(void* payload, nuint size) => size <= int.MaxValue && (payload != null || size == 0);

    private static EFI_STATUS OpenChannel(ref Call call) => call.Channel.Open(call.Outgoing, call.Incoming);

    private static EFI_STATUS CloseChannel(ref Call call) => call.Channel.Close();

    private static EFI_STATUS CreateGpadl(ref Call call)
    {
        byte* pages = (byte*)*call.Pages;
        EFI_STATUS status = call.Channel.CreateGpadl(ref pages, call.Count, out *call.Gpadl);
        if (!status.IsError)
        {
            *call.Pages = pages;
        }

        return status;
    }

    private static EFI_STATUS DestroyGpadl(ref Call call) => call.Channel.DestroyGpadl(*call.Gpadl);

    private static EFI_STATUS Send(ref Call call) => call.Channel.Send(
        call.Type, new ReadOnlySpan<byte>(call.Payload, (int)call.Size), call.Transaction, call.CompletionRequested);

    private static EFI_STATUS SendGpaDirect(ref Call call) => call.Channel.SendGpaDirect(
        new ReadOnlySpan<byte>(call.Payload, (int)call.Size), new ReadOnlySpan<NETBOOT_VMBUS_GPA_RANGE>(call.Ranges, (int)call.Count),
        call.Transaction, call.CompletionRequested);

    private static EFI_STATUS Receive(ref Call call)
    {
        if (!call.Channel.TryReceive(out VmbusPacket packet))
        {
            EFI_STATUS status = call.Channel.Status;
            return status.IsError ? status : EFI_STATUS.EFI_NOT_READY;
        }

        // What the spans name is the channel's own copy of the packet.
        fixed (byte* payload = packet.Payload)
        fixed (NETBOOT_VMBUS_TRANSFER_RANGE* ranges = packet.Ranges)
        {
            *call.Packet = new NETBOOT_VMBUS_PACKET
            {
                Type = (ushort)packet.Type,
                Flags = packet.CompletionRequested ? NETBOOT_VMBUS_PACKET.NETBOOT_VMBUS_COMPLETION_REQUESTED : (ushort)0,
                PayloadSize = (uint)packet.Payload.Length,
                Transaction = packet.Transaction,
                Payload = payload,
                TransferPageSet = packet.TransferPageSet,
                RangeCount = (uint)packet.Ranges.Length,
                Ranges = ranges,
            };
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    private static EFI_STATUS Poll(ref Call call)
    {
        call.Channel.Bus.Poll();
        return call.Channel.Status;
    }
}
