using System;
using NetBoot.Tests.Models.Xen;
using Xunit;

namespace NetBoot.Tests.ModelTests.Xen;

/// <summary>The model's grant table against public/grant_table.h: who may map what, and what the guest must leave alone meanwhile.</summary>
[Collection("Firmware")]
public sealed unsafe class GrantTests : IDisposable
{
    private const uint Reference = 8;

    private readonly ScriptedXenGuest _guest = new();
    private readonly byte* _page;

    public GrantTests() => _page = _guest.AllocatePage();

    private SimulatedGrants Grants => _guest.Xen.Grants;

    public void Dispose() => _guest.Dispose();

    private void Grant(ushort domain = 0, ushort more = 0) =>
        _guest.Grants[Reference] = SimulatedGrants.PermitAccess | (ulong)more | ((ulong)domain << 16) | ((ulong)_page / 4096 << 32);

    [Fact]
    public void Page_IsMappedByTheDomainThatItIsGrantedTo_AndByNoOther()
    {
        Assert.True(Grants.Map(Reference, 0, forWriting: true) == null);
        Grant(domain: 3);
        Assert.Equal([Reference], Grants.Granted);
        Assert.True(Grants.Map(Reference, 0, forWriting: false) == null);
        Assert.True(Grants.Map(Reference, 3, forWriting: true) == _page);
        Grants.Unmap(Reference);
        Assert.Equal(0, Grants.MappedPages);
    }

    [Fact]
    public void Page_GrantedForReading_IsNotMappedForWriting()
    {
        Grant(more: SimulatedGrants.ReadOnly);
        Assert.True(Grants.Map(Reference, 0, forWriting: true) == null);
        Assert.False(Grants.Copy(Reference, 0, 0, new byte[4], toGuest: true));
        Assert.True(Grants.Copy(Reference, 0, 4092, new byte[4], toGuest: false));
        Assert.False(Grants.Copy(Reference, 0, 4093, new byte[4], toGuest: false));
    }

    [Fact]
    public void Entry_SaysThatItIsInUse_UntilTheLastMappingEnds()
    {
        Grant();
        Grants.Map(Reference, 0, forWriting: false);
        Assert.Equal(SimulatedGrants.PermitAccess | SimulatedGrants.Reading, Grants.FlagsOf(Reference));
        Grants.Map(Reference, 0, forWriting: true);
        Grants.Unmap(Reference);
        Assert.Equal(SimulatedGrants.PermitAccess | SimulatedGrants.Reading | SimulatedGrants.Writing, Grants.FlagsOf(Reference));
        Grants.Unmap(Reference);
        Assert.Equal(SimulatedGrants.PermitAccess, Grants.FlagsOf(Reference));
    }

    [Fact]
    public void Entry_ThatTheGuestChangesWhileItIsInUse_IsAViolation()
    {
        Grant();
        Grants.Map(Reference, 0, forWriting: true);
        ulong entry = _guest.Grants[Reference];
        _guest.Grants[Reference] = 0;
        Assert.Contains("while it was in use", Assert.Single(_guest.Xen.TakeViolations()));
        _guest.Grants[Reference] = entry;
        Assert.Empty(_guest.Xen.TakeViolations());
    }

    [Fact]
    public void Page_ThatTheGuestFreesWhileItIsInUse_IsAViolation()
    {
        Grant();
        Grants.Map(Reference, 0, forWriting: true);
        _guest.Firmware.BootServices->FreePages((ulong)_page, 1);
        Assert.Contains("freed the page", Assert.Single(_guest.Xen.TakeViolations()));
        Grants.Unmap(Reference);
        _guest.Xen.TakeViolations();
    }

    [Fact]
    public void Frames_ComeOneAfterTheOther_UpToTheirNumber()
    {
        byte* memory = _guest.Xen.Platform.Memory + (2 * 4096);
        Grants.MaximumFrames = 2;
        Assert.Equal(0, _guest.AddToPhysmap(space: 1, index: 1, memory));
        Assert.Equal(2, Grants.MappedFrames);
        Assert.Equal(-22, _guest.AddToPhysmap(space: 1, index: 2, memory + 4096));
    }
}
