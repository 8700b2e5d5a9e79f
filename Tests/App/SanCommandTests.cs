using System;
using System.Text;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>sanhook, sanboot and sanunhook: what they ask the machine for.</summary>
public sealed class SanCommandTests : IDisposable
{
    private readonly PeerWire _wire = new PeerWire().Configured();
    private readonly TestPlatform _platform = new();
    private readonly TestTerminal _terminal = new();
    private readonly Session _session;

    public SanCommandTests()
    {
        PeerHost host = _wire.AddHost("192.0.2.1");
        _ = new RangeServer(host, 3 << 20);
        _session = new Session(_platform, _terminal, new Loop(_wire), _wire.Network);
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void SanBoot_OfAUri_HooksBootsAndUnhooks()
    {
        Assert.True(Run("sanboot --no-describe --filename \\x.efi --extra y http://192.0.2.1/d.iso").IsSuccess);

        Assert.Equal(
            ["show 0x80 http://192.0.2.1/d.iso", "boot 0x80 file=\\x.efi extra=y label=", "hide 0x80"], _platform.SanDisks);
        Assert.Contains("Registered SAN device 0x80: http://192.0.2.1/d.iso, 3", _terminal.Output);
        Assert.Contains("Unregistered SAN device 0x80", _terminal.Output);
    }

    [Theory]
    [InlineData("sanboot --keep --drive 0x82 http://192.0.2.1/d.iso")]
    [InlineData("set keep-san 1\nsanboot -d 0x82 http://192.0.2.1/d.iso")]
    [InlineData("set san-drive 0x82\nsanhook http://192.0.2.1/d.iso\nsanboot")]
    [InlineData("sanhook --drive 0x82 http://192.0.2.1/d.iso http://192.0.2.1/other.iso\nsanboot -d 0x82")]
    public void Disk_ThatIsKept_StaysUntilItIsUnhooked(string lines)
    {
        Assert.True(Run(lines).IsSuccess);

        Assert.Equal(["show 0x82 http://192.0.2.1/d.iso", "boot 0x82 file= extra= label="], _platform.SanDisks);
        Assert.True(Run("sanunhook --drive 0x82").IsSuccess);
        Assert.Equal("hide 0x82", _platform.SanDisks[2]);
        Assert.Equal(0, _session.San.Count);
    }

    [Fact]
    public void SanFilename_IsTheFile_WhereNoOptionSaysAnother()
    {
        Assert.True(Run("set san-filename /boot.efi\nsanhook http://192.0.2.1/d.iso\nsanboot\nsanboot --filename z").IsSuccess);

        Assert.Equal(["boot 0x80 file=/boot.efi extra= label=", "boot 0x80 file=z extra= label="], _platform.SanDisks.GetRange(1, 2));
    }

    [Fact]
    public void Drive_ThatIsTaken_IsNotTakenAgain()
    {
        Assert.True(Run("sanhook http://192.0.2.1/d.iso").IsSuccess);

        Assert.False(Run("sanboot http://192.0.2.1/other.iso").IsSuccess);

        Assert.Contains("drive 0x80 is http://192.0.2.1/d.iso (sanunhook frees it)", _terminal.Output);
        Assert.Single(_platform.SanDisks);
    }

    [Fact]
    public void BootThatFails_SaysWhichDevice_AndIsUnhooked()
    {
        _platform.SanResult = new Error(EFI_STATUS.EFI_NOT_FOUND, "there is nothing to boot on it");

        Assert.False(Run("sanboot http://192.0.2.1/d.iso").IsSuccess);

        Assert.Contains("sanboot: SAN device 0x80: there is nothing to boot on it", _terminal.Output);
        Assert.Equal(0, _session.San.Count);
    }

    [Fact]
    public void ServerThatIsNotThere_IsAnError_AndNothingIsHooked()
    {
        Assert.False(Run("sanhook http://192.0.2.1:99/d.iso").IsSuccess);

        Assert.Contains("sanhook: HTTP http://192.0.2.1:99/d.iso: ", _terminal.Output);
        Assert.Empty(_platform.SanDisks);
        Assert.Equal(0, _session.San.Count);
    }

    private EFI_STATUS Run(string lines)
    {
        byte[] content = Encoding.Latin1.GetBytes("#!ipxe\n" + lines);
        Image image = Image.Create(_platform, "boot.ipxe", "http://server/dir/boot.ipxe");
        image.Content.Begin((ulong)content.Length);
        image.Content.Write(content);
        image.IsAutoFree = true;
        _session.Images.Add(image);
        return _session.Execute(image)?.Status ?? EFI_STATUS.EFI_SUCCESS;
    }

    private sealed class Loop(PeerWire wire) : ApplicationEventLoop
    {
        public override ulong Now => wire.Now;

        public override bool RunOnce() => wire.RunOnce();
    }
}
