using NetBoot.Boot.App.Platforms;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>Whether a machine is a hypervisor's, by its SMBIOS tables.</summary>
[Collection("Firmware")]
public class HypervisorTests
{
    [Theory]
    [InlineData(0x1C, true)]
    [InlineData(0x0C, false)]
    public void BiosInformation_TellsWhetherTheMachineIsVirtual(byte extension, bool expected)
    {
        byte[] table = new byte[0x18 + 2];
        table[1] = 0x18;
        table[0x13] = extension;
        Assert.Equal(expected, Hypervisor.IsPresent(table));
    }

    [Fact]
    public void BiosInformation_ThatIsShortOrNotThere_TellsNothing()
    {
        byte[] table = new byte[0x13 + 2];
        table[1] = 0x13;
        Assert.False(Hypervisor.IsPresent(table));
        Assert.False(Hypervisor.IsPresent([]));
    }
}
