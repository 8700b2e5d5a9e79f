using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>
/// A card is pulled while it receives. Somebody presses the button of its slot; then this task switches the slot's power off, as an operating
/// system would (PCI Express Base Specification 3.0, 6.7.1). From there on its configuration space reads as ones.
/// </summary>
internal static unsafe class UnplugTask
{
    private const int MaximumNics = 8;
    private const uint ButtonLimit = 60_000; // In milliseconds.
    private const uint CallsLimit = 20_000;

    // PCI Express Base Specification 3.0, 7.8.10 and 7.8.11; from where the capability begins.
    private const uint SlotControl = 0x18;
    private const ushort SlotIndicatorOff = 3 << 8;
    private const ushort SlotPowerOff = 1 << 10;
    private const uint SlotStatus = 0x1A;
    private const ushort SlotButtonPressed = 1 << 0;

    public static void Run()
    {
        NetworkInUse* networks = stackalloc NetworkInUse[MaximumNics];
        int count = NetworkInUse.TakeAll(networks, MaximumNics);
        EFI_HANDLE bridge = FindSlot(out uint slot);
        EFI_HANDLE card = FindCard(bridge);
        int victim = -1;
        for (int i = 0; i < count; i++)
        {
            victim = IsBelow(networks[i].Handle, bridge) ? i : victim;
        }

        Agent.Check(victim >= 0, "a NIC is in the slot");
        if (victim < 0)
        {
            return;
        }

        EFI_SIMPLE_NETWORK_PROTOCOL* snp = networks[victim].Snp;
        SnpTask.AnswersArp(snp, "an answer to ARP before the card is pulled");
        Agent.Line($"agent: {count} NICs receive");
        Agent.Check(ReceiveUntilButton(snp, bridge, slot), "the slot's button is pressed");
        ushort control = (ushort)Access(bridge, slot + SlotControl, isWrite: false, 0);
        Access(bridge, slot + SlotControl, isWrite: true, (ushort)(control | SlotIndicatorOff | SlotPowerOff));
        Agent.Check(Access(card, 0, isWrite: false, 0) == ushort.MaxValue, "the card's configuration space is gone");
        Agent.Line($"agent: the card is gone");

        using (Deadline deadline = new(CallsLimit))
        {
            GoOn(snp);
            GiveUp(snp);
            Agent.Check(!deadline.HasPassed, "calls of a card that is gone end in time");
        }

        for (int i = 0; i < count; i++)
        {
            if (i != victim)
            {
                SnpTask.AnswersArp(networks[i].Snp, "an answer to ARP on another NIC");
            }
        }

        networks[victim].Close();
        Agent.Check(Agent.BootServices->DisconnectController(card, default, default), EFI_STATUS.EFI_SUCCESS, "DisconnectController");
        Agent.LocateNics(out int left);
        Agent.Check(left == count - 1, "the NIC's handle is gone");
        Agent.Check(Agent.BootServices->ConnectController(card, null, null, 1), EFI_STATUS.EFI_NOT_FOUND, "ConnectController");
    }

    /// <summary>Keeps frames coming: each request has its answer.</summary>
    private static bool ReceiveUntilButton(EFI_SIMPLE_NETWORK_PROTOCOL* snp, EFI_HANDLE bridge, uint slot)
    {
        byte* buffer = stackalloc byte[2048];
        int received = 0;
        bool isPressed = false;
        using Deadline deadline = new(ButtonLimit);
        while (!isPressed && !deadline.HasPassed)
        {
            SnpTask.SendArp(snp, true);
            nuint size = 2048;
            received += snp->Receive(snp, null, &size, buffer, null, null, null).IsSuccess ? 1 : 0;
            isPressed = (Access(bridge, slot + SlotStatus, isWrite: false, 0) & SlotButtonPressed) != 0;
        }

        Agent.Check(received != 0, "frames come until the card is pulled");
        return isPressed;
    }

    /// <summary>A client that does not know yet.</summary>
    private static void GoOn(EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        byte* buffer = stackalloc byte[2048];
        new Span<byte>(buffer, 2048).Clear();
        uint interrupts;
        void* sent;
        for (int i = 0; i < 300; i++)
        {
            nuint size = 2048;
            Expect(snp->Transmit(snp, 0, 60, buffer, null, null, null), mayWait: true, "Transmit");
            Expect(snp->GetStatus(snp, &interrupts, &sent), mayWait: false, "GetStatus");
            Expect(snp->Receive(snp, null, &size, buffer, null, null, null), mayWait: true, "Receive");
            Expect(Agent.BootServices->CheckEvent(snp->WaitForPacket), mayWait: true, "CheckEvent");
        }

        Agent.Check(snp->Mode->MediaPresent == 0 || snp->Mode->MediaPresentSupported == 0, "a card that is gone has no link");
        EFI_NETWORK_STATISTICS statistics;
        nuint statisticsSize = (nuint)sizeof(EFI_NETWORK_STATISTICS);
        Expect(snp->ReceiveFilters(snp, 8, 0, 0, 0, null), mayWait: false, "ReceiveFilters");
        Expect(snp->StationAddress(snp, 1, null), mayWait: false, "StationAddress");
        Expect(snp->Statistics(snp, 0, &statisticsSize, &statistics), mayWait: false, "Statistics");
    }

