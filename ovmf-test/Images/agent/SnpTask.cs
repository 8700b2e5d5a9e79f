using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>
/// Holds every SNP in the machine against the specification (UEFI 2.10, 24.1): the status of each call in each state, and what
/// frames do. All NICs hang on one hub with slirp, which answers ARP for 10.0.2.2.
/// </summary>
internal static unsafe class SnpTask
{
    private const int FrameSize = 60;
    private const ushort ExperimentalType = 0x88B5; // IEEE 802: for local experiments

    /// <summary>Milliseconds. QEMU's e1000 holds frames back for a second after each write of its receive control register.</summary>
    private const uint DeliveryLimit = 2500;

    private static uint s_sentFrames;

    private static readonly EFI_STATUS s_ok = EFI_STATUS.EFI_SUCCESS;
    private static readonly EFI_STATUS s_invalid = EFI_STATUS.EFI_INVALID_PARAMETER;
    private static readonly EFI_STATUS s_notStarted = EFI_STATUS.EFI_NOT_STARTED;
    private static readonly EFI_STATUS s_notInitialized = EFI_STATUS.EFI_DEVICE_ERROR;
    private static readonly EFI_STATUS s_notReady = EFI_STATUS.EFI_NOT_READY;

    public static void Run()
    {
        EFI_HANDLE* handles = Agent.LocateNics(out int count);
        Agent.Line($"agent: {count} SNPs");
        for (int i = 0; i < count; i++)
        {
            // Take it from the firmware's network stack, as our own stack does: its agent is disconnected and must shut down.
            EFI_GUID guid = EFI_SIMPLE_NETWORK_PROTOCOL.Guid;
            EFI_SIMPLE_NETWORK_PROTOCOL* snp = null;
            EFI_STATUS status = Agent.BootServices->OpenProtocol(
                handles[i], &guid, (void**)&snp, Agent.Image, handles[i],
                EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER | EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_EXCLUSIVE);
            Agent.Check(status, s_ok, "exclusive open");
            if (!status.IsSuccess)
            {
                continue;
            }

            Agent.Line($"agent: SNP {i}");
            Stopped(snp);
            Agent.Check(snp->Start(snp), s_ok, "Start");
            Started(snp);
            Agent.Check(snp->Initialize(snp, 0, 0), s_ok, "Initialize");
            Initialized(snp);
            if (snp->Mode->MediaPresentSupported != 0)
            {
                Agent.Line($"agent: SNP {i} tells its link");
            }

            Parameters(snp);
            Frames(snp);
            Flood(snp);
            Information(handles[i]);
            Agent.Check(snp->Shutdown(snp), s_ok, "Shutdown");
            Agent.Check(snp->Mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted, "Shutdown leads to started");
            Agent.Check(snp->Stop(snp), s_ok, "Stop");
            Stopped(snp);
        }

        if (count >= 2)
        {
            Agent.Line($"agent: filters of SNP 0");
            Filters(Agent.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(handles[0]), Agent.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(handles[1]));
            for (int i = 1; i < count; i++)
            {
                Agent.Line($"agent: filters of SNP {i}");
                Filters(Agent.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(handles[i]), Agent.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(handles[0]));
            }
        }
    }

    private static void Stopped(EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        Agent.Check(snp->Mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped, "state is stopped");
        Everything(snp, s_notStarted, "stopped");
        Agent.Check(snp->Stop(snp), s_notStarted, "Stop in stopped");
        Agent.Check(snp->Initialize(snp, 0, 0), s_notStarted, "Initialize in stopped");
    }

    private static void Started(EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        Agent.Check(snp->Mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted, "state is started");
        Agent.Check(snp->Start(snp), EFI_STATUS.EFI_ALREADY_STARTED, "Start in started");
        Everything(snp, s_notInitialized, "started");
    }

    private static void Initialized(EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        Agent.Check(snp->Mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized, "state is initialized");
        Agent.Check(snp->Start(snp), EFI_STATUS.EFI_ALREADY_STARTED, "Start in initialized");
        Agent.Check(snp->Reset(snp, 0), s_ok, "Reset");
        Agent.Check(snp->Mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized, "Reset keeps the state");
        Agent.Check(snp->Mode->IfType == 1 && snp->Mode->HwAddressSize == 6 && snp->Mode->MediaHeaderSize == 14, "Mode describes Ethernet");
        Agent.Check(snp->Mode->MaxPacketSize >= 1500, "Mode.MaxPacketSize is 1500 or more");
        Agent.Check(snp->Mode->MediaPresent != 0, "Mode says that media is present, or cannot tell");
    }

