using System;
using System.Linq;
using System.Text;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Images;
using NetBoot.NetworkStack.Protocols.San;
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
    private readonly PeerHost _host;
    private readonly Loop _loop;
    private readonly Session _session;
    private readonly IscsiTarget _target;
    private readonly RangeServer _server;

    public SanCommandTests()
    {
        _host = _wire.AddHost("192.0.2.1");
        _server = new RangeServer(_host, 3 << 20);
        _target = new IscsiTarget(_host, new byte[1 << 20]);
        _loop = new Loop(_wire);
        _session = new Session(_platform, _terminal, _loop, _wire.Network);
        _session.Interfaces.Add(new BootInterface(_wire.Interface, "test"));
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

    [Fact]
    public void Iscsi_IsHookedAsTheSettingsSay_AndItsTableIsThereAsLongAsItIs()
    {
        _target.User = "me";
        _target.Password = "my secret phrase";
        _target.ReverseUser = "target";
        _target.ReversePassword = "other secret";
        _ = new IscsiTarget(_host, new byte[1 << 20], 3261)
        {
            Identity = "disk two",
            User = _target.User,
            Password = _target.Password,
            ReverseUser = _target.ReverseUser,
            ReversePassword = _target.ReversePassword,
        };

        Assert.True(Run($"""
            set hostname box
            set username me
            set password my secret phrase
            set reverse-username target
            set reverse-password other secret
            sanhook iscsi:192.0.2.1:::1:{IscsiTarget.Name}
            sanhook --drive 0x81 iscsi:192.0.2.1::3261:1:{IscsiTarget.Name}
            """).IsSuccess, _terminal.Output);

        Assert.Equal("iqn.2010-04.org.ipxe:box", _target.Connections[0].Keys["InitiatorName"]);
        Assert.Contains($"Registered SAN device 0x80: iscsi:192.0.2.1:::1:{IscsiTarget.Name}, 1", _terminal.Output);
        Assert.Contains("my secret phrase", Encoding.Latin1.GetString(Assert.Single(_platform.AddedTables)));
        Assert.True(Run("sanunhook --drive 0x81").IsSuccess);
        Assert.Single(_platform.AddedTables);
        Assert.True(Run("sanunhook").IsSuccess);
        Assert.Empty(_platform.AddedTables);
    }

    [Theory]
    [InlineData("set initiator-iqn iqn.2000-01.test:own\n", "iqn.2000-01.test:own")]
    [InlineData("", "iqn.2010-04.org.ipxe:00112233-4455-6677-8899-aabbccddeeff")]
    [InlineData("echo\n", "iqn.2010-04.org.ipxe:52:54:00:00:00:01")]
    public void Iscsi_SaysWhoTheMachineIs(string lines, string name)
    {
        if (lines.Length == 0)
        {
            _platform.SmbiosTable = SmbiosSample.Table;
        }

        Assert.True(Run(lines + $"sanboot iscsi:192.0.2.1:::1:{IscsiTarget.Name}").IsSuccess, _terminal.Output);
        Assert.Equal(name, _target.Connections[0].Keys["InitiatorName"]);
        Assert.Empty(_platform.AddedTables);
    }

    [Theory]
    [InlineData("set hostname x\nsanhook {0} http://192.0.2.1/d.iso", "one disk cannot be by iSCSI and by HTTP")]
    [InlineData("set hostname x\nsanhook http://192.0.2.1/d.iso {0}", "one disk cannot be by iSCSI and by HTTP")]
    [InlineData("set hostname x\nsanhook iscsi:192.0.2.1::x::t", "iSCSI root path: the port \"x\" is not a number from 1 to 65535")]
    [InlineData("set hostname x\nsanhook iscsi:192.0.2.1:::7:iqn.2024-01.test:disk", "LUN 7 does not exist (the target has ")]
    [InlineData("set hostname x\nsanhook iscsi:a:b@192.0.2.1::99:1:t", "iSCSI 192.0.2.1:99 t: ")]
    public void Iscsi_ThatCannotBe_IsRefused_AndNothingIsHooked(string lines, string sentence)
    {
        _platform.AddTableResult = EFI_STATUS.EFI_DEVICE_ERROR;

        Assert.False(Run(string.Format(lines, $"iscsi:192.0.2.1:::1:{IscsiTarget.Name}")).IsSuccess);

        Assert.Contains(sentence, _terminal.Output);
        Assert.DoesNotContain("a:b@", _terminal.Output);
        Assert.Empty(_platform.SanDisks);
        Assert.Equal(0, _session.San.Count);
    }

    [Theory]
    [InlineData(true, "The operating system is not told of it: the firmware takes no tables of ACPI (EFI_ACPI_TABLE_PROTOCOL)")]
    [InlineData(false, "The operating system is not told of it: the firmware does not take the iBFT: Out of Resources")]
    public void Table_ThatTheFirmwareDoesNotTake_IsSaid_AndTheDiskIsThere(bool isUnsupported, string sentence)
    {
        _platform.AddTableResult = isUnsupported ? EFI_STATUS.EFI_UNSUPPORTED : EFI_STATUS.EFI_OUT_OF_RESOURCES;

        Assert.True(Run($"set hostname x\nsanhook iscsi:192.0.2.1:::1:{IscsiTarget.Name}").IsSuccess, _terminal.Output);

        Assert.Contains(sentence, _terminal.Output);
        Assert.Equal(1, _session.San.Count);
    }

    [Theory]
    [InlineData("sanboot http://me:secret@192.0.2.1/d.iso", "Registered SAN device 0x80: http://me:***@192.0.2.1/d.iso")]
    [InlineData("ramdisk --no-boot http://me:secret@192.0.2.1/d.iso", "Registered SAN device 0x80: http://me:***@192.0.2.1/d.iso")]
    [InlineData("set hostname x\nsanboot iscsi:me:p@secret@192.0.2.1:::1:iqn.2024-01.test:disk", "Registered SAN device 0x80: iscsi:192.0.2.1:::1:")]
    public void Password_OfADisk_IsNotShown(string lines, string said)
    {
        _platform.Files["http://me:secret@192.0.2.1/d.iso"] = new byte[512];

        Assert.True(Run(lines).IsSuccess, _terminal.Output);

        Assert.Contains(said, _terminal.Output);
        Assert.DoesNotContain("secret", _terminal.Output);
        Assert.DoesNotContain("secret", string.Join(',', _platform.SanDisks));
    }

    [Theory]
    [InlineData("iscsi:192.0.2.1:::1:iqn.2024-01.test:disk", "iscsi:192.0.2.1::3261:1:iqn.2024-01.test:disk")]
    [InlineData("http://192.0.2.1/d.iso", "http://192.0.2.1/d.iso")]
    public void DiskThatIsHooked_IsNotHookedASecondTime(string first, string second)
    {
        _ = new IscsiTarget(_host, new byte[1 << 20], 3261);

        Assert.False(Run($"sanhook {first}\nsanhook --drive 0x81 {second}").IsSuccess);

        Assert.Contains($"sanhook: drive 0x80 is that disk already: {first} (sanunhook frees it)", _terminal.Output);
        Assert.Equal(1, _session.San.Count);
        Assert.Single(_platform.SanDisks, each => each.StartsWith("show"));
        Assert.True(Run($"sanunhook\nsanhook --drive 0x81 {second}").IsSuccess);
    }

    /// <summary>Lines, and the ports of the table's targets then.</summary>
    [Theory]
    [InlineData("sanhook {0} {1}", "3260 3261")]
    [InlineData("sanhook {2} {1} {0}", "3261 3260")] // The first has failed.
    [InlineData("sanhook {0} {2}", "3260 3262")] // It was not tried.
    [InlineData("sanhook {0} {1}\nsanhook --drive 0x81 {1} {0}", "3260 3261")]
    [InlineData("sanhook {0}\nsanhook --drive 0x81 {1}\nsanunhook", "3261 0")]
    [InlineData("sanhook --no-describe {0} {1}\nsanhook --drive 0x81 {1}", "3261 0")]
    [InlineData("sanhook {0}\nset initiator-iqn iqn.2000-01.test:x\nsanhook --drive 0x81 {1}", "3260 0", "(initiator-iqn)")]
    [InlineData("sanhook {0}\nsanhook -d 0x81 {1}\nsanhook -d 0x82 {3}", "3260 3261", "The operating system is not told of it: an iBFT has room for two")]
    public void Table_HasTheFirstDisks_AndThenOtherWaysToThem(string lines, string ports, string said = "")
    {
        _ = new IscsiTarget(_host, new byte[1 << 20], 3261) { Identity = "disk two" };
        _ = new IscsiTarget(_host, new byte[1 << 20], 3263) { Identity = "disk three" };
        object[] paths = [.. new[] { 3260, 3261, 3262, 3263 }.Select(port => $"iscsi:192.0.2.1::{port}:1:{IscsiTarget.Name}")];

        Assert.True(Run(string.Format("set hostname x\n" + lines, paths)).IsSuccess, _terminal.Output);

        byte[] table = Assert.Single(_platform.AddedTables);
        int U16(int at) => table[at] | (table[at + 1] << 8);
        Assert.Equal(ports, $"{U16(U16(60) + 22)} {(U16(64) == 0 ? 0 : U16(U16(64) + 22))}");
        Assert.Contains(said, _terminal.Output);
        Assert.Equal(said.Length > 0, _terminal.Output.Contains("not told"));
        _session.San.Dispose();
        Assert.Empty(_platform.AddedTables);
    }

    /// <summary>Each way in which a disk by iSCSI ends.</summary>
    [Theory]
    [InlineData("sanboot {0}", false)]
    [InlineData("sanhook {0}\nsanunhook", false)]
    [InlineData("set keep-san 1\nsanboot {0}", true)]
    public void Iscsi_ThatIsGivenUp_LogsOut(string lines, bool isKept)
    {
        Assert.True(Run(string.Format(lines, $"iscsi:192.0.2.1:::1:{IscsiTarget.Name}")).IsSuccess, _terminal.Output);
        Assert.Equal(!isKept, _target.Pdus.Exists(each => each.Opcode == 6));

        _session.San.End();

        Assert.Equal(0, _session.San.Count);
        Assert.Single(_target.Pdus, each => each.Opcode == 6);
        _wire.RunOnce();
        Assert.All(_target.Connections, each => Assert.True(each.Peer.IsGone));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Iscsi_WhoseTargetSaysNothingToALogout_IsGivenUpAfterAMoment(bool isStopped)
    {
        Assert.True(Run($"sanhook iscsi:192.0.2.1:::1:{IscsiTarget.Name}").IsSuccess, _terminal.Output);
        ulong asked = 0;
        _target.Intercept = (_, pdu) =>
        {
            asked = pdu.Opcode == 6 ? _wire.Now : asked;
            _loop.IsStopped = isStopped;
            return true;
        };

        Assert.True(Run("sanunhook").IsSuccess);

        Assert.InRange(_wire.Now - asked, isStopped ? 0u : 2_000_000u, isStopped ? 100_000u : 2_100_000u);
        Assert.Equal(0, _session.San.Count);
        Assert.Equal("hide 0x80", _platform.SanDisks[1]);
    }

    [Fact]
    public void Iscsi_WithoutMemoryForItsCache_LogsInNowhere()
    {
        Arena.LimitOnThread = CachedDisk.Room; // Less than the disk as a whole.
        try
        {
            Assert.False(Run($"sanhook iscsi:192.0.2.1:::1:{IscsiTarget.Name}").IsSuccess);
        }
        finally
        {
            Arena.LimitOnThread = 0;
        }

        Assert.Contains("out of memory", _terminal.Output);
        Assert.Empty(_target.Connections);
        Assert.True(Run($"sanhook iscsi:192.0.2.1:::1:{IscsiTarget.Name}").IsSuccess, _terminal.Output);
    }

    [Theory]
    [InlineData("iscsi:192.0.2.1::99:1:", "iscsi:192.0.2.1::3260:1:", IscsiTarget.Name, "iSCSI 192.0.2.1:99 " + IscsiTarget.Name + ": ")]
    [InlineData("http://192.0.2.1:99/", "http://192.0.2.1/", "d.iso", "HTTP http://192.0.2.1:99/d.iso: ")]
    public void Way_ThatDoesNotWork_IsSaid_AndTheOneInUseIsShown(string bad, string good, string name, string sentence)
    {
        Assert.True(Run($"sanhook {bad}{name} {good}{name}").IsSuccess, _terminal.Output);

        Assert.StartsWith(sentence, _terminal.Output);
        Assert.Contains($"\nRegistered SAN device 0x80: {good}{name}, ", _terminal.Output);
        Assert.Equal(2, _terminal.Output.TrimEnd().Split('\n').Length);
        string said = _terminal.Output;
        Assert.False(Run($"sanhook -d 0x81 {bad}1 {bad}2").IsSuccess);
        Assert.Equal(2, _terminal.Output[said.Length..].TrimEnd().Split('\n').Length);
    }

    [Theory]
    [InlineData("{0} iscsi:192.0.2.1::x::t", "sanhook: root path 2 of 2: iSCSI root path: the port \"x\"")]
    [InlineData("{0} iscsi:fe80::1::::t", "sanhook: root path 2 of 2: ")]
    [InlineData("iscsi:fe80::1::::t", " (an address of IPv6 stands in brackets)")]
    public void RootPath_ThatIsWrong_IsNamed(string paths, string sentence)
    {
        Assert.False(Run($"sanhook {string.Format(paths, $"iscsi:192.0.2.1:::1:{IscsiTarget.Name}")}").IsSuccess);

        Assert.Contains(sentence, _terminal.Output);
    }

    [Theory]
    [InlineData("\"v1\"", false)]
    [InlineData(null, true)]
    public void Server_WhoseFileCouldChangeUnnoticed_IsSaid(string? tag, bool isSaid)
    {
        _server.Tag = tag;

        Assert.True(Run("sanhook http://192.0.2.1/d.iso").IsSuccess, _terminal.Output);

        Assert.Equal(isSaid, _terminal.Output.EndsWith("\nIts server gives neither ETag nor Last-Modified: a change of the file there goes unnoticed\n"));
    }

    [Fact]
    public void NoDescribe_LeavesTheTableOut()
    {
        Assert.True(Run($"set hostname x\nsanhook --no-describe iscsi:192.0.2.1:::1:{IscsiTarget.Name}").IsSuccess, _terminal.Output);

        Assert.Empty(_platform.AddedTables);
    }

    [Theory]
    [InlineData("ramdisk http://192.0.2.1/d.iso", "show 0x80 http://192.0.2.1/d.iso,boot 0x80 file= extra= label=,hide 0x80")]
    [InlineData("ramdisk -d 0x81 -k -f x http://192.0.2.1/d.iso", "show 0x81 http://192.0.2.1/d.iso,boot 0x81 file=x extra= label=")]
    [InlineData("ramdisk --no-boot http://192.0.2.1/d.iso\nsanunhook", "show 0x80 http://192.0.2.1/d.iso,hide 0x80")]
    public void RamDisk_IsLoadedOnce_IntoReservedMemory_AndBooted(string lines, string expected)
    {
        long before = _platform.PagesInUse;
        long most = _platform.MostPagesInUse;
        _platform.Files["http://192.0.2.1/d.iso"] = new byte[100_000];

        Assert.True(Run(lines).IsSuccess, _terminal.Output);

        Assert.Equal(expected, string.Join(',', _platform.SanDisks));
        Assert.Equal(25u, _platform.ReservedPages);
        Assert.True(_platform.MostPagesInUse <= Math.Max(most, before + 25 + 1));
        _session.San.Dispose();
        Assert.Equal(before, _platform.PagesInUse);
    }

    [Theory]
    [InlineData("ramdisk http://192.0.2.1/empty", 0, "ramdisk: empty: 0 bytes are no disk")]
    [InlineData("ramdisk http://192.0.2.1/d.iso", 511, "ramdisk: d.iso: 511 bytes are no disk")]
    [InlineData("sanhook http://192.0.2.1/d.iso\nramdisk http://192.0.2.1/d.iso", 5, "drive 0x80 is http://192.0.2.1/d.iso (sanunhook frees it)")]
    [InlineData("imgtrust\nramdisk http://192.0.2.1/d.iso", 5, "trust")]
    public void RamDisk_ThatCannotBe_IsRefused_AndTakesNoMemory(string lines, int length, string sentence)
    {
        long before = _platform.PagesInUse;
        _platform.Files["http://192.0.2.1/d.iso"] = _platform.Files["http://192.0.2.1/empty"] = new byte[length];

        Assert.False(Run(lines).IsSuccess);

        Assert.Contains(sentence, _terminal.Output);
        Assert.Equal(before, _platform.PagesInUse);
    }

    [Theory]
    [InlineData(false, 513, 512, 2u)]
    [InlineData(true, 40_001, 2048, 20u)]
    public unsafe void RamDisk_IsWhatWasLoaded_InWholeBlocks(bool isCd, int length, int blockSize, ulong blocks)
    {
        byte[] content = new byte[length];
        new Random(1).NextBytes(content);
        if (isCd)
        {
            "CD001"u8.CopyTo(content.AsSpan(0x8001));
        }

        Image image = Image.Create(_platform, "d", "http://192.0.2.1/d", isReserved: true);
        image.Content.Begin((ulong)length);
        image.Content.Write(content);
        using RamDisk disk = new(image);

        Assert.Equal((blockSize, blocks, isCd), (disk.BlockSize, disk.BlockCount, disk.IsReadOnly));
        byte[] read = new byte[disk.Size];
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, disk.Read(0, read));
        Assert.Equal([.. content, .. new byte[read.Length - length]], read);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, disk.Write(blocks - 1, new byte[blockSize]));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, disk.Read(blocks - 1, read.AsSpan(0, blockSize)));
        Assert.Equal(new byte[blockSize], read[..blockSize]);
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
        /// <summary>The user says Ctrl-C, from now on.</summary>
        public bool IsStopped { get; set; }

        public override ulong Now => wire.Now;

        public override bool RunOnce() => wire.RunOnce() && !IsStopped;
    }
}