    /// <summary>It learns it, and tries once more.</summary>
    private static void GiveUp(EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        Agent.Check(snp->Reset(snp, 0), EFI_STATUS.EFI_DEVICE_ERROR, "Reset of a card that is gone");
        Agent.Check(snp->Initialize(snp, 0, 0), EFI_STATUS.EFI_DEVICE_ERROR, "Initialize of a card that is gone");
        Agent.Check(snp->Stop(snp), EFI_STATUS.EFI_SUCCESS, "Stop");
        Agent.Check(snp->Start(snp), EFI_STATUS.EFI_SUCCESS, "Start");
        Agent.Check(snp->Initialize(snp, 0, 0), EFI_STATUS.EFI_DEVICE_ERROR, "Initialize of a card that is gone");
        Agent.Check(snp->Stop(snp), EFI_STATUS.EFI_SUCCESS, "Stop");
    }

    private static void Expect(EFI_STATUS status, bool mayWait, string what)
    {
        if (status != EFI_STATUS.EFI_DEVICE_ERROR && !(mayWait && status == EFI_STATUS.EFI_NOT_READY))
        {
            Agent.Check(status, EFI_STATUS.EFI_SUCCESS, what);
        }
    }

    /// <summary>The bridge whose slot can be switched off, and where its PCI Express capability begins.</summary>
    private static EFI_HANDLE FindSlot(out uint capability)
    {
        const ushort bridgeClass = 0x0604;
        const byte express = 0x10;
        EFI_HANDLE* functions = Agent.Locate<EFI_PCI_IO_PROTOCOL>(out int count);
        for (int i = 0; i < count; i++)
        {
            if (Access(functions[i], 0x0A, isWrite: false, 0) != bridgeClass)
            {
                continue;
            }

            capability = (byte)Access(functions[i], 0x34, isWrite: false, 0);
            for (int left = 48; left > 0 && capability != 0; left--)
            {
                ushort header = Access(functions[i], capability, isWrite: false, 0);
                if ((byte)header == express)
                {
                    return functions[i];
                }

                capability = (uint)header >> 8;
            }
        }

        capability = 0;
        Agent.Check(false, "a slot that can be switched off");
        return default;
    }

    private static EFI_HANDLE FindCard(EFI_HANDLE bridge)
    {
        EFI_HANDLE* functions = Agent.Locate<EFI_PCI_IO_PROTOCOL>(out int count);
        count = Agent.KeepNics(functions, count);
        for (int i = 0; i < count; i++)
        {
            if (IsBelow(functions[i], bridge))
            {
                return functions[i];
            }
        }

        return default;
    }

    private static bool IsBelow(EFI_HANDLE handle, EFI_HANDLE bridge)
    {
        ReadOnlySpan<byte> outer = NodesOf(bridge);
        ReadOnlySpan<byte> inner = NodesOf(handle);
        return outer.Length != 0 && inner.Length > outer.Length && inner.StartsWith(outer);
    }

    private static ReadOnlySpan<byte> NodesOf(EFI_HANDLE handle)
    {
        const byte end = 0x7F;
        byte* path = handle.IsNull ? null : (byte*)Agent.Get<EFI_DEVICE_PATH_PROTOCOL>(handle);
        byte* node = path;
        while (node != null && *node != end)
        {
            node += node[2] | (node[3] << 8);
        }

        return new ReadOnlySpan<byte>(path, (int)(node - path));
    }

    private static ushort Access(EFI_HANDLE function, uint offset, bool isWrite, ushort value)
    {
        EFI_PCI_IO_PROTOCOL* pci = function.IsNull ? null : Agent.Get<EFI_PCI_IO_PROTOCOL>(function);
        if (pci == null)
        {
            return 0;
        }

        if (isWrite)
        {
            pci->Pci.Write(pci, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint16, offset, 1, &value);
        }
        else
        {
            pci->Pci.Read(pci, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint16, offset, 1, &value);
        }

        return value;
    }
}