    /// <summary>All calls that need an initialized interface.</summary>
    private static void Everything(EFI_SIMPLE_NETWORK_PROTOCOL* snp, EFI_STATUS expected, string state)
    {
        byte* frame = stackalloc byte[2048];
        nuint size = 2048;
        uint interrupts;
        void* sent;
        EFI_NETWORK_STATISTICS statistics;
        nuint statisticsSize = (nuint)sizeof(EFI_NETWORK_STATISTICS);
        Agent.Check(snp->Shutdown(snp), expected, state == "stopped" ? "Shutdown in stopped" : "Shutdown in started");
        Agent.Check(snp->Reset(snp, 0), expected, state == "stopped" ? "Reset in stopped" : "Reset in started");
        Agent.Check(snp->ReceiveFilters(snp, 1, 0, 0, 0, null), expected, state == "stopped" ? "ReceiveFilters in stopped" : "ReceiveFilters in started");
        Agent.Check(snp->StationAddress(snp, 1, null), expected, state == "stopped" ? "StationAddress in stopped" : "StationAddress in started");
        Agent.Check(snp->Statistics(snp, 0, &statisticsSize, &statistics), expected, state == "stopped" ? "Statistics in stopped" : "Statistics in started");
        Agent.Check(snp->GetStatus(snp, &interrupts, &sent), expected, state == "stopped" ? "GetStatus in stopped" : "GetStatus in started");
        Agent.Check(snp->Transmit(snp, 0, FrameSize, frame, null, null, null), expected, state == "stopped" ? "Transmit in stopped" : "Transmit in started");
        Agent.Check(snp->Receive(snp, null, &size, frame, null, null, null), expected, state == "stopped" ? "Receive in stopped" : "Receive in started");
    }

    private static void Parameters(EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        MissingParameters(snp);
        WrongParameters(snp);
        GroupAddresses(snp);
        ChangeOfAddress(snp);
    }

    private static void MissingParameters(EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        byte* frame = stackalloc byte[64];
        nuint size = 64;
        void* sent;
        ushort protocol = 0x0806;
        EFI_MAC_ADDRESS address = snp->Mode->BroadcastAddress;

        Agent.Check(snp->Start(null), s_invalid, "Start(null)");
        Agent.Check(snp->Stop(null), s_invalid, "Stop(null)");
        Agent.Check(snp->Initialize(null, 0, 0), s_invalid, "Initialize(null)");
        Agent.Check(snp->Reset(null, 0), s_invalid, "Reset(null)");
        Agent.Check(snp->Shutdown(null), s_invalid, "Shutdown(null)");
        Agent.Check(snp->ReceiveFilters(null, 0, 0, 0, 0, null), s_invalid, "ReceiveFilters(null)");
        Agent.Check(snp->GetStatus(null, null, &sent), s_invalid, "GetStatus(null)");
        Agent.Check(snp->GetStatus(snp, null, null), s_invalid, "GetStatus with neither output");
        Agent.Check(snp->Transmit(null, 0, 60, frame, null, null, null), s_invalid, "Transmit(null)");
        Agent.Check(snp->Receive(null, null, &size, frame, null, null, null), s_invalid, "Receive(null)");
        Agent.Check(snp->StationAddress(snp, 0, null), s_invalid, "StationAddress without an address");

        Agent.Check(snp->Transmit(snp, 0, 60, null, null, null, null), s_invalid, "Transmit without a buffer");
        Agent.Check(snp->Transmit(snp, 14, 60, frame, null, null, &protocol), s_invalid, "Transmit without a destination");
        Agent.Check(snp->Transmit(snp, 14, 60, frame, null, &address, null), s_invalid, "Transmit without a protocol");
        Agent.Check(snp->Receive(snp, null, null, frame, null, null, null), s_invalid, "Receive without a size");
        Agent.Check(snp->Receive(snp, null, &size, null, null, null, null), s_invalid, "Receive without a buffer");
        Agent.Check(snp->ReceiveFilters(snp, 2, 0, 0, 1, null), s_invalid, "ReceiveFilters with a list that is missing");
    }

