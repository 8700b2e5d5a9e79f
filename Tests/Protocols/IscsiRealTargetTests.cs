using System;
using System.IO;
using System.Threading.Tasks;
using NetBoot.Boot.App.Digests;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Servers;
using NetBoot.NetworkStack.Protocols.Iscsi;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Protocols;

/// <summary>Targets that we did not write: Debian's tgt and istgt.</summary>
public sealed class IscsiRealTargetTests : IAsyncLifetime
{
    private const string Secret = "a secret of ours";
    private const string OtherSecret = "a secret of theirs";

    private readonly byte[] _content = new byte[8 << 20];
    private readonly PeerWire _wire = new PeerWire().Configured();
    private readonly TemporaryDirectory _directory = new();
    private TgtServer? _server;
    private PeerBridge? _bridge;

    private string DiskFile => _directory.Combine("disk");

    public async Task InitializeAsync()
    {
        new Random(5).NextBytes(_content);
        await File.WriteAllBytesAsync(DiskFile, _content);
        _server = await TgtServer.StartAsync(DiskFile);
        _bridge = new PeerBridge(_wire, _wire.AddHost("192.0.2.1"), 3260, _server.Port);
    }

    public async Task DisposeAsync()
    {
        _bridge?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _directory.Dispose();
    }

    [Fact]
    public async Task Disk_OfTgt_IsReadAndWritten_WithDigestsAndWithout()
    {
        foreach (bool hasDigests in new[] { false, true })
        {
            if (hasDigests)
            {
                await _server!.DemandDigestsAsync();
            }

            using IscsiDisk? disk = Open(null, null, null, out Error? error);
            PeerWire.Assert(error);
            Assert.Equal(hasDigests ? 3 : 0, disk!.Digests);
            ReadAndWrite(disk, DiskFile, hasDigests ? 7 : 8);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disk_OfIstgt_IsReadAndWritten_WithDigestsAndChapBothWaysAndWithout(bool isDemanding)
    {
        await using IstgtServer server = await IstgtServer.StartAsync(DiskFile, isDemanding ? $"\"me\" \"{Secret}\" \"target\" \"{OtherSecret}\"" : null);
        using PeerBridge bridge = new(_wire, _wire.AddHost("192.0.2.2"), 3260, server.Port);
        using (IscsiDisk? disk = OpenIstgt(Secret, OtherSecret, out Error? error))
        {
            PeerWire.Assert(error);
            Assert.Equal(isDemanding ? 3 : 0, disk!.Digests);
            ReadAndWrite(disk, DiskFile, 9);
        }

        if (isDemanding)
        {
            Assert.Null(OpenIstgt("wrong wrong wrong", OtherSecret, out Error? refused));
            Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, refused!.Status);
            Assert.Null(OpenIstgt(Secret, "wrong wrong wrong", out refused));
            Assert.EndsWith("the target's proof is wrong: another reverse-password (mutual CHAP)", refused!.Message);
        }

        IscsiDisk? OpenIstgt(string secret, string other, out Error? error) => Open(
            isDemanding ? secret : null, isDemanding ? "target" : null, isDemanding ? other : null, out error, 0, IstgtServer.Target, 2);
    }

    private void ReadAndWrite(IscsiDisk disk, string file, int seed)
    {
        Assert.Equal((512, (ulong)_content.Length / 512), (disk.BlockSize, disk.BlockCount));
        AssertRead(disk, 0, _content.Length / 512);
        AssertRead(disk, 16383, 1);
        new Random(seed).NextBytes(_content.AsSpan(512 * 100, 512 * 999));
        foreach ((int block, int count) in new[] { (100, 1), (101, 998) })
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, disk.Write((ulong)block, _content.AsSpan(block * 512, count * 512)));
        }

        Assert.Equal(EFI_STATUS.EFI_SUCCESS, disk.Flush());
        Assert.Equal(_content, File.ReadAllBytes(file));
        AssertRead(disk, 0, 2000);
        disk.Leave();
        Assert.Equal(0u, disk.Losses);
    }

    [Fact]
    public async Task Disk_OfTgt_WithChapBothWays_KnowsRightFromWrong()
    {
        await _server!.DemandAsync("me", Secret);
        await _server.ProveAsync("target", OtherSecret);
        using (IscsiDisk? disk = Open(Secret, "target", OtherSecret, out Error? error))
        {
            PeerWire.Assert(error);
            AssertRead(disk!, 5, 50);
        }

        Assert.Null(Open("wrong", null, null, out Error? refused));
        Assert.EndsWith("login refused: authentication failed (status 0201); username or password is wrong", refused!.Message);
        Assert.Null(Open(Secret, "target", "wrong", out refused));
        Assert.EndsWith("the target's proof is wrong: another reverse-password (mutual CHAP)", refused!.Message);
        Assert.Null(Open(null, null, null, out refused));
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, refused!.Status);
    }

    [Fact]
    public void Disk_OfTgt_ThatIsNotThere_IsNamed()
    {
        Assert.Null(Open(null, null, null, out Error? refused, lun: 7));
        Assert.EndsWith("LUN 7 does not exist (the target has 0, 1)", refused!.Message);
        Assert.Null(Open(null, null, null, out refused, target: "iqn.2024-01.test:none"));
        Assert.EndsWith("login refused: target not found (status 0203)", refused!.Message);
    }

    private IscsiDisk? Open(
        string? password, string? reverse, string? reversePassword, out Error? error, ulong lun = 1, string target = TgtServer.Target, byte host = 1)
    {
        IscsiInitiator initiator = new()
        {
            Name = "iqn.2010-04.org.ipxe:test",
            Hashes = new Hashes(),
            ReverseUser = reverse,
            ReversePassword = reversePassword,
        };
        IscsiPath path = new()
        {
            Portal = new IPEndpoint(new IPv4Address(192, 0, 2, host), 3260),
            Target = target,
            Lun = lun << 48,
            User = password is null ? null : "me",
            Password = password,
        };
        return IscsiDisk.Open(_wire.Network, _wire, initiator, [path], out error);
    }

    private void AssertRead(IscsiDisk disk, int block, int count)
    {
        byte[] data = new byte[count * 512];
        EFI_STATUS status = disk.Read((ulong)block, data);
        Assert.True(status == EFI_STATUS.EFI_SUCCESS, $"{status}: {disk.Failure}");
        Assert.True(_content.AsSpan(block * 512, data.Length).SequenceEqual(data), "other content");
    }
}
