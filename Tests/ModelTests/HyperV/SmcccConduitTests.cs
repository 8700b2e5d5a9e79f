using System;
using NetBoot.Tests.Models.HyperV;
using Xunit;

namespace NetBoot.Tests.ModelTests.HyperV;

public sealed class SmcccConduitTests : IDisposable
{
    private readonly ScriptedGuest _guest = new();
    private readonly ulong[] _x = new ulong[SmcccConduit.RegisterCount];

    private HyperVHost Host => _guest.Host;

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void GuestWithoutIdentity_ReadsTheFeatures_AndWritesItsIdentity_AndNothingElse()
    {
        Assert.Equal((HvStatus.Success, 0x30_0000_0076ul), Get(RegisterName.PrivilegesAndFeatures));
        Assert.Equal((HvStatus.Success, 0ul), Get(RegisterName.GuestOsId));
        Assert.Equal(HvStatus.AccessDenied, Get(RegisterName.Simp).Status);
        Assert.Empty(Host.Violations);
        Assert.Equal(HvStatus.AccessDenied, Set(RegisterName.Simp, 0));
        Assert.Single(Host.TakeViolations());
        Assert.Equal(HvStatus.AccessDenied, Call(0x1_005D, 1));
        Assert.Equal(HvStatus.Success, Set(RegisterName.GuestOsId, 5));
        Assert.Equal(5u, Host.GuestOsId);
        Assert.Equal((HvStatus.Success, 0ul), Get(RegisterName.Simp));
    }

    [Fact]
    public void Sources_TakeThePrivateInterruptsOfAProcessor()
    {
        Set(RegisterName.GuestOsId, 5);
        Assert.Equal(HvStatus.Success, Set(RegisterName.Sint0 + 2, 18));
        Assert.Equal(18u, Host.Synic.Source(2));
        Assert.Equal(HvStatus.InvalidParameter, Set(RegisterName.Sint0 + 2, 32));
        Assert.Equal(HvStatus.InvalidParameter, Set(RegisterName.Sint0 + 2, 18 | (1 << 17)));
        Assert.Equal(2, Host.TakeViolations().Count);
        Assert.Equal(HvStatus.Success, Set(RegisterName.Sint0 + 2, Synic.Masked));
    }

    [Fact]
    public void CallsOfOthers_AreNotSupported_AndUndefinedWhereNobodyHandlesThem()
    {
        _x[0] = 0x8400_0000;
        Host.Conduit.Hvc(_x);
        Assert.Equal(ulong.MaxValue, _x[0]);
        Host.Conduit.HasSmc = true;
        _x[0] = 0xC400_0190;
        Host.Conduit.Smc(_x);
        Assert.Equal(ulong.MaxValue, _x[0]);
        Host.Conduit.IsRealm = true;
        _x[0] = 0xC400_0190;
        Host.Conduit.Smc(_x);
        Assert.Equal(0u, _x[0]);
        Assert.Empty(Host.Violations);
        Host.Conduit.Hvc(_x);
        Host.Conduit.HasSmc = false;
        Host.Conduit.Smc(_x);
        Assert.Equal(2, Host.TakeViolations().Count);
    }

    private (ulong Status, ulong Value) Get(uint name)
    {
        Begin(0x1_0001_0050, ulong.MaxValue, 0xFFFF_FFFE, name);
        Host.Conduit.Hvc(_x);
        return (_x[0] & 0xFFFF, _x[6]);
    }

    private ulong Set(uint name, ulong value)
    {
        Begin(0x1_0001_0051, ulong.MaxValue, 0xFFFF_FFFE, name);
        _x[6] = value;
        Host.Conduit.Hvc(_x);
        return _x[0] & 0xFFFF;
    }

    private ulong Call(ulong control, ulong input)
    {
        Begin(control, input);
        Host.Conduit.Hvc(_x);
        return _x[0] & 0xFFFF;
    }

    private void Begin(params ReadOnlySpan<ulong> values)
    {
        Array.Clear(_x);
        _x[0] = 0x4600_0001;
        values.CopyTo(_x.AsSpan(1));
    }
}
