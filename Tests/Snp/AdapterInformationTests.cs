using System;
using NetBoot.Tests.DriverModel;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Snp;

/// <summary>EFI_ADAPTER_INFORMATION_PROTOCOL as UEFI 2.10, 11.12 says.</summary>
[Collection("Firmware")]
public sealed unsafe class AdapterInformationTests : IDisposable
{
    private static EFI_STATUS Success => EFI_STATUS.EFI_SUCCESS;
    private static EFI_STATUS InvalidParameter => EFI_STATUS.EFI_INVALID_PARAMETER;

    private readonly NicFixture _fixture = new();

    public AdapterInformationTests() => _fixture.Connect();

    public void Dispose() => _fixture.Dispose();

    private EFI_ADAPTER_INFORMATION_PROTOCOL* Information => Firmware.Get<EFI_ADAPTER_INFORMATION_PROTOCOL>(_fixture.Child);

    private EFI_STATUS MediaState()
    {
        EFI_GUID type = EFI_ADAPTER_INFO_MEDIA_STATE.Guid;
        void* block = null;
        nuint size = 0;
        Assert.Equal(Success, Information->GetInformation(Information, &type, &block, &size));
        Assert.Equal((nuint)sizeof(EFI_ADAPTER_INFO_MEDIA_STATE), size);
        EFI_STATUS state = ((EFI_ADAPTER_INFO_MEDIA_STATE*)block)->MediaState;
        Assert.Equal(Success, Firmware.BootServices->FreePool(block));
        return state;
    }

    [Fact]
    public void MediaState_FollowsTheLink()
    {
        Assert.Equal(Success, _fixture.Snp->Start(_fixture.Snp));
        Assert.Equal(Success, _fixture.Snp->Initialize(_fixture.Snp, 0, 0));
        Assert.Equal(Success, MediaState());
        _fixture.Nic.LinkUp = false;
        Assert.Equal(EFI_STATUS.EFI_NO_MEDIA, MediaState());
        _fixture.Nic.LinkUp = true;
        Assert.Equal(Success, MediaState());
    }

    [Fact]
    public void MediaState_WhileTheNicIsClosed_IsWhatWasLastKnown()
    {
        _fixture.Nic.LinkUp = false;
        Assert.Equal(Success, MediaState());
        Assert.Equal(Success, _fixture.Snp->Start(_fixture.Snp));
        Assert.Equal(Success, _fixture.Snp->Initialize(_fixture.Snp, 0, 0));
        Assert.Equal(Success, _fixture.Snp->Shutdown(_fixture.Snp));
        _fixture.Nic.LinkUp = true;
        Assert.Equal(EFI_STATUS.EFI_NO_MEDIA, MediaState());
    }

    [Fact]
    public void GetSupportedTypes_ListsTheMediaState()
    {
        EFI_GUID* types = null;
        nuint count = 0;
        Assert.Equal(Success, Information->GetSupportedTypes(Information, &types, &count));
        Assert.Equal((nuint)1, count);
        Assert.Equal(EFI_ADAPTER_INFO_MEDIA_STATE.Guid, types[0]);
        Assert.Equal(Success, Firmware.BootServices->FreePool(types));
    }

    [Fact]
    public void AnUnknownType_IsUnsupported()
    {
        EFI_GUID type = EFI_ADAPTER_INFO_SAN_MAC_ADDRESS.Guid;
        void* block = null;
        nuint size = 0;
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, Information->GetInformation(Information, &type, &block, &size));
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, Information->SetInformation(Information, &type, &size, 8));
    }

    [Fact]
    public void SetInformation_OfTheMediaState_IsWriteProtected()
    {
        EFI_GUID type = EFI_ADAPTER_INFO_MEDIA_STATE.Guid;
        EFI_ADAPTER_INFO_MEDIA_STATE state = default;
        Assert.Equal(EFI_STATUS.EFI_WRITE_PROTECTED, Information->SetInformation(Information, &type, &state, 8));
    }

    [Fact]
    public void NullParameters_AreInvalid()
    {
        EFI_GUID type = EFI_ADAPTER_INFO_MEDIA_STATE.Guid;
        void* block = null;
        nuint size = 0;
        EFI_GUID* types = null;
        Assert.Equal(InvalidParameter, Information->GetInformation(null, &type, &block, &size));
        Assert.Equal(InvalidParameter, Information->GetInformation(Information, null, &block, &size));
        Assert.Equal(InvalidParameter, Information->GetInformation(Information, &type, null, &size));
        Assert.Equal(InvalidParameter, Information->GetInformation(Information, &type, &block, null));
        Assert.Equal(InvalidParameter, Information->SetInformation(null, &type, &size, 8));
        Assert.Equal(InvalidParameter, Information->SetInformation(Information, null, &size, 8));
        Assert.Equal(InvalidParameter, Information->SetInformation(Information, &type, null, 8));
        Assert.Equal(InvalidParameter, Information->GetSupportedTypes(null, &types, &size));
        Assert.Equal(InvalidParameter, Information->GetSupportedTypes(Information, null, &size));
        Assert.Equal(InvalidParameter, Information->GetSupportedTypes(Information, &types, null));
    }

    [Fact]
    public void GetInformation_AfterAFault_IsDeviceError()
    {
        Assert.Equal(Success, _fixture.Snp->Start(_fixture.Snp));
        Assert.Equal(Success, _fixture.Snp->Initialize(_fixture.Snp, 0, 0));
        _fixture.Nic.FaultsOnTransmit = true;
        using SnpClient client = new(_fixture.Snp);
        client.Transmit(SnpClient.Frame(MacAddress.Broadcast), out _);
        EFI_GUID type = EFI_ADAPTER_INFO_MEDIA_STATE.Guid;
        void* block = null;
        nuint size = 0;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, Information->GetInformation(Information, &type, &block, &size));
    }
}