    private static void WrongParameters(EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        byte* frame = stackalloc byte[64];
        ushort protocol = 0x0806;
        EFI_MAC_ADDRESS address = snp->Mode->BroadcastAddress;
        Agent.Check(snp->Transmit(snp, 0, 13, frame, null, null, null), EFI_STATUS.EFI_BUFFER_TOO_SMALL, "Transmit of less than a header");
        Agent.Check(snp->Transmit(snp, 13, 60, frame, null, &address, &protocol), s_invalid, "Transmit with a wrong header size");
        Agent.Check(snp->ReceiveFilters(snp, 0x20, 0, 0, 0, null), s_invalid, "ReceiveFilters with an unknown bit");
        Agent.Check(snp->ReceiveFilters(snp, 2, 0, 0, snp->Mode->MaxMCastFilterCount + 1, &address), s_invalid, "ReceiveFilters with too long a list");

        nuint shortSize = 8;
        ulong statistics;
        Agent.Check(snp->Statistics(snp, 0, &shortSize, (EFI_NETWORK_STATISTICS*)&statistics), EFI_STATUS.EFI_BUFFER_TOO_SMALL, "Statistics with a short buffer");
        Agent.Check(shortSize >= 8 && snp->Statistics(snp, 1, null, null) == s_ok, "Statistics reset without a buffer");
    }

    private static void GroupAddresses(EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        EFI_IP_ADDRESS ip = default;
        EFI_MAC_ADDRESS mac;
        byte* at = (byte*)&ip;
        at[0] = 224;
        at[3] = 251;
        Agent.Check(snp->MCastIpToMac(snp, 0, &ip, &mac), s_ok, "MCastIpToMac of 224.0.0.251");
        Agent.Check(mac.Addr[0] == 1 && mac.Addr[1] == 0 && mac.Addr[2] == 0x5E && mac.Addr[3] == 0 && mac.Addr[4] == 0 && mac.Addr[5] == 251, "01:00:5e:00:00:fb");
        at[0] = 0xFF;
        at[1] = 2;
        at[3] = 0;
        at[15] = 1;
        Agent.Check(snp->MCastIpToMac(snp, 1, &ip, &mac), s_ok, "MCastIpToMac of ff02::1");
        Agent.Check(mac.Addr[0] == 0x33 && mac.Addr[1] == 0x33 && mac.Addr[5] == 1, "33:33:00:00:00:01");
        Agent.Check(snp->MCastIpToMac(snp, 0, null, &mac), s_invalid, "MCastIpToMac without an address");
    }

    private static void ChangeOfAddress(EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        EFI_MAC_ADDRESS other = snp->Mode->PermanentAddress;
        other.Addr[5] ^= 0x40;
        EFI_STATUS changed = snp->StationAddress(snp, 0, &other);
        if (snp->Mode->MacAddressChangeable != 0)
        {
            Agent.Check(changed, s_ok, "StationAddress");
            Agent.Check(snp->Mode->CurrentAddress.Addr[5] == other.Addr[5], "StationAddress changes Mode");
            AnswersArp(snp, "ARP under another address");
        }
        else
        {
            Agent.Check(changed.IsError, "StationAddress fails where Mode says so");
        }

        Agent.Check(snp->StationAddress(snp, 1, null), s_ok, "StationAddress reset");
        Agent.Check(snp->Mode->CurrentAddress.Addr[5] == snp->Mode->PermanentAddress.Addr[5], "StationAddress reset restores Mode");
    }

    private static void Frames(EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        AnswersArp(snp, "ARP");

        // A buffer that is too small keeps the frame.
        byte* buffer = stackalloc byte[2048];
        Drain(snp);
        Agent.Check(Agent.BootServices->CheckEvent(snp->WaitForPacket) == s_notReady, "WaitForPacket is not signalled without a frame");
        SendArp(snp, false);
        bool came = false;
        using Deadline deadline = new(DeliveryLimit);
        while (!came && !deadline.HasPassed)
        {
            came = Agent.BootServices->CheckEvent(snp->WaitForPacket).IsSuccess;
        }

        Agent.Check(came, "WaitForPacket is signalled by a frame");
        nuint size = 20;
        Agent.Check(snp->Receive(snp, null, &size, buffer, null, null, null), EFI_STATUS.EFI_BUFFER_TOO_SMALL, "Receive with a short buffer");
        Agent.Check(size >= 42, "Receive tells the size that is needed");
        size = 2048;
        nuint header = 0;
        ushort protocol = 0;
        EFI_MAC_ADDRESS source, destination;
        Agent.Check(snp->Receive(snp, &header, &size, buffer, &source, &destination, &protocol), s_ok, "Receive of the same frame");
        Agent.Check(header == 14 && protocol == 0x0806, "Receive reports header size and protocol");
        Agent.Check(Same(&destination, &snp->Mode->CurrentAddress), "Receive reports the destination");
        Collect(snp, null);
    }

