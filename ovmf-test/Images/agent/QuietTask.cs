using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>
/// Leaves boot services as an operating system's loader does, with every NIC receiving: GetMemoryMap, then ExitBootServices once.
/// After success the machine powers off without another word, and the test looks at the devices.
/// </summary>
internal static unsafe class QuietTask
{
    public static void Run()
    {
        EFI_BOOT_SERVICES* services = Agent.BootServices;
        EFI_HANDLE* handles = Agent.LocateNics(out int count);
        Agent.Check(count != 0, "a NIC has an SNP");
        for (int i = 0; i < count; i++)
        {
            EFI_SIMPLE_NETWORK_PROTOCOL* snp = Agent.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(handles[i]);
            if (snp->Mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped)
            {
                Agent.Check(snp->Start(snp), EFI_STATUS.EFI_SUCCESS, "Start");
            }

            if (snp->Mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted)
            {
                Agent.Check(snp->Initialize(snp, 0, 0), EFI_STATUS.EFI_SUCCESS, "Initialize");
            }

            uint all = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST | EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST;
            Agent.Check(snp->ReceiveFilters(snp, all, 0, 0, 0, null), EFI_STATUS.EFI_SUCCESS, "ReceiveFilters");
        }

        Agent.Line($"agent: {count} NICs receive, leaving boot services");
        const int capacity = 48 * 1024;
        byte* map = stackalloc byte[capacity];
        nuint size = capacity, key, stride;
        uint version;
        EFI_STATUS status = services->GetMemoryMap(&size, (EFI_MEMORY_DESCRIPTOR*)map, &key, &stride, &version);
        if (status.IsSuccess)
        {
            status = services->ExitBootServices(Agent.Image, key);
        }

        if (status.IsSuccess)
        {
            Agent.SystemTable->RuntimeServices->ResetSystem(EFI_RESET_TYPE.EfiResetShutdown, EFI_STATUS.EFI_SUCCESS, 0, null);
        }

        Agent.Check(status, EFI_STATUS.EFI_SUCCESS, "ExitBootServices at the first try");
    }
}
