using System;
using System.Text;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.DriverModel;

/// <summary>EFI_COMPONENT_NAME2_PROTOCOL and EFI_COMPONENT_NAME_PROTOCOL as UEFI 2.10, 11.5 says.</summary>
[Collection("Firmware")]
public sealed unsafe class ComponentNameTests : IDisposable
{
    private const string DriverName = "NetBoot fake network driver";
    private const string ControllerName = "Fake Ethernet";
    private const string ChildName = "Fake Ethernet 52:54:00:12:34:56";

    private static EFI_STATUS Success => EFI_STATUS.EFI_SUCCESS;
    private static EFI_STATUS Unsupported => EFI_STATUS.EFI_UNSUPPORTED;
    private static EFI_STATUS InvalidParameter => EFI_STATUS.EFI_INVALID_PARAMETER;

    private readonly NicFixture _fixture = new();

    private EFI_COMPONENT_NAME2_PROTOCOL* Name2 => Firmware.Get<EFI_COMPONENT_NAME2_PROTOCOL>(_fixture.Driver.Handle);
    private EFI_COMPONENT_NAME_PROTOCOL* Name1 => Firmware.Get<EFI_COMPONENT_NAME_PROTOCOL>(_fixture.Driver.Handle);

    public void Dispose() => _fixture.Dispose();

    private EFI_STATUS GetDriverName(bool isOld, string language, out string name)
    {
        char* found = null;
        fixed (byte* code = Encoding.ASCII.GetBytes(language + '\0'))
        {
            EFI_STATUS status = isOld
                ? Name1->GetDriverName(Name1, code, &found)
                : Name2->GetDriverName(Name2, code, &found);
            name = new string(found);
            return status;
        }
    }

    private EFI_STATUS GetControllerName(bool isOld, EFI_HANDLE controller, EFI_HANDLE child, string language, out string name)
    {
        char* found = null;
        fixed (byte* code = Encoding.ASCII.GetBytes(language + '\0'))
        {
            EFI_STATUS status = isOld
                ? Name1->GetControllerName(Name1, controller, child, code, &found)
                : Name2->GetControllerName(Name2, controller, child, code, &found);
            name = new string(found);
            return status;
        }
    }

    [Fact]
    public void SupportedLanguages_AreEnglishInEachStandard()
    {
        Assert.Equal("en"u8.ToArray(), new ReadOnlySpan<byte>(Name2->SupportedLanguages, 2).ToArray());
        Assert.Equal(0, Name2->SupportedLanguages[2]);
        Assert.Equal("eng"u8.ToArray(), new ReadOnlySpan<byte>(Name1->SupportedLanguages, 3).ToArray());
        Assert.Equal(0, Name1->SupportedLanguages[3]);
    }

    [Theory]
    [InlineData(false, "en")]
    [InlineData(true, "eng")]
    public void DriverAndController_HaveNames(bool isOld, string language)
    {
        _fixture.Connect();
        Assert.Equal(Success, GetDriverName(isOld, language, out string name));
        Assert.Equal(DriverName, name);
        Assert.Equal(Success, GetControllerName(isOld, _fixture.Controller, default, language, out name));
        Assert.Equal(ControllerName, name);
        Assert.Equal(Success, GetControllerName(isOld, _fixture.Controller, _fixture.Child, language, out name));
        Assert.Equal(ChildName, name);
    }

    [Theory]
    [InlineData(false, "eng")]
    [InlineData(false, "e")]
    [InlineData(false, "en-US")]
    [InlineData(false, "")]
    [InlineData(false, "fr")]
    [InlineData(true, "en")]
    [InlineData(true, "fra")]
    public void UnknownLanguage_IsUnsupported(bool isOld, string language)
    {
        _fixture.Connect();
        Assert.Equal(Unsupported, GetDriverName(isOld, language, out _));
        Assert.Equal(Unsupported, GetControllerName(isOld, _fixture.Controller, default, language, out _));
    }

    [Fact]
    public void NullParameters_AreInvalid()
    {
        _fixture.Connect();
        EFI_HANDLE controller = _fixture.Controller;
        char* name;
        fixed (byte* en = "en\0"u8, eng = "eng\0"u8)
        {
            Assert.Equal(InvalidParameter, Name2->GetDriverName(null, en, &name));
            Assert.Equal(InvalidParameter, Name2->GetDriverName(Name2, null, &name));
            Assert.Equal(InvalidParameter, Name2->GetDriverName(Name2, en, null));
            Assert.Equal(InvalidParameter, Name2->GetControllerName(null, controller, default, en, &name));
            Assert.Equal(InvalidParameter, Name2->GetControllerName(Name2, default, default, en, &name));
            Assert.Equal(InvalidParameter, Name2->GetControllerName(Name2, controller, default, null, &name));
            Assert.Equal(InvalidParameter, Name2->GetControllerName(Name2, controller, default, en, null));
            Assert.Equal(InvalidParameter, Name1->GetDriverName(null, eng, &name));
            Assert.Equal(InvalidParameter, Name1->GetDriverName(Name1, null, &name));
            Assert.Equal(InvalidParameter, Name1->GetDriverName(Name1, eng, null));
            Assert.Equal(InvalidParameter, Name1->GetControllerName(null, controller, default, eng, &name));
            Assert.Equal(InvalidParameter, Name1->GetControllerName(Name1, default, default, eng, &name));
            Assert.Equal(InvalidParameter, Name1->GetControllerName(Name1, controller, default, null, &name));
            Assert.Equal(InvalidParameter, Name1->GetControllerName(Name1, controller, default, eng, null));
        }
    }

    [Fact]
    public void WhatIsNoHandle_IsInvalid()
    {
        _fixture.Connect();
        int nothing = 0;
        EFI_HANDLE noHandle = new((nint)(&nothing));
        Assert.Equal(InvalidParameter, GetControllerName(false, noHandle, default, "en", out _));
        Assert.Equal(InvalidParameter, GetControllerName(false, _fixture.Controller, noHandle, "en", out _));
    }

    [Fact]
    public void AControllerThatIsNotStarted_IsUnsupported()
    {
        Assert.Equal(Unsupported, GetControllerName(false, _fixture.Controller, default, "en", out _));
        _fixture.Connect();
        Assert.Equal(Success, _fixture.Stop());
        Assert.Equal(Unsupported, GetControllerName(false, _fixture.Controller, default, "en", out _));
    }

    [Fact]
    public void AWrongChild_IsUnsupported()
    {
        _fixture.Connect();
        Assert.Equal(Unsupported, GetControllerName(false, _fixture.Controller, Firmware.ImageHandle, "en", out _));
        Assert.Equal(Unsupported, GetControllerName(false, _fixture.Child, default, "en", out _));
        EFI_HANDLE child = _fixture.Child;
        Assert.Equal(Success, _fixture.Stop(child));
        Assert.NotEqual(Success, GetControllerName(false, _fixture.Controller, child, "en", out _));
        Assert.Equal(Success, GetControllerName(false, _fixture.Controller, default, "en", out _));
    }

    [Fact]
    public void AfterAFault_NamesAreStillTold()
    {
        _fixture.Connect();
        _fixture.Driver.FaultsOnMatch = true;
        EFI_HANDLE second = _fixture.AddController(model: 1);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, _fixture.Binding->Supported(_fixture.Binding, second, null));
        _fixture.Driver.FaultsOnMatch = false;
        Assert.Equal(Success, GetControllerName(false, _fixture.Controller, default, "en", out _));
    }
}
