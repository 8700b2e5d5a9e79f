using System;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.DriverModel;

/// <summary>Who drives a controller.</summary>
[Collection("Firmware")]
public sealed class ControllersTests : IDisposable
{
    private static EFI_STATUS Success => EFI_STATUS.EFI_SUCCESS;

    private readonly NicFixture _fixture = new(withStack: true);

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void FindDriver_TellsTheAgent()
    {
        Assert.True(Controllers.FindDriver<FAKE_NIC_PROTOCOL>(_fixture.Controller).IsNull);
        _fixture.Connect();
        Assert.Equal(_fixture.Driver.Handle, Controllers.FindDriver<FAKE_NIC_PROTOCOL>(_fixture.Controller));
        Assert.Equal(_fixture.Stack.Handle, Controllers.FindDriver<EFI_SIMPLE_NETWORK_PROTOCOL>(_fixture.Child));
    }

    [Fact]
    public void Connect_LetsTheGivenDriversTryAndTellsWhenNoneDid()
    {
        Assert.Equal(Success, Controllers.Connect(_fixture.Controller, _fixture.Drivers.Handles, recursive: false));
        Assert.True(Controllers.FindDriver<EFI_SIMPLE_NETWORK_PROTOCOL>(_fixture.Child).IsNull);
        EFI_HANDLE unknown = _fixture.AddController(model: 0);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, Controllers.Connect(unknown, _fixture.Drivers.Handles, recursive: true));
    }

    [Fact]
    public void Recognizes_AlsoWhatAnotherDriverHas()
    {
        EFI_HANDLE unknown = _fixture.AddController(model: 0);
        _fixture.Connect();
        Assert.True(_fixture.Driver.Recognizes(_fixture.Controller));
        Assert.False(_fixture.Driver.Recognizes(unknown));
        Assert.False(_fixture.Driver.Recognizes(_fixture.Child));
    }
}
