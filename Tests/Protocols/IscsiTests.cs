using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.Boot.App.Digests;
using NetBoot.NetworkStack.Protocols.Iscsi;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Network;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Protocols;

/// <summary>Disks by iSCSI, of targets that do right and wrong. Every read is compared.</summary>
public sealed class IscsiTests : IDisposable
{
    private const int Blocks = 8192;

    private readonly PeerWire _wire = new PeerWire().Configured();
    private readonly PeerHost _host;
    private readonly IscsiTarget _target;
    private readonly byte[] _content = Content(Blocks * 512);
    private IscsiDisk? _disk;

    public IscsiTests()
    {
        _host = _wire.AddHost("192.0.2.1");
        _target = new IscsiTarget(_host, [.. _content]);
    }

    public void Dispose() => _disk?.Dispose();

    [Theory]
    [InlineData("None", true, 65536)]
    [InlineData("None", false, 512)]
    [InlineData("CRC32C", true, 65536)]
    [InlineData("CRC32C", false, 1000)]
    public void Read_OfAnySize_IsTheDisksContent(string digest, bool hasStatusInData, int segment)
    {
        _target.Answers["HeaderDigest"] = digest;
        _target.Answers["DataDigest"] = digest;
        _target.HasStatusInData = hasStatusInData;
        _target.Segment = segment;
        Open();
        Assert.Equal(512, _disk!.BlockSize);
        Assert.Equal((ulong)Blocks, _disk.BlockCount);
        Assert.False(_disk.IsReadOnly);
        Assert.Equal(digest == "None" ? 0 : 3, _disk.Digests);
        foreach ((ulong block, int count) in new (ulong, int)[] { (0, 1), (1, 7), (0, Blocks), (Blocks - 1, 1), (100, 2049), (5, 0) })
        {
            AssertRead(block, count);
        }

        Assert.Single(_target.Connections);
        Assert.Equal(0u, _disk.Losses);
    }

