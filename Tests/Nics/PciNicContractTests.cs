using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Nics;

/// <summary>What every driver of a NIC on PCI keeps to, which may be pulled at any time: from then on all that is read is ones.</summary>
public abstract class PciNicContractTests<TCard> : NicContractTests<TCard> where TCard : SimulatedNic
{
    /// <summary>At each access to a register in turn. A card that is gone writes no memory any more: all of it is given back.</summary>
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
        bool wasPulled = true;
        for (int accesses = 0; wasPulled; accesses++)
        {
            using TCard card = CreateCard(OwnText);
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
        }
    }

    /// <summary>The driver of the card.</summary>
    protected abstract Driver NewDriver();
}
