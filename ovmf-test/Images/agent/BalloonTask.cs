using System;
using System.Buffers.Binary;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>
/// A small client of VMBus, as a third party would write it: finds the dynamic memory device (the "balloon"), whose channel it opens to agree on a
/// version of that device's protocol.
/// </summary>
/// <remarks>Facts of the protocol: Linux, drivers/hv/hv_balloon.c; QEMU, hw/hyperv/hv-balloon.c.</remarks>
internal static unsafe class BalloonTask
{
    private const ushort VersionRequest = 1;
    private const ushort VersionResponse = 2;
    private const uint UnknownVersion = 0x90009;
    private const uint Windows10Version = 0x20000;

    private static EFI_GUID BalloonClass => new(0x525074DC, 0x8985, 0x46E2, 0x80, 0x57, 0xA3, 0x07, 0xDC, 0x18, 0xA5, 0x02);

    /// <summary>The vendor node of Microsoft's firmware for a VMBus channel.</summary>
    private static EFI_GUID VmbusNode => new(0x9B17E5A2, 0x0891, 0x42DD, 0xB6, 0x53, 0x80, 0xB5, 0xC2, 0x28, 0x09, 0xBA);

    public static void Run()
    {
        EFI_HANDLE* handles = Agent.Locate<NETBOOT_VMBUS_PROTOCOL>(out int count);
        Agent.Line($"agent: {count} VMBus channels");
        EFI_HANDLE balloon = default;
        for (int i = 0; i < count; i++)
        {
            if (Agent.Get<NETBOOT_VMBUS_PROTOCOL>(handles[i])->InterfaceType == BalloonClass)
            {
                balloon = handles[i];
            }
        }

        EFI_GUID guid = NETBOOT_VMBUS_PROTOCOL.Guid;
        NETBOOT_VMBUS_PROTOCOL* channel = null;
        EFI_STATUS status = Agent.BootServices->OpenProtocol(
            balloon, &guid, (void**)&channel, Agent.Image, balloon, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER);
        Agent.Check(status, EFI_STATUS.EFI_SUCCESS, "the balloon's channel can be opened by a driver");
        if (status.IsSuccess)
        {
            CheckPath(Agent.Get<EFI_DEVICE_PATH_PROTOCOL>(balloon), channel);
            Use(channel);
            Agent.Check(Agent.BootServices->CloseProtocol(balloon, &guid, Agent.Image, balloon), EFI_STATUS.EFI_SUCCESS, "CloseProtocol");
        }
    }

    /// <summary>The handle's last node names the class and the instance, in that order.</summary>
    private static void CheckPath(EFI_DEVICE_PATH_PROTOCOL* path, NETBOOT_VMBUS_PROTOCOL* channel)
    {
        byte* last = null;
        for (byte* node = (byte*)path; node != null && node[0] != 0x7F; node += node[2] | (node[3] << 8))
        {
            last = node;
        }

        Agent.Check(last != null && last[0] == 1 && last[1] == 4 && last[2] == 4 + (3 * sizeof(EFI_GUID)), "the path ends in a vendor's hardware node");
        if (last != null)
        {
            EFI_GUID* guids = (EFI_GUID*)(last + 4);
            Agent.Check(guids[0] == VmbusNode && guids[1] == channel->InterfaceType && guids[2] == channel->InstanceId, "that node is the channel's");
        }
    }

    private static void Use(NETBOOT_VMBUS_PROTOCOL* channel)
    {
        NETBOOT_VMBUS_PACKET packet;
        uint generation = channel->Generation;
        for (int i = 0; i < 2; i++)
        {
            Agent.Check(channel->OpenChannel(channel, 4, 4), EFI_STATUS.EFI_SUCCESS, "OpenChannel");
            Agent.Check(channel->OpenChannel(channel, 4, 4), EFI_STATUS.EFI_ALREADY_STARTED, "OpenChannel of an open one");
            Agent.Check(!Ask(channel, 1, UnknownVersion), "the host refuses an unknown version");
            Agent.Check(Ask(channel, 2, Windows10Version), "the host accepts Windows 10's version");
            Agent.Check(channel->Receive(channel, &packet), EFI_STATUS.EFI_NOT_READY, "Receive from an empty ring");
            Gpadl(channel);
            Agent.Check(channel->CloseChannel(channel), EFI_STATUS.EFI_SUCCESS, "CloseChannel");
            Agent.Check(channel->CloseChannel(channel), EFI_STATUS.EFI_SUCCESS, "CloseChannel of a closed one");
        }

        Agent.Check(channel->Generation == generation, "the connection stayed");
    }

    /// <summary>Asks for a version of the balloon's protocol.</summary>
    /// <returns>Whether the host accepts it.</returns>
    private static bool Ask(NETBOOT_VMBUS_PROTOCOL* channel, uint transaction, uint version)
    {
        Span<byte> request = stackalloc byte[16];
        request.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(request, VersionRequest);
        BinaryPrimitives.WriteUInt16LittleEndian(request.Slice(2), 16);
        BinaryPrimitives.WriteUInt32LittleEndian(request.Slice(4), transaction);
        BinaryPrimitives.WriteUInt32LittleEndian(request.Slice(8), version);
        fixed (byte* data = request)
        {
            Agent.Check(channel->SendInBand(channel, data, 16, transaction, 0), EFI_STATUS.EFI_SUCCESS, "SendInBand");
        }

        NETBOOT_VMBUS_PACKET packet;
        EFI_STATUS status;
        using Deadline deadline = new(10_000);
        do
        {
            status = channel->Receive(channel, &packet);
        }
        while (status == EFI_STATUS.EFI_NOT_READY && !deadline.HasPassed);
        Agent.Check(status, EFI_STATUS.EFI_SUCCESS, "Receive");
        if (!status.IsSuccess)
        {
            return false;
        }

        ReadOnlySpan<byte> answer = new(packet.Payload, (int)packet.PayloadSize);
        Agent.Check(packet.Type == 6 && answer.Length >= 16, "the answer is an in-band packet of its length");
        Agent.Check(BinaryPrimitives.ReadUInt16LittleEndian(answer) == VersionResponse, "the answer is to a version request");
        Agent.Check(BinaryPrimitives.ReadUInt32LittleEndian(answer.Slice(4)) == transaction, "the answer is to this request");
        return (answer[8] & 1) != 0;
    }

    /// <summary>Shows the host more memory than one message can name pages of, and takes it back.</summary>
    private static void Gpadl(NETBOOT_VMBUS_PROTOCOL* channel)
    {
        void* pages = null;
        uint number = 0;
        Agent.Check(channel->CreateGpadl(channel, &pages, 100, &number), EFI_STATUS.EFI_SUCCESS, "CreateGpadl");
        Agent.Check(pages != null && number != 0, "CreateGpadl allocates");
        Agent.Check(channel->DestroyGpadl(channel, number), EFI_STATUS.EFI_SUCCESS, "DestroyGpadl");
        Agent.Check(channel->DestroyGpadl(channel, number), EFI_STATUS.EFI_INVALID_PARAMETER, "DestroyGpadl of none");
    }
}
