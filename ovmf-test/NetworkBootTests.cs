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

/// <summary>The same with GRUB.</summary>
public sealed class GrubTests : NetworkBootTest
{
    [Theory]
    [MemberData(nameof(CardRows.FirstInterfaces), MemberType = typeof(CardRows))]
    public Task Grub_BootsByPxe(string nic) => BootGrubByPxeAsync(Architecture.X64, CardCatalogue.Find(nic)!);
}

/// <summary>The same with firmware's HTTP boot.</summary>
public sealed class HttpBootTests : NetworkBootTest
{
    [Theory]
    [MemberData(nameof(CardRows.FirstInterfaces), MemberType = typeof(CardRows))]
    public Task HttpBoot_StartsAnImage(string nic) => BootIpxeByHttpAsync(Architecture.X64, CardCatalogue.Find(nic)!);
}
