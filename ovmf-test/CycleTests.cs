using System.Threading.Tasks;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>A driver can come and go for ever: no memory is lost.</summary>
public sealed class CycleTests : FirmwareTest
{
    [Theory]
    [MemberData(nameof(CardRows.Interfaces), MemberType = typeof(CardRows))]
    public Task Driver_AfterLoadsConnectsReconnectsAndUnloads_LeavesAllMemory(string nic) => CycleAsync(Architecture.X64, CardCatalogue.Find(nic)!);
}
