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
        Assert.Equal("OK\0", Write("data/vif/0/state", "1"));
        Assert.Equal("1", Read("data/vif/0/state"));
        Assert.Equal("1", Read($"{Store.Home}/data/vif/0/state"));
        Assert.Equal("vif\0", _guest.Ask(SimulatedStore.Directory, "data\0"));
        Assert.Equal("OK\0", _guest.Ask(SimulatedStore.RemoveNode, "data/vif\0"));
        Assert.Equal("ENOENT\0", Read("data/vif/0/state"));
        Assert.Equal("OK\0", _guest.Ask(SimulatedStore.RemoveNode, "data/vif\0")); // Its parent is there.
        Assert.Equal("ENOENT\0", _guest.Ask(SimulatedStore.RemoveNode, "data/vif/0\0"));
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
    public void Device_ThatTheToolstackHasTakenAway_IsNotTheGuestsToMake()
    {
        SimulatedDeviceNodes nodes = Store.AddDevice("vif", 0);
        Assert.Equal("OK\0", Write("device/vif/0/state", "4"));
        nodes.Remove();
        Assert.Equal("EACCES\0", Write("device/vif/0/state", "1"));
        Assert.Equal("EACCES\0", Write("device/vif/1/state", "1"));
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
        Write("data/a", "before");
        uint transaction = Begin();
        Write("data/a", "after", transaction);
        Write("data/b", "new", transaction);
        Assert.Equal("after", Read("data/a", transaction));
        Assert.Equal("before", Read("data/a"));
        Assert.Equal("ENOENT\0", Read("data/b"));
        Assert.Equal("OK\0", End(transaction, commit));
        Assert.Equal(commit ? "after" : "before", Read("data/a"));
        Assert.Equal(commit ? "new" : "ENOENT\0", Read("data/b"));
        Assert.Equal(0, Store.OpenTransactions);
    }

    [Theory]
    [InlineData("data/a", "EAGAIN\0")]
    [InlineData("data/other", "OK\0")]
    public void Transaction_CollidesWithAChangeOfWhatItHasTouched(string changed, string answer)
    {
        Write("data/a", "1");
        Write("data/other", "1");
        uint transaction = Begin();
        Read("data/a", transaction);
        Write("data/b", "2", transaction);
        Store.Write($"{Store.Home}/{changed}", "3");
        Assert.Equal(answer, End(transaction, commit: true));
        Assert.Equal(answer == "OK\0" ? "2" : "ENOENT\0", Read("data/b"));
    }

    [Fact]
    public void Transaction_ThatIsNotOpen_IsAnErrorAndAViolation()
    {
        Assert.Equal("ENOENT\0", Read("data", 12345));
        Assert.Contains("12345", Assert.Single(_guest.Xen.TakeViolations()));
    }

    [Fact]
    public void Watch_FiresAtItsBeginning_AndForWhatIsBelowItsNode()
    {
        Assert.Equal("OK\0", _guest.Ask(SimulatedStore.WatchNode, "data\0token\0"));
        Write("data/vif/0/state", "1");
        Store.Write($"{Store.Home}/data/vif/0/state", "2");
        Store.Write($"{Store.Home}/elsewhere", "2");
        Assert.Empty(_guest.Receive());
        Assert.Equal(["data", "data/vif/0/state", "data/vif/0/state"], _guest.Events.Select(each => each.Path));
        Assert.All(_guest.Events, each => Assert.Equal("token", each.Token));
        Assert.Equal("OK\0", _guest.Ask(SimulatedStore.UnwatchNode, "data\0token\0"));
        Assert.Equal("ENOENT\0", _guest.Ask(SimulatedStore.UnwatchNode, "data\0token\0"));
        Write("data/vif/0/state", "3");
        Assert.Equal(3, _guest.Events.Count);
    }

    [Fact]
    public void Watch_InATransaction_FiresWhenThatIsCommitted()
    {
        _guest.Ask(SimulatedStore.WatchNode, "data/a\0t\0");
        uint transaction = Begin();
        Write("data/a", "1", transaction);
        Assert.Single(_guest.Events);
        End(transaction, commit: true);
        Assert.Equal(2, _guest.Events.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("data/")]
    [InlineData("data//a")]
    [InlineData("data/a b")]
    public void Path_ThatIsNone_IsAnErrorAndAViolation(string path)
    {
        Assert.Equal("EINVAL\0", Read(path));
        Assert.Single(_guest.Xen.TakeViolations());
    }
}
