using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>A NIC's SNP that the agent has taken from the firmware's network stack, and brought up.</summary>
internal readonly unsafe struct NetworkInUse
{
    private NetworkInUse(EFI_HANDLE handle, EFI_SIMPLE_NETWORK_PROTOCOL* snp)
    {
        Handle = handle;
        Snp = snp;
    }

    public EFI_HANDLE Handle { get; }

    public EFI_SIMPLE_NETWORK_PROTOCOL* Snp { get; }

    /// <summary>Every NIC of the machine, open, started and initialized, with unicast and broadcast received.</summary>
    /// <param name="networks">Room for them.</param>
    /// <returns>How many there are.</returns>
    public static int TakeAll(NetworkInUse* networks, int room)
    {
        EFI_HANDLE* handles = Agent.LocateNics(out int count);
        Agent.Check(count <= room, "room for all NICs");
        int taken = 0;
        for (int i = 0; i < count && taken < room; i++)
        {
            EFI_GUID guid = EFI_SIMPLE_NETWORK_PROTOCOL.Guid;
            EFI_SIMPLE_NETWORK_PROTOCOL* snp = null;
            EFI_STATUS status = Agent.BootServices->OpenProtocol(
                handles[i], &guid, (void**)&snp, Agent.Image, handles[i],
                EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER | EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_EXCLUSIVE);
            Agent.Check(status, EFI_STATUS.EFI_SUCCESS, "exclusive open");
            if (!status.IsSuccess)
            {
                continue;
            }

            const uint unicastAndBroadcast = 5;
            Agent.Check(snp->Start(snp), EFI_STATUS.EFI_SUCCESS, "Start");
            Agent.Check(snp->Initialize(snp, 0, 0), EFI_STATUS.EFI_SUCCESS, "Initialize");
            Agent.Check(snp->ReceiveFilters(snp, unicastAndBroadcast, 0, 0, 0, null), EFI_STATUS.EFI_SUCCESS, "ReceiveFilters");
            networks[taken++] = new NetworkInUse(handles[i], snp);
        }

        return taken;
    }

    /// <summary>Gives it back; nobody takes it by itself.</summary>
    public void Close()
    {
        EFI_GUID guid = EFI_SIMPLE_NETWORK_PROTOCOL.Guid;
        Agent.BootServices->CloseProtocol(Handle, &guid, Agent.Image, Handle);
    }

    /// <summary>What Mode says of the link, after the driver has been asked.</summary>
    public bool HasMedia()
    {
        uint interrupts;
        Agent.Check(Snp->GetStatus(Snp, &interrupts, null), EFI_STATUS.EFI_SUCCESS, "GetStatus");
        return Snp->Mode->MediaPresent != 0;
    }
}
