using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus;

/// <summary>A channel of our bus driver, be it of this image or of another one, through NETBOOT_VMBUS_PROTOCOL.</summary>
/// <param name="protocol">Open BY_DRIVER for as long as the channel is used.</param>
public sealed unsafe class ProtocolChannel(NETBOOT_VMBUS_PROTOCOL* protocol) : VmbusChannel
{
    private readonly NETBOOT_VMBUS_PROTOCOL* _protocol = protocol;

    /// <inheritdoc/>
    public override EFI_GUID InterfaceType => _protocol->InterfaceType;

    /// <inheritdoc/>
    public override EFI_GUID InstanceId => _protocol->InstanceId;

    /// <inheritdoc/>
    public override uint Generation => _protocol->Generation;

    /// <inheritdoc/>
    public override EFI_STATUS Open(uint outgoingPages, uint incomingPages) =>
        _protocol->OpenChannel(_protocol, outgoingPages, incomingPages);

    /// <inheritdoc/>
    public override bool Close() => _protocol->CloseChannel(_protocol).IsSuccess;

    /// <inheritdoc/>
    public override EFI_STATUS CreateGpadl(void* pages, nuint bytes, out uint gpadl)
    {
        gpadl = 0;
        if (pages == null || bytes % NetBoot.Uefi.Interop.Pages.PageSize != 0)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        fixed (uint* number = &gpadl)
        {
            return _protocol->CreateGpadl(_protocol, &pages, bytes / NetBoot.Uefi.Interop.Pages.PageSize, number);
        }
    }

    /// <inheritdoc/>
    public override bool DestroyGpadl(uint gpadl) => _protocol->DestroyGpadl(_protocol, gpadl).IsSuccess;

    /// <inheritdoc/>
    public override EFI_STATUS Send(ReadOnlySpan<byte> payload, ulong transaction, bool completionRequested)
    {
        fixed (byte* data = payload)
        {
            return _protocol->SendInBand(
                _protocol, data, (nuint)payload.Length, transaction, completionRequested ? (byte)1 : (byte)0);
        }
    }

    /// <inheritdoc/>
    public override EFI_STATUS SendGpaDirect(
        ReadOnlySpan<byte> payload, ReadOnlySpan<NETBOOT_VMBUS_GPA_RANGE> ranges, ulong transaction, bool completionRequested)
    {
        fixed (byte* data = payload)
        fixed (NETBOOT_VMBUS_GPA_RANGE* first = ranges)
        {
            return _protocol->SendGpaDirect(
                _protocol, data, (nuint)payload.Length, first, (nuint)ranges.Length, transaction,
                completionRequested ? (byte)1 : (byte)0);
        }
    }

    /// <inheritdoc/>
    public override EFI_STATUS Complete(ulong transaction, ReadOnlySpan<byte> payload)
    {
        fixed (byte* data = payload)
        {
            return _protocol->SendCompletion(_protocol, transaction, data, (nuint)payload.Length);
        }
    }

    /// <inheritdoc/>
    public override bool TryReceive(out VmbusPacket packet)
    {
        NETBOOT_VMBUS_PACKET received;
        if (_protocol->Receive(_protocol, &received).IsError)
        {
            packet = default;
            return false;
        }

        packet = new VmbusPacket
        {
            Type = (VmbusPacketType)received.Type,
            CompletionRequested = (received.Flags & NETBOOT_VMBUS_PACKET.NETBOOT_VMBUS_COMPLETION_REQUESTED) != 0,
            Transaction = received.Transaction,
            Payload = new ReadOnlySpan<byte>(received.Payload, (int)received.PayloadSize),
            TransferPageSet = received.TransferPageSet,
            Ranges = new ReadOnlySpan<NETBOOT_VMBUS_TRANSFER_RANGE>(received.Ranges, (int)received.RangeCount),
        };
        return true;
    }

    /// <inheritdoc/>
    public override EFI_STATUS Poll() => _protocol->Poll(_protocol);
}
