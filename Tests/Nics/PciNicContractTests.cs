using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Nics;

/// <summary>What every driver of a NIC on PCI keeps to, which may be pulled at any time.</summary>
public abstract class PciNicContractTests<TCard> : NicContractTests<TCard> where TCard : SimulatedNic
{
    /// <summary>
    /// At each access to a register in turn. From then on ones are read, or zeros as in QEMU; and the card writes no memory any more, so that
    /// all of it is given back.
    /// </summary>
    [Theory]
    [InlineData(NicCall.Connect)]
    [InlineData(NicCall.Start)]
    [InlineData(NicCall.Initialize)]
    [InlineData(NicCall.ReceiveFilters)]
    [InlineData(NicCall.StationAddress)]
    [InlineData(NicCall.Statistics)]
    [InlineData(NicCall.MCastIpToMac)]
    [InlineData(NicCall.NvData)]
    [InlineData(NicCall.Transmit)]
    [InlineData(NicCall.GetStatus)]
    [InlineData(NicCall.WaitForPacket)]
    [InlineData(NicCall.Receive)]
    [InlineData(NicCall.Reset)]
    [InlineData(NicCall.Shutdown)]
    [InlineData(NicCall.Stop)]
    [InlineData(NicCall.Disconnect)]
    [InlineData(NicCall.ExitBootServices)]
    public void RemovedCard_WithinACall_IsHarmless(NicCall call)
    {
        foreach (ulong value in (ulong[])[ulong.MaxValue, 0])
        {
            int accesses = 0;
            while (IsPulledIn(call, accesses, value))
            {
                accesses++;
            }
        }
    }

    /// <summary>Has a card pulled within a call, and its client go on.</summary>
    /// <param name="call">The call.</param>
    /// <param name="accesses">How many it may still make.</param>
    /// <param name="value">What is read of the card then.</param>
    /// <returns>False when the call makes no more than those.</returns>
    private bool IsPulledIn(NicCall call, int accesses, ulong value)
    {
        using TCard card = CreateCard(OwnText);
        card.RemovedValue = value;
        bool wasPulled;
        using (DrivenCard driven = new(card, NewDriver()))
        {
            driven.Prepare(call);
            card.AccessesUntilRemoved = accesses;
            EFI_STATUS status = driven.Call(call);
            wasPulled = card.IsRemoved;
            Assert.True(wasPulled || status == EFI_STATUS.EFI_SUCCESS || call == NicCall.NvData, $"{call}: status {status.Value:x}");
            card.IsRemoved = true;
            driven.GoOn();
        }

        Assert.Empty(card.Faults);
        Assert.True(call == NicCall.ExitBootServices || card.AllocationCount + card.MappingCount == 0, $"{call}, access {accesses}");
        return wasPulled;
    }

    /// <summary>The driver of the card.</summary>
    protected abstract Driver NewDriver();
}
