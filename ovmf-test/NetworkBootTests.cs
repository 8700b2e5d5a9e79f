using System.Threading.Tasks;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>Firmware's PXE and iPXE on the SNP of each of our drivers. A card that the firmware knows too is ours before it looks.</summary>
public sealed class IpxeTests : NetworkBootTest
{
    [Theory]
    [MemberData(nameof(CardRows.FirstInterfaces), MemberType = typeof(CardRows))]
    public Task Ipxe_BootsByPxe(string nic) => BootIpxeByPxeAsync(Architecture.X64, CardCatalogue.Find(nic)!);
}

/// <summary>The same with GRUB; what it asks of an SNP, iPXE asks of each card's.</summary>
public sealed class GrubTests : NetworkBootTest
{
    [Theory]
    [InlineData(CardRole.Undriven)]
    [InlineData(CardRole.OtherUndriven)]
    public Task Grub_BootsByPxe(CardRole nic) => BootGrubByPxeAsync(Architecture.X64, CardCatalogue.Get(nic));
}

/// <summary>The same with firmware's HTTP boot.</summary>
public sealed class HttpBootTests : NetworkBootTest
{
    [Theory]
    [InlineData(CardRole.Undriven)]
    [InlineData(CardRole.OtherUndriven)]
    public Task HttpBoot_StartsAnImage(CardRole nic) => BootIpxeByHttpAsync(Architecture.X64, CardCatalogue.Get(nic));
}
