using System;
using System.Linq;
using NetBoot.Tests.Models.Xen;
using Xunit;

namespace NetBoot.Tests.ModelTests.Xen;

/// <summary>The model's xenstore against docs/misc/xenstore.txt: what a guest's messages may do, and what they are answered.</summary>
[Collection("Firmware")]
public sealed class StoreTests : IDisposable
{
    private readonly ScriptedXenGuest _guest = new();

    private SimulatedStore Store => _guest.Xen.Store;

    public void Dispose() => _guest.Dispose();

    private string Read(string path, uint transaction = 0) => _guest.Ask(SimulatedStore.ReadNode, $"{path}\0", transaction);

    private string Write(string path, string value, uint transaction = 0) =>
        _guest.Ask(SimulatedStore.WriteNode, $"{path}\0{value}", transaction);

    private uint Begin() => uint.Parse(_guest.Ask(SimulatedStore.TransactionStart, "\0").TrimEnd('\0'));

    private string End(uint transaction, bool commit) =>
        _guest.Ask(SimulatedStore.TransactionEnd, commit ? "T\0" : "F\0", transaction);

    [Fact]
    public void Node_IsWritten_Read_Listed_AndRemoved()
    {
        Assert.Equal("OK\0", Write("device/vif/0/state", "1"));
        Assert.Equal("1", Read("device/vif/0/state"));
        Assert.Equal("1", Read($"{Store.Home}/device/vif/0/state"));
        Assert.Equal("vif\0", _guest.Ask(SimulatedStore.Directory, "device\0"));
        Assert.Equal("OK\0", _guest.Ask(SimulatedStore.RemoveNode, "device/vif\0"));
        Assert.Equal("ENOENT\0", Read("device/vif/0/state"));
        Assert.Equal("OK\0", _guest.Ask(SimulatedStore.RemoveNode, "device/vif\0")); // Its parent is there.
        Assert.Equal("ENOENT\0", _guest.Ask(SimulatedStore.RemoveNode, "device/vif/0\0"));
    }

    [Fact]
    public void Node_ThatTheGuestMakes_IsItsOwn_AndInheritsTheReaders()
    {
        SimulatedDeviceNodes nodes = Store.AddDevice("vif", 0);
        Write("device/vif/0/tx-ring-ref", "9");
        Assert.Equal("n7\0r0\0", _guest.Ask(SimulatedStore.GetPermissions, "device/vif/0/tx-ring-ref\0"));
        Assert.Equal("n0\0r7\0", _guest.Ask(SimulatedStore.GetPermissions, $"{nodes.Backend}/state\0"));
    }

    [Fact]
    public void Node_OfAnotherDomain_IsReadByItsReaders_AndWrittenByNoOtherGuest()
    {
        Store.Write("/local/domain/0/shown", "yes", owner: 0, readers: [SimulatedXen.GuestDomain]);
        Store.Write("/local/domain/0/hidden", "no", owner: 0, readers: []);
        Assert.Equal("yes", Read("/local/domain/0/shown"));
        Assert.Equal("EACCES\0", Write("/local/domain/0/shown", "mine"));
        Assert.Equal("EACCES\0", _guest.Ask(SimulatedStore.RemoveNode, "/local/domain/0/shown\0"));
        Assert.Equal("EACCES\0", Read("/local/domain/0/hidden"));
        Assert.Equal("EACCES\0", Read("/local/domain/0/hidden/below"));
        Assert.Equal("yes", Store.Read("/local/domain/0/shown"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Transaction_IsSeenByNobodyElse_UntilItIsCommitted(bool commit)
    {
        Write("device/a", "before");
        uint transaction = Begin();
        Write("device/a", "after", transaction);
        Write("device/b", "new", transaction);
        Assert.Equal("after", Read("device/a", transaction));
        Assert.Equal("before", Read("device/a"));
        Assert.Equal("ENOENT\0", Read("device/b"));
        Assert.Equal("OK\0", End(transaction, commit));
        Assert.Equal(commit ? "after" : "before", Read("device/a"));
        Assert.Equal(commit ? "new" : "ENOENT\0", Read("device/b"));
        Assert.Equal(0, Store.OpenTransactions);
    }

    [Theory]
    [InlineData("device/a", "EAGAIN\0")]
    [InlineData("device/other", "OK\0")]
    public void Transaction_CollidesWithAChangeOfWhatItHasTouched(string changed, string answer)
    {
        Write("device/a", "1");
        Write("device/other", "1");
        uint transaction = Begin();
        Read("device/a", transaction);
        Write("device/b", "2", transaction);
        Store.Write($"{Store.Home}/{changed}", "3");
        Assert.Equal(answer, End(transaction, commit: true));
        Assert.Equal(answer == "OK\0" ? "2" : "ENOENT\0", Read("device/b"));
    }

    [Fact]
    public void Transaction_ThatIsNotOpen_IsAnErrorAndAViolation()
    {
        Assert.Equal("ENOENT\0", Read("device", 12345));
        Assert.Contains("12345", Assert.Single(_guest.Xen.TakeViolations()));
    }

    [Fact]
    public void Watch_FiresAtItsBeginning_AndForWhatIsBelowItsNode()
    {
        Assert.Equal("OK\0", _guest.Ask(SimulatedStore.WatchNode, "device\0token\0"));
        Write("device/vif/0/state", "1");
        Store.Write($"{Store.Home}/device/vif/0/state", "2");
        Store.Write($"{Store.Home}/elsewhere", "2");
        Assert.Empty(_guest.Receive());
        Assert.Equal(["device", "device/vif/0/state", "device/vif/0/state"], _guest.Events.Select(each => each.Path));
        Assert.All(_guest.Events, each => Assert.Equal("token", each.Token));
        Assert.Equal("OK\0", _guest.Ask(SimulatedStore.UnwatchNode, "device\0token\0"));
        Assert.Equal("ENOENT\0", _guest.Ask(SimulatedStore.UnwatchNode, "device\0token\0"));
        Write("device/vif/0/state", "3");
        Assert.Equal(3, _guest.Events.Count);
    }

    [Fact]
    public void Watch_InATransaction_FiresWhenThatIsCommitted()
    {
        _guest.Ask(SimulatedStore.WatchNode, "device/a\0t\0");
        uint transaction = Begin();
        Write("device/a", "1", transaction);
        Assert.Single(_guest.Events);
        End(transaction, commit: true);
        Assert.Equal(2, _guest.Events.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("device/")]
    [InlineData("device//a")]
    [InlineData("device/a b")]
    public void Path_ThatIsNone_IsAnErrorAndAViolation(string path)
    {
        Assert.Equal("EINVAL\0", Read(path));
        Assert.Single(_guest.Xen.TakeViolations());
    }
}
