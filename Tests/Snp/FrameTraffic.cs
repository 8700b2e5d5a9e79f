using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Snp;

/// <summary>A frame's way through an SNP, on simulated firmware.</summary>
internal static unsafe class FrameTraffic
{
    /// <summary>Starts an SNP, receives a frame and sends it back: it calls no service of the firmware but those of the TPL.</summary>
    /// <param name="receive">Delivers a frame to the NIC.</param>
    /// <param name="sent">What the NIC has sent.</param>
    public static void ExpectNoServiceButTpl(
        SimulatedFirmware firmware, EFI_SIMPLE_NETWORK_PROTOCOL* network, Func<byte[], bool> receive, IReadOnlyList<byte[]> sent)
    {
        Assert.True(network->Start(network).IsSuccess);
        Assert.True(network->Initialize(network, 0, 0).IsSuccess);
        Assert.Equal(1, network->Mode->MediaPresent);
        network->ReceiveFilters(network, network->Mode->ReceiveFilterMask & 5, 0, 0, 0, null);
        byte[] frame = [0x52, 0x54, 0, 0x12, 0x34, 0x56, 2, 0, 0, 0, 0, 9, 0x88, 0xB5, .. new byte[60]];
        Assert.True(receive(frame));
        HashSet<string> services = [];
        firmware.Intercept = service =>
        {
            services.Add(service);
            return default;
        };
        byte* buffer = stackalloc byte[1600];
        nuint size = 1600;
        Assert.True(network->Receive(network, null, &size, buffer, null, null, null).IsSuccess);
        Assert.Equal(frame, new ReadOnlySpan<byte>(buffer, (int)size).ToArray());
        Assert.True(network->Transmit(network, 0, size, buffer, null, null, null).IsSuccess);
        void* done;
        Assert.True(network->GetStatus(network, null, &done).IsSuccess);
        Assert.True(done == buffer);
        firmware.Intercept = null;
        Assert.Equal(frame, Assert.Single(sent));
        Assert.Empty(services.Except(["RaiseTPL", "RestoreTPL"]));
    }
}