    [Theory]
    [InlineData("Yes", "Yes", "65536", "262144", "None")]
    [InlineData("Yes", "No", "65536", "262144", "None")]
    [InlineData("No", "Yes", "65536", "262144", "CRC32C")]
    [InlineData("No", "No", "4096", "8192", "None")]
    [InlineData("No", "No", "512", "512", "CRC32C")]
    [InlineData("No", "Yes", "512", "65536", "None")]
    public void Write_HoweverItsDataGoes_IsOnTheDisk(string immediate, string initialR2T, string firstBurst, string burst, string digest)
    {
        _target.Answers["ImmediateData"] = immediate;
        _target.Answers["InitialR2T"] = initialR2T;
        _target.Answers["FirstBurstLength"] = firstBurst;
        _target.Answers["MaxBurstLength"] = burst;
        _target.Answers["HeaderDigest"] = digest;
        _target.Answers["DataDigest"] = digest;
        Open();
        byte[] data = Content(600 * 512, 9);
        foreach ((ulong block, int count) in new (ulong, int)[] { (7, 1), (1000, 600) })
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, _disk!.Write(block, data.AsSpan(0, count * 512)));
            data.AsSpan(0, count * 512).CopyTo(_content.AsSpan((int)block * 512));
        }

        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _disk!.Flush());
        Assert.Equal(_content, _target.Disk);
        AssertRead(0, Blocks);
    }

    [Fact]
    public void Login_SaysWhoWeAre_AndWhatWeWant()
    {
        Open();
        IscsiTargetConnection connection = Assert.Single(_target.Connections);
        Assert.Equal("iqn.2010-04.org.ipxe:test", connection.Keys["InitiatorName"]);
        Assert.Equal("Normal", connection.Keys["SessionType"]);
        Assert.Equal("None", connection.Keys["AuthMethod"]);
        Assert.Equal("None,CRC32C", connection.Keys["HeaderDigest"]);
        Assert.Equal("0", connection.Keys["ErrorRecoveryLevel"]);
        Assert.Equal(1, _disk!.PortalGroup);
        Assert.True(_disk.Uses(_wire.Interface));
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(6, false)]
    [InlineData(7, false)]
    [InlineData(5, true)]
    [InlineData(6, true)]
    [InlineData(7, true)]
    public void Chap_WithTheRightSecrets_LetsUsIn(int algorithm, bool isMutual)
    {
        DemandChap(algorithm);
        Open(isMutual ? "target" : null, isMutual ? "other secret" : "", Path("me", "my secret phrase"));
        AssertRead(3, 5);
    }

    [Theory]
    [InlineData("me", "wrong", null, "", "login refused: authentication failed (status 0201); username or password is wrong")]
    [InlineData("you", "my secret phrase", null, "", "login refused: authentication failed (status 0201); username or password is wrong")]
    [InlineData(null, null, null, "", "login refused: authentication failed (status 0201); no username is set")]
    [InlineData("me", null, null, "", "login refused: authentication failed (status 0201); no password is set")]
    [InlineData("me", "", null, "", "login refused: authentication failed (status 0201); no password is set")]
    [InlineData("me", "wrong", "target", "other secret", "; username or password is wrong, or the target has no account to prove itself (reverse-username, reverse-password)", true)]
    [InlineData("me", "my secret phrase", null, "other secret", "reverse-password needs a reverse-username too (mutual CHAP)")]
    [InlineData("me", "my secret phrase", "target", "wrong", "the target's proof is wrong: another reverse-password (mutual CHAP)")]
    [InlineData("me", "my secret phrase", "someone", "other secret", "the target proved another name than reverse-username (mutual CHAP)")]
    [InlineData(null, null, "target", "other secret", "reverse-username needs a username too (mutual CHAP)")]
    public void Chap_ThatIsWrong_SaysWhatIs(string? user, string? password, string? reverse, string reversePassword, string sentence, bool isLoose = false)
    {
        DemandChap(5);
        AssertNoDisk(EFI_STATUS.EFI_ACCESS_DENIED, sentence, reverse, reversePassword, Path(user, password), isLoose);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nServer: a server of the web\r\n\r\n")]
    [InlineData("<!DOCTYPE HTML>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")]
    public void Server_OfSomethingElse_IsToldFromATarget(string answer)
    {
        _host.OnTcp(99, connection => connection.OnData = each => each.Send(answer));
        AssertNoDisk(EFI_STATUS.EFI_PROTOCOL_ERROR, "who answers there does not speak iSCSI", paths: Path(port: 99));
    }

    [Fact]
    public void Target_ThatNeedNotProveItself_IsNotBelieved()
    {
        AssertNoDisk(EFI_STATUS.EFI_ACCESS_DENIED, "the target does not prove who it is (mutual CHAP)", "target", "s", Path("me", "p"));
    }

    [Theory]
    [InlineData(0x0101, "192.0.2.2:3261,1")]
    [InlineData(0x0102, "192.0.2.2:3261")]
    public void Redirection_IsFollowed(int status, string address)
    {
        _target.LoginStatus = status;
        _target.Address = address;
        IscsiTarget other = new(_wire.AddHost("192.0.2.2"), [.. _content], 3261);
        Open();
        AssertRead(9, 9);
        Assert.Single(_target.Connections);
        Assert.Single(other.Connections);
        Assert.Equal(0u, _disk!.Losses);
    }

    [Theory]
    [InlineData(0x0101, "192.0.2.1", "the target moves again and again", "Not Found")]
    [InlineData(0x0101, "san.example", "target moved temporarily, but not to an address: san.example", "Unsupported")]
    [InlineData(0x0203, "", "login refused: target not found (status 0203)", "Not Found")]
    [InlineData(0x0202, "", "login refused: the initiator is not allowed to use this target (status 0202)", "")]
    [InlineData(0x0301, "", "login refused: service unavailable (status 0301)", "")]
    [InlineData(0x0999, "", "login refused: unknown status (status 0999)", "")]
    public void Login_ThatIsRefused_SaysWhy(int status, string address, string sentence, string kind)
    {
        _target.LoginStatus = status;
        _target.Address = address;
        Error error = AssertNoDisk(null, sentence);
        Assert.Equal(kind.StartsWith("Not", StringComparison.Ordinal), error.Status == EFI_STATUS.EFI_NOT_FOUND);
        Assert.StartsWith("iSCSI 192.0.2.1:3260 iqn.2024-01.test:disk: ", error.Message);
    }

    [Theory]
    [InlineData("HeaderDigest", "MD5")]
    [InlineData("MaxBurstLength", "99999999")]
    [InlineData("MaxRecvDataSegmentLength", "0")]
    [InlineData("ErrorRecoveryLevel", "2")]
    [InlineData("DataPDUInOrder", "No")]
    [InlineData("InitialR2T", "Perhaps")]
    public void Login_WhoseAnswerWasNotOffered_IsRefused(string key, string value)
    {
        _target.Answers[key] = value;
        AssertNoDisk(EFI_STATUS.EFI_PROTOCOL_ERROR, $"the target answers what was not offered: {key}={value}");
    }

    [Theory]
    [InlineData("Reject")]
    [InlineData("Irrelevant")]
    [InlineData("NotUnderstood")]
    public void Login_WhoseKeysAreNotTaken_KeepsTheDefaults(string answer)
    {
        foreach (string key in new[] { "HeaderDigest", "DataDigest", "InitialR2T", "ImmediateData", "FirstBurstLength", "MaxBurstLength" })
        {
            _target.Answers[key] = answer;
        }

        _target.Answers.Remove("MaxBurstLength");
        Open();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _disk!.Write(0, _content.AsSpan(0, 512 * 300)));
        AssertRead(0, 300);
    }

    [Theory]
    [InlineData("more")]
    [InlineData("elsewhere")]
    [InlineData("other tag")]
    [InlineData("other answer")]
    [InlineData("task answer")]
    [InlineData("r2t")]
    [InlineData("too long")]
    [InlineData("kind")]
    [InlineData("login")]
    [InlineData("reject")]
    [InlineData("failure")]
    [InlineData("reset")]
    [InlineData("close")]
    [InlineData("silent")]
    [InlineData("logout")]
    [InlineData("dropped")]
    [InlineData("digest")]
    [InlineData("vanish")]
    public void Read_FromTargetThatDoesWrongOnce_IsRightByAnotherSession(string fault)
    {
        _target.Answers["DataDigest"] = fault == "digest" ? "CRC32C" : "None";
        Open();
        int faults = 0;
        _target.Intercept = (connection, pdu) => pdu.Opcode == 1 && pdu.Operation == 0x28 && faults++ == 0 && DoWrong(fault, connection, pdu);
        AssertRead(17, 40);
        Assert.Equal(1u, _disk!.Losses);
        Assert.Equal(2, _target.Connections.Count);
        Assert.Equal(_target.Connections[0].Isid, _target.Connections[1].Isid); // RFC 7143, 6.3.5: takes the old one's place
        Assert.Equal(0, _target.Connections[1].SessionHandle);
        AssertRead(0, 5);
    }

    [Theory]
    [InlineData("more", "the target sends more data than was asked for")]
    [InlineData("elsewhere", "the target sends data out of order")]
    [InlineData("other tag", "the target sends data for another command")]
    [InlineData("other answer", "the target answers another command")]
    [InlineData("task answer", "the target answers a task request that was not sent")]
    [InlineData("r2t", "the target asks for data of another command")]
    [InlineData("too long", "a PDU has more data than was agreed on")]
    [InlineData("kind", "the target sends a PDU of a kind that no target sends")]
    [InlineData("login", "the target answers a login that is over")]
    [InlineData("reject", "the target rejects what we sent: invalid PDU field")]
    [InlineData("failure", "the target could not do a command (target failure)")]
    [InlineData("close", "the target closed the connection")]
    [InlineData("silent", "the target says nothing any more")]
    [InlineData("logout", "the target asks us to log out")]
    [InlineData("digest", "a data digest is wrong")]
    public void Read_FromTargetThatAlwaysDoesWrong_FailsAndSaysWhat(string fault, string sentence)
    {
        _target.Answers["DataDigest"] = fault == "digest" ? "CRC32C" : "None";
        Open(retries: 1);
        _target.Intercept = (connection, pdu) => pdu.Opcode == 1 && pdu.Operation == 0x28 && DoWrong(fault, connection, pdu);
        Assert.True(_disk!.Read(17, new byte[40 * 512]).IsError);
        Assert.Equal($"iSCSI 192.0.2.1:3260 iqn.2024-01.test:disk: {sentence}", _disk.Failure.ToString());
        _target.Intercept = null;
        AssertRead(1, 1);
    }

    [Theory]
    [InlineData("less", "the target sent less than was to be read")]
    [InlineData("less without saying so", "the target sent less than was to be read")]
    [InlineData("nothing", "the target sent less than was to be read")]
    [InlineData("overflow", "the target sent less than was to be read")]
    public void Read_OfWhichSomethingIsMissing_Fails(string fault, string sentence)
    {
        Open();
        _target.Intercept = (connection, pdu) => pdu.Opcode == 1 && pdu.Operation == 0x28 && SendLess(fault, connection, pdu);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, _disk!.Read(17, new byte[40 * 512]));
        Assert.EndsWith(sentence, _disk.Failure.ToString());
    }

    [Theory]
    [InlineData(0u, 0x100000u, "the target asks for data beyond the transfer")]
    [InlineData(0xFFFFFF00u, 512u, "the target asks for data beyond the transfer")]
    [InlineData(0u, 0u, "the target asks for data beyond the transfer")]
    [InlineData(1024u, 512u, "the target asks for data out of order")]
    public void Write_WhoseDataAreAskedForWrongly_SendsNothing(uint offset, uint length, string sentence)
    {
        _target.Answers["ImmediateData"] = "No";
        _target.Answers["InitialR2T"] = "Yes";
        Open(retries: 0);
        _target.Intercept = (connection, pdu) =>
        {
            Assert.NotEqual(5, pdu.Opcode);
            if (pdu.Opcode != 1 || pdu.Operation != 0x2A)
            {
                return false;
            }

            byte[] header = connection.Header(0x31, 0, pdu.Tag, false);
            IscsiTargetConnection.Put(header, 40, offset);
            IscsiTargetConnection.Put(header, 44, length);
            connection.Send(header, []);
            return true;
        };
        Assert.True(_disk!.Write(0, new byte[8192]).IsError);
        Assert.EndsWith(sentence, _disk.Failure.ToString());
        Assert.Equal(_content, _target.Disk);
    }

    [Fact]
    public void Write_ThatIsSaidToBeDoneTooEarly_Fails()
    {
        _target.Answers["ImmediateData"] = "No";
        _target.Answers["InitialR2T"] = "Yes";
        Open();
        _target.Intercept = (connection, pdu) =>
        {
            bool isWrite = pdu.Opcode == 1 && pdu.Operation == 0x2A;
            if (isWrite)
            {
                connection.Respond(pdu, 0, []);
            }

            return isWrite;
        };
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, _disk!.Write(0, new byte[8192]));
        Assert.EndsWith("the target took less than was to be written", _disk.Failure.ToString());
    }

    [Theory]
    [InlineData(3, 0x1100, false, "read of block 17: medium error, unrecovered read error (sense 3/11/00)")]
    [InlineData(4, 0x4400, true, "read of block 17: hardware error, internal target failure (sense 4/44/00)")]
    [InlineData(2, 0x3A00, false, "read of block 17: not ready, medium not present (sense 2/3a/00)")]
    [InlineData(7, 0x2700, true, "read of block 17: data protect, write protected (sense 7/27/00)")]
    [InlineData(5, 0x2100, false, "read of block 17: illegal request, logical block address out of range (sense 5/21/00)")]
    [InlineData(5, 0x2500, false, "LUN 1 does not exist (the target has 0, 1)")]
    [InlineData(9, 0x8001, true, "read of block 17: vendor specific (sense 9/80/01)")]
    public void Read_ThatFailsForGood_SaysSoByName(int key, int code, bool isDescriptor, string sentence)
    {
        Open();
        int tries = 0;
        _target.Intercept = (connection, pdu) => OnRead(pdu, () =>
        {
            tries++;
            connection.Sense(pdu, key, code, isDescriptor);
        });
        EFI_STATUS status = _disk!.Read(17, new byte[512]);
        Assert.Equal(key == 7 ? EFI_STATUS.EFI_WRITE_PROTECTED : code == 0x3A00 ? EFI_STATUS.EFI_NO_MEDIA : code == 0x2500 ? EFI_STATUS.EFI_NOT_FOUND : EFI_STATUS.EFI_DEVICE_ERROR, status);
        Assert.EndsWith(": " + sentence, _disk.Failure.ToString());
        Assert.Equal(1, tries);
        Assert.Equal(0u, _disk.Losses);
        _target.Intercept = null;
        AssertRead(17, 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("70")]
    [InlineData("7000")]
    [InlineData("72")]
    [InlineData("7203")]
    [InlineData("FFFFFFFF")]
    public void Read_WhoseSenseIsCutOff_Fails(string sense)
    {
        Open();
        _target.Intercept = (connection, pdu) => OnRead(pdu, () => connection.Respond(pdu, 2, Convert.FromHexString(sense)));
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, _disk!.Read(17, new byte[512]));
        Assert.Contains("read of block 17: ", _disk.Failure.ToString());
    }

    [Fact]
    public void Read_WhoseSenseSaysThatItIsLonger_IsReadAsFarAsItGoes()
    {
        Open();
        _target.Intercept = (connection, pdu) => OnRead(pdu, () =>
        {
            byte[] header = connection.Header(0x21, 0, pdu.Tag);
            header[3] = 2;
            connection.Send(header, [0xFF, 0xFF, 0x70, 0, 3]);
        });
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, _disk!.Read(17, new byte[512]));
        Assert.EndsWith("medium error (sense 3/00/00)", _disk.Failure.ToString());
    }

    [Theory]
    [InlineData(6, 0x2900)]
    [InlineData(6, 0x2A09)]
    [InlineData(2, 0x0401)]
    [InlineData(11, 0x4701)]
    public void Read_ThatMeetsWhatPasses_IsSentAgain(int key, int code)
    {
        int count = 0;
        _target.Intercept = (connection, pdu) =>
        {
            bool isFault = pdu.Opcode == 1 && (pdu.Operation is 0x28 or 0x00) && count++ is 0 or 1 or 3;
            if (isFault)
            {
                connection.Sense(pdu, key, code);
            }

            return isFault;
        };
        Open();
        AssertRead(17, 40);
        Assert.True(count > 4);
        Assert.Single(_target.Connections);
    }

    [Theory]
    [InlineData(0x08)]
    [InlineData(0x28)]
    [InlineData(0x40)]
    public void Read_FromBusyTarget_Waits(int status)
    {
        Open();
        int count = 0;
        _target.Intercept = (connection, pdu) => count++ < 3 && OnRead(pdu, () => connection.Respond(pdu, status, []));
        ulong begin = _wire.Now;
        AssertRead(17, 40);
        Assert.InRange(_wire.Now - begin, 2_900_000u, 5_000_000u);
    }

    [Fact]
    public void Read_OfReservedDisk_Fails()
    {
        Open();
        _target.Intercept = (connection, pdu) => OnRead(pdu, () => connection.Respond(pdu, 0x18, []));
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, _disk!.Read(17, new byte[512]));
        Assert.EndsWith("read of block 17: reserved by another initiator (status 18)", _disk.Failure.ToString());
    }

    [Fact]
    public void Read_ThatTakesTooLong_IsAbortedAndSentAgain()
    {
        Open();
        uint stuck = 0;
        _target.Intercept = (_, pdu) => stuck == 0 && OnRead(pdu, () => stuck = pdu.Tag);
        AssertRead(17, 40);
        IscsiTargetPdu abort = Assert.Single(_target.Pdus, each => each.Opcode == 2);
        Assert.Equal(0x81, abort.Header[1]);
        Assert.Equal(stuck, abort.U32(20));
        Assert.Equal(_target.Pdus.Single(each => each.Opcode == 1 && each.Tag == stuck).U32(24), abort.U32(32));
        Assert.Single(_target.Connections);
    }

    [Fact]
    public void DataThatComesAfterAnAbort_IsDropped()
    {
        Open();
        IscsiTargetPdu? stuck = null;
        _target.Intercept = (connection, pdu) =>
        {
            if (pdu.Opcode == 1 && pdu.Operation == 0x28 && stuck is null)
            {
                stuck = pdu;
                return true;
            }

            if (pdu.Opcode == 1 && pdu.Operation == 0x28)
            {
                connection.SendData(stuck!, new byte[20480]);
            }

            return false;
        };
        AssertRead(17, 40);
        Assert.Single(_target.Connections);
    }

    [Fact]
    public void Ping_OfTheTarget_IsAnswered_EvenWhileNothingIsRead()
    {
        Open();
        byte[] header = _target.Connections[0].Header(0x20, 0, 0xFFFFFFFF);
        IscsiTargetConnection.Put(header, 20, 0x01020304);
        header[9] = 5;
        _target.Connections[0].Send(header, []);
        for (int i = 0; i < 100; i++)
        {
            _wire.RunOnce();
        }

        IscsiTargetPdu answer = Assert.Single(_target.Pdus, each => each.Opcode == 0);
        Assert.Equal(0x01020304u, answer.U32(20));
        Assert.Equal(0xFFFFFFFFu, answer.Tag);
        Assert.Equal(5, answer.Header[9]);
        AssertRead(0, 1);
    }

    [Fact]
    public void Command_WaitsForTheWindow()
    {
        _target.Window = 1;
        Open();
        IscsiTargetConnection connection = _target.Connections[0];
        _target.Intercept = (_, pdu) =>
        {
            _target.Window = 0; // of the next answer
            return false;
        };
        AssertRead(0, 1);
        bool isOpen = false;
        _target.Intercept = (_, pdu) =>
        {
            Assert.True(isOpen || pdu.Opcode != 1, "a command beyond MaxCmdSN");
            return false;
        };
        _wire.After(2_000_000, () =>
        {
            isOpen = true;
            _target.Window = 8;
            byte[] header = connection.Header(0x20, 0, 0xFFFFFFFF, false);
            IscsiTargetConnection.Put(header, 20, 0xFFFFFFFF);
            connection.Send(header, []);
        });
        AssertRead(0, 1);
        Assert.Single(_target.Connections);
    }

    [Fact]
    public void Disk_ByIPv6_IsRead()
    {
        SimulatedNetwork network = IPv6Tests.Configured(out _, IPv6Router.OnLinkPrefix, IPv6Router.LinkAddress(PeerHost.Mac));
        _ = new IscsiTarget(network.Peer, [.. _content]);
        using IscsiDisk? disk = IscsiDisk.Open(network.Stack, network, Initiator(null, "", 1), [Path(address: "2001:db8:ffff::7")], out Error? error);
        PeerWire.Assert(error);
        byte[] data = new byte[100 * 512];
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, disk!.Read(50, data));
        Assert.True(_content.AsSpan(50 * 512, data.Length).SequenceEqual(data));
    }

    [Fact]
    public void Disk_ThatNobodyHasAskedForLong_IsNotTakenForLost()
    {
        SimulatedNetwork network = IPv6Tests.Configured(out _, IPv6Router.OnLinkPrefix, IPv6Router.LinkAddress(PeerHost.Mac));
        IscsiTarget target = new(network.Peer, [.. _content]);
        using IscsiDisk? disk = IscsiDisk.Open(network.Stack, network, Initiator(null, "", 1), [Path(address: "2001:db8:ffff::7")], out Error? error);
        PeerWire.Assert(error);
        network.Time.AdvanceTo(network.Now + 60_000_000);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, disk!.Read(50, new byte[512]));
        Assert.Equal(0u, disk.Losses);
        Assert.Single(target.Connections);
    }

    [Fact]
    public void Path_ThatIsLost_IsReplacedByTheOther()
    {
        IscsiTarget other = new(_wire.AddHost("192.0.2.2"), [.. _content]);
        Open(null, "", Path(), Path(address: "192.0.2.2"));
        AssertRead(0, 40);
        Assert.Empty(other.Connections);
        _target.Connections[0].Peer.Vanish();
        _host.StopTcp(3260);
        AssertRead(40, 40);
        Assert.Single(other.Connections);
        Assert.NotEqual(_target.Connections[0].Isid, other.Connections[0].Isid);
        Assert.Equal("192.0.2.2", $"{_disk!.Path.Portal.Address}");
    }

    [Fact]
    public void FirstPath_ThatDoesNotWork_IsPassedOver()
    {
        _host.StopTcp(3260);
        _ = new IscsiTarget(_wire.AddHost("192.0.2.2"), [.. _content]);
        Open(null, "", Path(), Path(address: "192.0.2.2"));
        AssertRead(40, 40);
    }

    /// <summary>The caller's memory is his again: what he puts there is not written.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(20)]
    public void Write_ThatMemoryRanOutIn_DoesNotGoOn(int turn)
    {
        Open();
        byte[] data = GC.AllocateArray<byte>(1 << 20, pinned: true);
        data.AsSpan().Fill(0x11);
        int turns = 0;
        _wire.OnTurn = () => ++turns < turn ? true : throw new OutOfMemoryException();
        Assert.Throws<OutOfMemoryException>(() => _disk!.Write(0, data));
        _disk!.Abandon();
        _wire.OnTurn = null;
        data.AsSpan().Fill(0xAA);
        for (int i = 0; i < 3000; i++)
        {
            _wire.RunOnce();
        }

        for (int i = 0; i < data.Length; i++)
        {
            Assert.True(_target.Disk[i] == _content[i] || _target.Disk[i] == 0x11, $"what came later was written at {i}");
        }
    }

    [Fact]
    public void Path_ToAnotherDisk_IsNotRead()
    {
        _ = new IscsiTarget(_wire.AddHost("192.0.2.2"), Content(Blocks * 512, 3)) { Identity = "disk two" };
        Open(null, "", Path(), Path(address: "192.0.2.2"));
        _target.Connections[0].Peer.Reset();
        _host.StopTcp(3260);
        Assert.Equal(EFI_STATUS.EFI_MEDIA_CHANGED, _disk!.Read(0, new byte[512]));
        Assert.EndsWith("it is another disk than before (its identification differs)", _disk.Failure.ToString());
    }

    /// <summary>Two machines may call their first disk the same, unless the name is of a kind that the world shares.</summary>
    [Theory]
    [InlineData("disk one", 1, IscsiTarget.Name, true)]
    [InlineData("disk one", 1, "iqn.2024-01.test:other", false)]
    [InlineData("disk one", 0, "iqn.2024-01.test:other", false)]
    [InlineData("\u0060isk one", 3, "iqn.2024-01.test:other", true)] // NAA 6
    [InlineData("\u0030isk one", 3, "iqn.2024-01.test:other", false)] // NAA 3: assigned locally
    [InlineData("disk one", 2, "iqn.2024-01.test:other", true)]
    [InlineData("disk one", 8, "iqn.2024-01.test:other", true)]
    [InlineData("", 3, "iqn.2024-01.test:other", false)]
    [InlineData("disk two", 2, IscsiTarget.Name, false)]
    [InlineData(null, 1, IscsiTarget.Name, false)]
    public void Disk_IsAnother_AsFarAsItsNameTells(string? identity, byte kind, string name, bool isSame)
    {
        string own = identity == "disk two" ? "disk one" : identity ?? "disk one";
        (_target.Identity, _target.IdentityKind) = (own, kind);
        _ = new IscsiTarget(_wire.AddHost("192.0.2.2"), _content) { Identity = identity, IdentityKind = kind, TargetName = name };
        Open();
        using IscsiDisk other = IscsiDisk.Open(_wire.Network, _wire, _disk!.Initiator, [Path(address: "192.0.2.2", target: name)], out _)!;

        Assert.Equal(isSame, _disk.IsSameAs(other));
        Assert.True(other.IsSameAs(other));
    }

    [Fact]
    public void Disk_ThatHasAnotherSizeAfterAReset_IsNotRead()
    {
        Open();
        _target.Connections[0].Peer.Reset();
        _target.LastBlock = 99;
        Assert.Equal(EFI_STATUS.EFI_MEDIA_CHANGED, _disk!.Read(0, new byte[512]));
    }

    [Fact]
    public void Target_ThatComesBackAfterAWhile_IsFoundAgain()
    {
        Open();
        _target.Connections[0].Peer.Reset();
        _host.StopTcp(3260);
        IscsiTarget? again = null;
        _wire.After(4_000_000, () => again = new IscsiTarget(_host, [.. _content]));
        AssertRead(17, 40);
        Assert.NotNull(again);
    }

    [Theory]
    [InlineData(5, 2048, true, true)]
    [InlineData(0, 4096, false, false)]
    [InlineData(0, 512, true, false)]
    public void Kinds_OfDisks_AreTold(byte type, int blockSize, bool isReadOnly, bool isOptical)
    {
        _target.DeviceType = type;
        _target.BlockSize = blockSize;
        _target.IsReadOnly = isReadOnly;
        _target.Identity = null;
        Open();
        Assert.Equal(blockSize, _disk!.BlockSize);
        Assert.Equal((ulong)(_content.Length / blockSize), _disk.BlockCount);
        Assert.Equal(isReadOnly, _disk.IsReadOnly);
        Assert.Equal(isOptical, _disk.IsOptical);
        Assert.Equal(isReadOnly ? EFI_STATUS.EFI_WRITE_PROTECTED : EFI_STATUS.EFI_SUCCESS, _disk.Write(0, _content.AsSpan(0, blockSize)));
        AssertRead(3, 3);
    }

    [Fact]
    public void Disk_OfManyTebibytes_IsReadByLongCommands()
    {
        _target.LastBlock = 0x1_0000_2000 - 1;
        Open();
        Assert.Equal(0x1_0000_2000UL, _disk!.BlockCount);
        AssertRead(0x1_0000_1FFF, 1, 0x1FFF);
        AssertRead(0xFFFF_F000, 8, 0x1000);
        Assert.Contains(_target.Pdus, each => each.Opcode == 1 && each.Operation == 0x88);
    }

    [Theory]
    [InlineData(2, 0, "LUN 2 does not exist (the target has 0, 1)")]
    [InlineData(1, 0x7F, "LUN 1 does not exist (the target has 0, 1)")]
    [InlineData(1, 3, "LUN 1 is no disk (device type 3; the target has 0, 1)")]
    public void Lun_ThatIsNoDisk_IsNamed(int lun, byte type, string sentence)
    {
        _target.DeviceType = type;
        AssertNoDisk(EFI_STATUS.EFI_NOT_FOUND, sentence, paths: Path(lun: (ulong)lun << 48));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(1536)]
    [InlineData(0)]
    [InlineData(131072)]
    public void Disk_WithBlocksOfNoSize_IsRefused(int size)
    {
        _target.LastBlock = 99;
        _target.Intercept = (connection, pdu) =>
        {
            bool isCapacity = pdu.Opcode == 1 && pdu.Operation == 0x25;
            if (isCapacity)
            {
                connection.SendData(pdu, [0, 0, 0, 99, (byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size]);
            }

            return isCapacity;
        };
        AssertNoDisk(EFI_STATUS.EFI_UNSUPPORTED, $"the disk has 99+1 blocks of {size} bytes, which makes no sense");
    }

    [Fact]
    public void Read_BeyondTheEnd_IsRefusedAtOnce()
    {
        Open();
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _disk!.Read(Blocks, new byte[512]));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, _disk.Read(ulong.MaxValue, new byte[1024]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Connection_ThatIsMadeAgain_HasTheMemoryOfTheOneBefore_IfThatIsKept(bool isKept)
    {
        _wire.Network.KeepsMemory = isKept;
        Open();
        AssertRead(0, 1);
        int changes = Arena.ChangesOnThread;
        int live = Arena.LiveOnThread;
        for (int i = 1; i <= 3; i++)
        {
            _target.Connections[^1].Peer.Reset();
            AssertRead((ulong)i, 1);
        }

        Assert.Equal((3u, 4), (_disk!.Losses, _target.Connections.Count));
        Assert.Equal((isKept ? 0 : 6, live), (Arena.ChangesOnThread - changes, Arena.LiveOnThread));
        _disk.Leave();
        Assert.Equal(live - (isKept ? 0 : 1), Arena.LiveOnThread);
        _wire.Network.KeepsMemory = false;
        Assert.Equal(live - 1, Arena.LiveOnThread);
    }

    [Fact]
    public void Leaving_LogsOut()
    {
        Open();
        _disk!.Leave();
        IscsiTargetPdu logout = Assert.Single(_target.Pdus, each => each.Opcode == 6);
        Assert.Equal(0x80, logout.Header[1]);
        AssertRead(0, 1); // It logs in again.
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BootTable_SaysWhatAnOperatingSystemNeeds(bool isMutual)
    {
        if (isMutual)
        {
            DemandChap(5);
        }

        Open(isMutual ? "target" : null, isMutual ? "other secret" : "", Path(isMutual ? "me" : null, "my secret phrase"));
        byte[] room = new byte[IscsiBootTable.MaximumSize];
        IscsiBootNic nic = new()
        {
            Mac = PeerWire.ClientMac,
            Location = 0x18,
            Address = new NetBoot.NetworkStack.Wire.IPv4Address(192, 0, 2, 100),
            PrefixLength = 24,
            Origin = isMutual ? IscsiBootOrigin.Manual : IscsiBootOrigin.Dhcp,
            PrimaryDns = new NetBoot.NetworkStack.Wire.IPv4Address(192, 0, 2, 2),
            Gateway = new NetBoot.NetworkStack.Wire.IPv4Address(192, 0, 2, 1),
            DhcpServer = new NetBoot.NetworkStack.Wire.IPv4Address(192, 0, 2, 1),
            Vlan = 7,
            HostName = "host",
        };
        IscsiBootTable writer = new(room);
        Assert.Null(writer.Add(_disk!.Path, _disk.Initiator, nic));
        int length = writer.Finish();
        byte[] table = room[..length];
        int U16(int at) => table[at] | (table[at + 1] << 8);
        string Text(int at) => System.Text.Encoding.ASCII.GetString(table, U16(at + 2), U16(at));
        Assert.Equal("iBFT"u8, table.AsSpan(0, 4));
        Assert.Equal(length, U16(4));
        Assert.Equal(0, (byte)table.Sum(each => each));
        Assert.Equal([1, 1, 18, 0, 0, 0], table[48..54]);
        Assert.Equal(0, U16(62) | U16(64));
        int initiator = U16(56);
        int net = U16(58);
        int target = U16(60);
        Assert.All(new[] { initiator, net, target }, each => Assert.Equal(0, each % 8));
        Assert.Equal([2, 1, 74, 0, 0, 3], table[initiator..(initiator + 6)]);
        Assert.Equal("iqn.2010-04.org.ipxe:test", Text(initiator + 70));
        Assert.Equal([3, 1, 102, 0, 0, 7], table[net..(net + 6)]);
        Assert.Equal([.. new byte[10], 0xFF, 0xFF, 192, 0, 2, 100, 24, (byte)(isMutual ? 1 : 3)], table[(net + 6)..(net + 24)]);
        Assert.Equal(
            [.. new byte[10], 0xFF, 0xFF, 192, 0, 2, 1, .. new byte[10], 0xFF, 0xFF, 192, 0, 2, 2, .. new byte[16], .. new byte[10], 0xFF, 0xFF, 192, 0, 2, 1],
            table[(net + 24)..(net + 88)]);
        Assert.Equal([7, 0, 0x52, 0x54, 0, 0, 0, 1, 0x18, 0], table[(net + 88)..(net + 98)]);
        Assert.Equal("host", Text(net + 98));
        Assert.Equal([4, 1, 54, 0, 0, 3], table[target..(target + 6)]);
        Assert.Equal([0xFF, 0xFF, 192, 0, 2, 1, 0xBC, 0x0C, 0, 1, 0, 0, 0, 0, 0, 0, (byte)(isMutual ? 2 : 0), 0], table[(target + 16)..(target + 34)]);
        Assert.Equal(IscsiTarget.Name, Text(target + 34));
        Assert.Equal(isMutual ? "me,my secret phrase,target,other secret" : ",,,", $"{Text(target + 38)},{Text(target + 42)},{Text(target + 46)},{Text(target + 50)}");
    }

    [Theory]
    [InlineData("None", null, null, "None,None,None")]
    [InlineData("CRC32C", "me", null, "CRC32C,CRC32C,CHAP_UNI")]
    [InlineData("CRC32C", "me", "target", "CRC32C,CRC32C,CHAP_BI")]
    public void DevicePath_NamesAddressesAndUnit(string digest, string? user, string? reverse, string options)
    {
        _target.Answers["HeaderDigest"] = digest;
        _target.Answers["DataDigest"] = digest;
        if (user is not null)
        {
            DemandChap(5);
        }

        Open(reverse, reverse is null ? "" : "other secret", Path(user, "my secret phrase"));
        DevicePathBuilder path = new();
        _disk!.AppendTo(path);
        TextBuilder text = new(0, 0);
        DevicePathText.Append(ref text, path.Nodes);
        Assert.Equal(
            $"IPv4(192.0.2.1,TCP,DHCP,192.0.2.100,0.0.0.0,0.0.0.0)/iSCSI(iqn.2024-01.test:disk,0x1,0x0001000000000000,{options},TCP)", text.ToString());
    }

    [Fact]
    public void BootTable_WhoseTextsAreTooLong_IsNotWritten()
    {
        Open();
        IscsiBootNic nic = new() { HostName = new string('h', 4000) };
        IscsiBootTable writer = new(new byte[IscsiBootTable.MaximumSize]);
        Assert.Equal("its names and passwords are too long for an iBFT", writer.Add(_disk!.Path, _disk.Initiator, nic));
        Assert.Equal(0, writer.Finish());
    }

    [Fact]
    public void BootTable_OfTwoTargets_HasANicForEach_AndNothingOfWhatDidNotFit()
    {
        IscsiInitiator initiator = Initiator(null, "", 0);
        byte[] room = new byte[IscsiBootTable.MaximumSize];
        IscsiBootTable writer = new(room);
        Assert.Null(writer.Add(Path(), initiator, new IscsiBootNic { HostName = "one" }));
        Assert.Equal(
            "its names and passwords are too long for an iBFT", writer.Add(Path(), initiator, new IscsiBootNic { HostName = new string('h', 4000) }));
        Assert.Equal(
            "the iBFT has the name of another initiator (initiator-iqn)", writer.Add(Path(), new IscsiInitiator { Name = "iqn.2000-01.test:other" }, default));
        Assert.Equal(-1, room.AsSpan(312, 160).IndexOfAnyExcept((byte)0));
        Assert.Null(writer.Add(Path(address: "192.0.2.9"), initiator, new IscsiBootNic { HostName = "two", Vlan = 5 }));
        Assert.Equal("an iBFT has room for two", writer.Add(Path(), initiator, default));
        byte[] table = room[..writer.Finish()];

        int U16(int at) => table[at] | (table[at + 1] << 8);
        Assert.Equal(0, (byte)table.Sum(each => each));
        Assert.Equal(table.Length, U16(4));
        Assert.All(new[] { 58, 60, 62, 64 }, at => Assert.Equal((0, true), (U16(at) % 8, U16(at) > 0)));
        foreach ((int net, int target, byte index, string host) in new[] { (U16(58), U16(60), (byte)0, "one"), (U16(62), U16(64), (byte)1, "two") })
        {
            Assert.Equal([3, 1, 102, 0, index, (byte)(index == 0 ? 7 : 5)], table[net..(net + 6)]);
            Assert.Equal([4, 1, 54, 0, index, (byte)(index == 0 ? 3 : 1)], table[target..(target + 6)]);
            Assert.Equal(index, table[target + 33]);
            Assert.Equal(host, System.Text.Encoding.ASCII.GetString(table, U16(net + 100), U16(net + 98)));
            Assert.Equal(IscsiTarget.Name, System.Text.Encoding.ASCII.GetString(table, U16(target + 36), U16(target + 34)));
        }

        Assert.Equal((0, 5), (U16(U16(58) + 88), U16(U16(62) + 88)));
        Assert.Equal([192, 0, 2, 9], table[(U16(64) + 18)..(U16(64) + 22)]);
    }

    [Fact]
    public void User_WhoStops_EndsTheRead()
    {
        Open();
        _target.Intercept = (_, _) => true;
        _wire.OnTurn = () => false;
        Assert.Equal(EFI_STATUS.EFI_ABORTED, _disk!.Read(0, new byte[512]));
        Assert.False(_disk.IsBusy);
        _wire.OnTurn = null;
        _target.Intercept = null;
        AssertRead(0, 1);
    }

    [Fact]
    public void Disk_WithNobodyThere_SaysSo()
    {
        _host.StopTcp(3260);
        AssertNoDisk(null, "iSCSI 192.0.2.1:3260 iqn.2024-01.test:disk: TCP 192.0.2.1:3260: ", isLoose: true);
    }

    [Fact]
    public void Read_FromTargetThatSendsAnything_Ends() => Prop.ForAll<byte[], byte[], bool>((a, b, isLogin) =>
    {
        PeerWire wire = new PeerWire().Configured();
        IscsiTarget target = new(wire.AddHost("192.0.2.1"), [.. _content]);
        if (isLogin)
        {
            wire.AddHost("192.0.2.3").OnTcp(3260, peer => peer.OnData = _ => peer.Send([.. a, .. b]));
            using IscsiDisk? none = IscsiDisk.Open(wire.Network, wire, Initiator(null, "", 0), [Path(address: "192.0.2.3")], out Error? error);
            Assert.Null(none);
            Assert.NotNull(error);
            return;
        }

        using IscsiDisk disk = IscsiDisk.Open(wire.Network, wire, Initiator(null, "", 1), [Path()], out _)!;
        int count = 0;
        target.Intercept = (connection, pdu) =>
        {
            bool isFirst = pdu.Opcode == 1 && pdu.Operation == 0x28 && count++ == 0;
            if (isFirst)
            {
                byte[] header = connection.Header(a.Length > 0 ? a[0] : 0x25, 0, pdu.Tag);
                a.AsSpan(0, Math.Min(a.Length, 48)).CopyTo(header);
                connection.Peer.Send([.. header, .. b]);
            }

            return isFirst;
        };
        byte[] data = new byte[4096];
        if (!disk.Read(3, data).IsError)
        {
            Assert.True(_content.AsSpan(3 * 512, data.Length).SequenceEqual(data), "other content");
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    private static byte[] Content(int size, int seed = 1)
    {
        byte[] bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static IscsiInitiator Initiator(string? reverse, string reversePassword, int retries) => new()
    {
        Name = "iqn.2010-04.org.ipxe:test",
        ReverseUser = reverse,
        ReversePassword = reversePassword,
        Hashes = new Hashes(),
        Retries = retries,
    };

    private static IscsiPath Path(
        string? user = null, string? password = null, string address = "192.0.2.1", ulong lun = 1UL << 48, string target = IscsiTarget.Name, ushort port = 3260)
    {
        Assert.True(IPAddress.TryParse(address, out IPAddress parsed));
        return new() { Portal = new IPEndpoint(parsed, port), Target = target, Lun = lun, User = user, Password = password };
    }

    private static bool OnRead(IscsiTargetPdu pdu, Action answer)
    {
        bool isRead = pdu.Opcode == 1 && pdu.Operation == 0x28;
        if (isRead)
        {
            answer();
        }

        return isRead;
    }

    private static bool DoWrong(string fault, IscsiTargetConnection connection, IscsiTargetPdu pdu)
    {
        byte[] data = connection.Header(0x25, 0, fault == "other tag" ? pdu.Tag + 1 : pdu.Tag, false);
        byte[] answer = connection.Header(0x21, 0, fault == "other answer" ? pdu.Tag ^ 1 : pdu.Tag);
        byte[] notice = connection.Header(0x32, 0, 0xFFFFFFFF);
        IscsiTargetConnection.Put(data, 20, 0xFFFFFFFF);
        switch (fault)
        {
            case "more":
                connection.Send(data, new byte[(int)pdu.U32(20) + 512]);
                break;
            case "elsewhere":
                IscsiTargetConnection.Put(data, 40, 512);
                connection.Send(data, new byte[512]);
                break;
            case "other tag":
                connection.Send(data, new byte[512]);
                break;
            case "other answer":
                connection.Send(answer, []);
                break;
            case "task answer":
                answer[0] = 0x22;
                connection.Send(answer, []);
                break;
            case "r2t":
                data[0] = 0x31;
                IscsiTargetConnection.Put(data, 44, 512);
                connection.Send(data, []);
                break;
            case "too long":
                data[5] = 0xFF;
                connection.SendRaw(data, new byte[512]);
                break;
            case "kind":
                data[0] = 0x3A;
                connection.Send(data, []);
                break;
            case "login":
                data[0] = 0x23;
                connection.Send(data, []);
                break;
            case "reject":
                answer[0] = 0x3F;
                answer[2] = 9;
                connection.Send(answer, pdu.Header);
                break;
            case "failure":
                answer[2] = 1;
                connection.Send(answer, []);
                break;
            case "reset":
                connection.Peer.Reset();
                break;
            case "close":
                connection.Peer.Finish();
                break;
            case "vanish":
                connection.Peer.Vanish();
                break;
            case "logout":
                notice[36] = 1;
                connection.Send(notice, []);
                break;
            case "dropped":
                notice[36] = 2;
                connection.Send(notice, []);
                break;
            case "digest":
                data[7] = 4;
                data[6] = 0;
                connection.Peer.Send([.. data, 1, 2, 3, 4, 0, 0, 0, 0]);
                break;
            case "silent":
                connection.Peer.OnData = null;
                break;
        }

        return true;
    }

    private static bool SendLess(string fault, IscsiTargetConnection connection, IscsiTargetPdu pdu)
    {
        int asked = (int)pdu.U32(20);
        byte[] header = connection.Header(0x25, 0, pdu.Tag, false);
        IscsiTargetConnection.Put(header, 20, 0xFFFFFFFF);
        if (fault == "less")
        {
            connection.SendData(pdu, new byte[asked - 512]);
            return true;
        }

        if (fault != "nothing")
        {
            connection.Send(header, new byte[fault == "overflow" ? asked : asked - 512]);
        }

        connection.Respond(pdu, 0, [], fault == "overflow" ? 4 : 0, fault == "overflow" ? 512u : 0);
        return true;
    }

    private void DemandChap(int algorithm)
    {
        _target.User = "me";
        _target.Password = "my secret phrase";
        _target.ReverseUser = "target";
        _target.ReversePassword = "other secret";
        _target.Algorithm = algorithm;
    }

    private void Open(string? reverse = null, string reversePassword = "", params IscsiPath[] paths) => Open(10, reverse, reversePassword, paths);

    private void Open(int retries, string? reverse = null, string reversePassword = "", params IscsiPath[] paths)
    {
        _disk = IscsiDisk.Open(_wire.Network, _wire, Initiator(reverse, reversePassword, retries), paths.Length == 0 ? [Path()] : paths, out Error? error);
        PeerWire.Assert(error);
    }

    private Error AssertNoDisk(EFI_STATUS? status, string sentence, string? reverse = null, string reversePassword = "", IscsiPath? paths = null, bool isLoose = false)
    {
        _disk = IscsiDisk.Open(_wire.Network, _wire, Initiator(reverse, reversePassword, 10), [paths ?? Path()], out Error? error);
        Assert.Null(_disk);
        if (isLoose)
        {
            Assert.Contains(sentence, error!.Message);
        }
        else
        {
            Assert.EndsWith(": " + sentence, error!.Message);
        }

        Assert.Equal(status ?? error.Status, error.Status);
        return error;
    }

    private void AssertRead(ulong block, int count, int? at = null)
    {
        byte[] data = new byte[count * _disk!.BlockSize];
        EFI_STATUS status = _disk.Read(block, data);
        Assert.True(status == EFI_STATUS.EFI_SUCCESS, $"{status}: {_disk.Failure}");
        int start = (at ?? (int)block) * _disk.BlockSize;
        Assert.True(_content.AsSpan(start, data.Length).SequenceEqual(data), "other content");
    }
}