    /// <summary>More frames than any queue holds, that nobody takes: then all goes on as before.</summary>
    private static void Flood(EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        for (int i = 0; i < 1000; i++)
        {
            SendArp(snp, (i & 1) != 0);
        }

        Agent.BootServices->Stall(20_000);
        Drain(snp);
        AnswersArp(snp, "ARP after a flood");
    }

    /// <summary>Each receive filter, with a second NIC as the sender.</summary>
    private static void Filters(EFI_SIMPLE_NETWORK_PROTOCOL* snp, EFI_SIMPLE_NETWORK_PROTOCOL* sender)
    {
        Agent.Check(snp->Start(snp), s_ok, "Start");
        Agent.Check(snp->Initialize(snp, 0, 0), s_ok, "Initialize");
        Agent.Check(sender->Start(sender), s_ok, "Start of the sender");
        Agent.Check(sender->Initialize(sender, 0, 0), s_ok, "Initialize of the sender");
        sender->ReceiveFilters(sender, 0, 0x1F & sender->Mode->ReceiveFilterMask, 1, 0, null);
        EachFilter(snp, sender);
        snp->Shutdown(snp);
        snp->Stop(snp);
        sender->Shutdown(sender);
        sender->Stop(sender);
    }

    private static void EachFilter(EFI_SIMPLE_NETWORK_PROTOCOL* snp, EFI_SIMPLE_NETWORK_PROTOCOL* sender)
    {
        const uint unicast = 1, multicast = 2, broadcast = 4, promiscuous = 8, allMulticast = 16;
        EFI_MAC_ADDRESS own = snp->Mode->CurrentAddress;
        EFI_MAC_ADDRESS foreign = own;
        foreign.Addr[4] ^= 0x55;
        EFI_MAC_ADDRESS everyone = snp->Mode->BroadcastAddress;
        EFI_MAC_ADDRESS group = default;
        group.Addr[0] = 1;
        group.Addr[2] = 0x5E;
        group.Addr[5] = 0x42;
        EFI_MAC_ADDRESS otherGroup = group;
        otherGroup.Addr[5] = 0x43;

        Filter(snp, 0, 0, null);
        Agent.BootServices->Stall(DeliveryLimit * 1000 / 2);
        Send(sender, &own);
        Send(sender, &everyone);
        Agent.BootServices->Stall(20_000);
        Agent.Check(!Receives(snp), "without filters nothing is received");
        Filter(snp, unicast, 0, null);
        Agent.Check(Arrives(snp, sender, &own), "unicast filter: own address");
        Agent.Check(!Arrives(snp, sender, &foreign, &own), "unicast filter: another's address");
        Agent.Check(!Arrives(snp, sender, &everyone, &own), "unicast filter: broadcast");
        Filter(snp, broadcast, 0, null);
        Agent.Check(Arrives(snp, sender, &everyone), "broadcast filter: broadcast");
        Agent.Check(!Arrives(snp, sender, &own, &everyone), "broadcast filter: own address");
        Agent.Check(!Arrives(snp, sender, &group, &everyone), "broadcast filter: a group");
        if ((snp->Mode->ReceiveFilterMask & multicast) != 0)
        {
            Filter(snp, unicast | multicast, 1, &group);
            Agent.Check(snp->Mode->MCastFilterCount == 1, "Mode tells the multicast list");
            Agent.Check(Arrives(snp, sender, &group), "multicast filter: a group on the list");
            Agent.Check(Arrives(snp, sender, &own), "multicast filter: own address");
            Agent.Check(!Arrives(snp, sender, &everyone, &own), "multicast filter: broadcast");
        }

        if ((snp->Mode->ReceiveFilterMask & allMulticast) != 0)
        {
            Filter(snp, allMulticast, 0, null);
            Agent.Check(Arrives(snp, sender, &group) && Arrives(snp, sender, &otherGroup), "all groups filter: groups");
        }

        if ((snp->Mode->ReceiveFilterMask & promiscuous) != 0)
        {
            Filter(snp, promiscuous, 0, null);
            Agent.Check(Arrives(snp, sender, &foreign), "promiscuous filter: another's address");
            Agent.Check(Arrives(snp, sender, &own), "promiscuous filter: own address");
        }

        Filter(snp, unicast | broadcast, 0, null);
        Agent.Check(Arrives(snp, sender, &own) && Arrives(snp, sender, &everyone), "unicast and broadcast after the others");
        Agent.Check(!Arrives(snp, sender, &foreign, &own), "promiscuity is switched off");
    }

