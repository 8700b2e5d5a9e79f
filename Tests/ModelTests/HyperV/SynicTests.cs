using System;
using System.Linq;
using NetBoot.Tests.Models.HyperV;
using Xunit;

namespace NetBoot.Tests.ModelTests.HyperV;

public sealed class SynicTests : IDisposable
{
    private readonly ScriptedGuest _guest = new();

    private HyperVHost Host => _guest.Host;

    public void Dispose() => _guest.Dispose();

    [Fact]
    public void Cpuid_TellsInterfaceAndPrivileges_OnlyBelowAHypervisor()
    {
        uint[] result = new uint[4];
        Host.Cpuid(0x4000_0001, 0, result);
        Assert.Equal(0x3123_7648u, result[0]);
        Host.Cpuid(0x4000_0000, 0, result);
        Assert.Equal([0x4000_000Cu, 0x7263_694Du, 0x666F_736Fu, 0x7648_2074u], result);
        Host.IsHypervisorPresent = false;
        Host.Cpuid(0x4000_0001, 0, result);
        Assert.Equal(0u, result[0]);
        Host.Cpuid(1, 0, result);
        Assert.Equal(0u, result[2]);
    }

    [Fact]
    public void HypercallPage_WithoutAnOsId_IsNotEnabled()
    {
        Host.WriteMsr(Register.Hypercall, _guest.Address(0) | 1);
        Assert.Equal(0ul, Host.ReadMsr(Register.Hypercall) & 1);
        Assert.Single(Host.TakeViolations());
        Assert.Equal(HvStatus.InvalidHypercallCode, _guest.Call(0x5C, 0));
        Assert.Single(Host.TakeViolations());
    }

    [Fact]
    public void OsIdOfZero_DisablesHypercalls()
    {
        _guest.Start();
        Host.WriteMsr(Register.GuestOsId, 0);
        Assert.Equal(0ul, Host.ReadMsr(Register.Hypercall) & 1);
    }

    [Fact]
    public void CallAfterThePageHasMoved_FindsWhatTheGuestHadThere()
    {
        new byte[] { 0xB8, 0x12, 0, 0, 0, 0xC3 }.CopyTo(_guest.Bytes(0));
        _guest.Start();
        Host.WriteMsr(Register.Hypercall, _guest.Address(_guest.TakePages(1)) | 1);
        Assert.Equal(0x12ul, _guest.Call(0x5C, _guest.Address(3)));
        Assert.Equal(1, Host.UncoveredCallCount);
        Assert.Empty(Host.Violations);
        _guest.Bytes(0)[0] = 0;
        _guest.Call(0x5C, _guest.Address(3));
        Assert.Single(Host.TakeViolations());
    }

    [Fact]
    public void MaskedSource_ReceivesNothing_UntilItIsUnmasked()
    {
        _guest.Start(unmasked: false);
        _guest.Contact(VmbusVersion.Win8_1);
        Assert.False(_guest.HasMessage);
        Host.WriteMsr(Register.Sint2, 0x41);
        Assert.True(_guest.HasMessage);
    }

    [Fact]
    public void SecondMessage_WaitsForEom()
    {
        _guest.Start();
        _guest.Contact(VmbusVersion.Win8_1);
        _guest.Post(VmbusMessage.RequestOffers);
        Assert.True(_guest.IsPending);
        Assert.NotNull(_guest.TakeMessage(writesEom: false));
        Host.Poll();
        Assert.False(_guest.HasMessage); // nothing comes without it
        Host.WriteMsr(Register.Eom, 0);
        _guest.Expect(VmbusMessage.AllOffersDelivered);
        Assert.Empty(Host.Violations);
        Host.WriteMsr(Register.Eom, 0);
        Assert.Equal(1, Host.Synic.UnneededEomCount);
    }

    [Fact]
    public void EomBeforeTheSlotIsFree_IsAViolation()
    {
        _guest.Start();
        _guest.Contact(VmbusVersion.Win8_1);
        _guest.Post(VmbusMessage.RequestOffers);
        Host.WriteMsr(Register.Eom, 0);
        Assert.Single(Host.TakeViolations());
    }

    [Fact]
    public void PostedMessage_UnalignedOrOutsideOfMemory_IsRefused()
    {
        _guest.Start();
        Assert.Equal(HvStatus.InvalidAlignment, _guest.Call(0x5C, _guest.Address(3) + 4));
        Assert.Equal(HvStatus.InvalidAlignment, _guest.Call(0x5C, _guest.Address(4) - 248));
        Assert.Equal(HvStatus.InvalidHypercallInput, _guest.Call(0x5C, 0x1000));
        Assert.Equal(3, Host.TakeViolations().Count);
    }

    [Fact]
    public void PostAnswers_ThrottleThePosts()
    {
        _guest.Start();
        Host.PostAnswers.Enqueue(0x13);
        Host.PostAnswers.Enqueue(0x12);
        Assert.Equal(0x13ul, _guest.Post(VmbusMessage.RequestOffers));
        Assert.Equal(0x12ul, _guest.Post(VmbusMessage.RequestOffers));
        Assert.Empty(Host.Vmbus.Log);
        _guest.Contact(VmbusVersion.Win8_1);
        Assert.Single(Host.Vmbus.Log);
    }

    [Fact]
    public void SlowHost_TakesSixteenMessages_ThenHasNoBuffers()
    {
        _guest.Start();
        Host.Vmbus.IsSlow = true;
        ulong[] answers = [.. Enumerable.Range(0, 17).Select(_ => _guest.Post(VmbusMessage.InitiateContact, VmbusVersion.Win10, 0, 0, 0, 0, 0, 0, 0))];
        Assert.Equal([.. Enumerable.Repeat(HvStatus.Success, 16), HvStatus.InsufficientBuffers], answers);
        Host.Poll();
        Assert.Equal(16, Host.Vmbus.Contacts.Count);
    }

    [Fact]
    public void RegistersThatAreNotOffered_AreViolations()
    {
        Host.RegisterPrivileges = 0x20;
        Host.ReadMsr(Register.Simp);
        Host.WriteMsr(Register.GuestOsId, 1);
        Host.ReadMsr(0x4000_00FF);
        Assert.Equal(2, Host.TakeViolations().Count);
    }

    [Fact]
    public void Remains_NamesWhatIsStillOn()
    {
        _guest.Connect();
        Assert.Equal(6, Host.Remains.Count); // connection, OS id, hypercall page, SIMP, SIEFP, SINT2
        _guest.Post(VmbusMessage.Unload);
        _guest.Stop();
        Assert.Empty(Host.Remains);
        Assert.Empty(Host.Violations);
    }
}
