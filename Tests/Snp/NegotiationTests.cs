using System;
using NetBoot.Tests.DriverModel;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Snp;

/// <summary>The media state of a NIC that negotiates its link.</summary>
[Collection("Firmware")]
public sealed unsafe class NegotiationTests : IDisposable
{
    private readonly NicFixture _fixture = new();

    public NegotiationTests()
    {
        _fixture.Driver.NegotiationTime = 3_000_000;
        _fixture.Connect();
    }

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void MediaState_OfALinkThatIsDownAtFirst_IsNotReadyForATime()
    {
        Initialize(isLinkUp: false);
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, MediaState());
        Assert.Equal(0, _fixture.Snp->Mode->MediaPresent);
        _fixture.Simulated.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, MediaState());
        _fixture.Simulated.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(EFI_STATUS.EFI_NO_MEDIA, MediaState());
        Assert.Equal(EFI_STATUS.EFI_NO_MEDIA, MediaState());
    }

    [Fact]
    public void MediaState_OfALinkThatComesUp_IsSuccess()
    {
        Initialize(isLinkUp: false);
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, MediaState());
        _fixture.Nic.LinkUp = true;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, MediaState());
    }

    [Fact]
    public void MediaState_OfALinkThatIsLost_IsNotReadyForATime()
    {
        Initialize(isLinkUp: true);
        _fixture.Simulated.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, MediaState());
        _fixture.Nic.LinkUp = false;
        uint interrupts;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _fixture.Snp->GetStatus(_fixture.Snp, &interrupts, null));
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, MediaState());
        _fixture.Simulated.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(EFI_STATUS.EFI_NO_MEDIA, MediaState());
    }

    [Fact]
    public void MediaState_WhileTheNicIsClosed_IsNotNegotiated()
    {
        Initialize(isLinkUp: false);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _fixture.Snp->Shutdown(_fixture.Snp));
        Assert.Equal(EFI_STATUS.EFI_NO_MEDIA, MediaState());
    }

    private void Initialize(bool isLinkUp)
    {
        _fixture.Nic.LinkUp = isLinkUp;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _fixture.Snp->Start(_fixture.Snp));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _fixture.Snp->Initialize(_fixture.Snp, 0, 0));
    }

    private EFI_STATUS MediaState()
    {
        EFI_ADAPTER_INFORMATION_PROTOCOL* information = Firmware.Get<EFI_ADAPTER_INFORMATION_PROTOCOL>(_fixture.Child);
        EFI_GUID type = EFI_ADAPTER_INFO_MEDIA_STATE.Guid;
        void* block = null;
        nuint size = 0;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, information->GetInformation(information, &type, &block, &size));
        EFI_STATUS state = ((EFI_ADAPTER_INFO_MEDIA_STATE*)block)->MediaState;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Firmware.BootServices->FreePool(block));
        return state;
    }
}