    private static void Filter(EFI_SIMPLE_NETWORK_PROTOCOL* snp, uint enable, nuint count, EFI_MAC_ADDRESS* list)
    {
        uint mask = snp->Mode->ReceiveFilterMask;
        Agent.Check(snp->ReceiveFilters(snp, enable, mask & ~enable, (byte)(count == 0 ? 1 : 0), count, list), s_ok, "ReceiveFilters");
        Agent.Check(snp->Mode->ReceiveFilterSetting == enable, "Mode tells the filters");
    }

    /// <summary>
    /// Whether a frame from the sender reaches the receiver. With a fence, an address that is received for sure, the answer is no once a
    /// frame sent there afterwards has come: frames keep their order, however late QEMU delivers them.
    /// </summary>
    private static bool Arrives(
        EFI_SIMPLE_NETWORK_PROTOCOL* snp, EFI_SIMPLE_NETWORK_PROTOCOL* sender, EFI_MAC_ADDRESS* to, EFI_MAC_ADDRESS* fence = null)
    {
        byte* buffer = stackalloc byte[2048];
        uint wanted = Send(sender, to);
        uint last = fence == null ? wanted : Send(sender, fence);
        using Deadline deadline = new(DeliveryLimit);
        while (!deadline.HasPassed)
        {
            nuint size = 2048;
            ushort type;
            if (snp->Receive(snp, null, &size, buffer, null, null, &type).IsSuccess && type == ExperimentalType && size >= FrameSize)
            {
                uint number = *(uint*)(buffer + 16);
                if (number == wanted)
                {
                    return true;
                }

                if (number == last)
                {
                    return false;
                }
            }
        }

        Agent.Check(fence == null, "the fence arrives");
        return false;
    }

    /// <summary>Sends a frame of our own kind.</summary>
    /// <returns>The number in it.</returns>
    private static uint Send(EFI_SIMPLE_NETWORK_PROTOCOL* sender, EFI_MAC_ADDRESS* to)
    {
        byte* frame = stackalloc byte[FrameSize];
        new Span<byte>(frame, FrameSize).Clear();
        *(uint*)(frame + 16) = ++s_sentFrames;
        ushort protocol = ExperimentalType;
        Transmit(sender, 14, frame, to, &protocol);
        return s_sentFrames;
    }

    /// <summary>Whether a frame of our own kind is there.</summary>
    private static bool Receives(EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        byte* buffer = stackalloc byte[2048];
        nuint size = 2048;
        ushort type;
        return snp->Receive(snp, null, &size, buffer, null, null, &type).IsSuccess && type == ExperimentalType;
    }

    private static void Information(EFI_HANDLE handle)
    {
        EFI_ADAPTER_INFORMATION_PROTOCOL* adapter = Agent.Get<EFI_ADAPTER_INFORMATION_PROTOCOL>(handle);
        Agent.Check(adapter != null, "the NIC's handle has adapter information");
        if (adapter == null)
        {
            return;
        }

        EFI_GUID media = EFI_ADAPTER_INFO_MEDIA_STATE.Guid;
        void* block = null;
        nuint size = 0;
        EFI_STATUS status = adapter->GetInformation(adapter, &media, &block, &size);
        Agent.Check(status, s_ok, "adapter information: media state");
        if (status.IsSuccess)
        {
            Agent.Check(size == 8 && ((EFI_ADAPTER_INFO_MEDIA_STATE*)block)->MediaState == s_ok, "media is present");
            Agent.BootServices->FreePool(block);
        }

        EFI_GUID unknown = new(0x12345678, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        Agent.Check(adapter->GetInformation(adapter, &unknown, &block, &size), EFI_STATUS.EFI_UNSUPPORTED, "adapter information of an unknown type");
    }

    /// <summary>Asks slirp for its hardware address and waits for the answer.</summary>
    public static void AnswersArp(EFI_SIMPLE_NETWORK_PROTOCOL* snp, string what)
    {
        byte* buffer = stackalloc byte[2048];
        uint mask = snp->Mode->ReceiveFilterMask;
        Agent.Check(snp->ReceiveFilters(snp, 5, mask & ~5u, 1, 0, null), s_ok, "ReceiveFilters for unicast and broadcast");
        Drain(snp);
        SendArp(snp, true);
        using Deadline deadline = new(DeliveryLimit);
        while (!deadline.HasPassed)
        {
            nuint size = 2048;
            if (snp->Receive(snp, null, &size, buffer, null, null, null).IsSuccess)
            {
                // An ARP reply (RFC 826) from 10.0.2.2.
                if (size >= 42 && buffer[12] == 8 && buffer[13] == 6 && buffer[21] == 2 && buffer[28] == 10 && buffer[31] == 2)
                {
                    Agent.Check(true, what);
                    return;
                }
            }
        }

        Agent.Check(false, what);
    }

    /// <summary>Sends an ARP request for 10.0.2.2 from 10.0.2.200 and waits until its buffer has come back.</summary>
    public static void SendArp(EFI_SIMPLE_NETWORK_PROTOCOL* snp, bool ownHeader)
    {
        byte* frame = stackalloc byte[FrameSize];
        new Span<byte>(frame, FrameSize).Clear();
        byte* own = (byte*)&snp->Mode->CurrentAddress;
        EFI_MAC_ADDRESS everyone = snp->Mode->BroadcastAddress;
        ushort protocol = 0x0806;
        ReadOnlySpan<byte> arp = [0, 1, 8, 0, 6, 4, 0, 1];
        arp.CopyTo(new Span<byte>(frame + 14, 8));
        new ReadOnlySpan<byte>(own, 6).CopyTo(new Span<byte>(frame + 22, 6));
        ReadOnlySpan<byte> from = [10, 0, 2, 200], to = [10, 0, 2, 2];
        from.CopyTo(new Span<byte>(frame + 28, 4));
        to.CopyTo(new Span<byte>(frame + 38, 4));
        if (ownHeader)
        {
            new Span<byte>(frame, 6).Fill(0xFF);
            new ReadOnlySpan<byte>(own, 6).CopyTo(new Span<byte>(frame + 6, 6));
            frame[12] = 8;
            frame[13] = 6;
            Transmit(snp, 0, frame, null, null);
        }
        else
        {
            Transmit(snp, 14, frame, &everyone, &protocol);
        }
    }

    /// <summary>Sends a frame, trying again while the interface is busy, and waits until its buffer has come back.</summary>
    private static void Transmit(EFI_SIMPLE_NETWORK_PROTOCOL* snp, nuint header, byte* frame, EFI_MAC_ADDRESS* to, ushort* protocol)
    {
        EFI_STATUS status;
        using Deadline deadline = new(DeliveryLimit);
        do
        {
            status = snp->Transmit(snp, header, FrameSize, frame, null, to, protocol);
        }
        while (status == s_notReady && !deadline.HasPassed);
        Agent.Check(status, s_ok, header == 0 ? "Transmit" : "Transmit with a header to fill in");
        if (status.IsSuccess)
        {
            Collect(snp, frame);
        }
    }

    /// <summary>Takes transmitted buffers back until the wanted one has come, and never a foreign one.</summary>
    private static void Collect(EFI_SIMPLE_NETWORK_PROTOCOL* snp, void* wanted)
    {
        for (int i = 0; i < 100_000; i++)
        {
            void* sent = null;
            uint interrupts;
            EFI_STATUS status = snp->GetStatus(snp, &interrupts, &sent);
            if (!status.IsSuccess)
            {
                Agent.Check(status, s_ok, "GetStatus");
                return;
            }

            if (sent == wanted)
            {
                return;
            }

            if (sent != null)
            {
                Agent.Check(false, "GetStatus returns only buffers that were sent, each once");
                return;
            }
        }

        Agent.Check(false, "GetStatus returns the sent buffer");
    }

    private static void Drain(EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        byte* buffer = stackalloc byte[2048];
        int quiet = 0;
        for (int i = 0; i < 5000 && quiet < 20; i++)
        {
            nuint size = 2048;
            quiet = snp->Receive(snp, null, &size, buffer, null, null, null).IsSuccess ? 0 : quiet + 1;
        }
    }

    private static bool Same(EFI_MAC_ADDRESS* a, EFI_MAC_ADDRESS* b) => new ReadOnlySpan<byte>(a, 6).SequenceEqual(new ReadOnlySpan<byte>(b, 6));
}
