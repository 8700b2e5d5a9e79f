using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Uefi.Interop.Raw.EFI_OPEN_PROTOCOL;

namespace NetBoot.Tests.ModelTests.UefiFirmware;

[Collection("Firmware")]
public sealed unsafe class HandleTests
{
    private static EFI_GUID First => new(0x11111111, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    private static EFI_GUID Second => new(0x22222222, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2);
    private const uint ByDriverExclusive = EFI_OPEN_PROTOCOL_BY_DRIVER | EFI_OPEN_PROTOCOL_EXCLUSIVE;

    private static EFI_STATUS Install(SimulatedFirmware firmware, ref EFI_HANDLE handle, EFI_GUID guid, nint value = 1)
    {
        fixed (EFI_HANDLE* pointer = &handle)
        {
            return firmware.BootServices->InstallProtocolInterface(pointer, &guid, EFI_INTERFACE_TYPE.EFI_NATIVE_INTERFACE, (void*)value);
        }
    }

    private static EFI_HANDLE Create(SimulatedFirmware firmware, EFI_GUID guid, nint value = 1)
    {
        EFI_HANDLE handle = default;
        Assert.True(Install(firmware, ref handle, guid, value).IsSuccess);
        return handle;
    }

    private static EFI_STATUS Open(
        SimulatedFirmware firmware, EFI_HANDLE handle, EFI_HANDLE agent, EFI_HANDLE controller, uint attributes, EFI_GUID? guid = null)
    {
        EFI_GUID protocol = guid ?? First;
        void* found;
        return firmware.BootServices->OpenProtocol(handle, &protocol, &found, agent, controller, attributes);
    }

    private static EFI_STATUS Close(SimulatedFirmware firmware, EFI_HANDLE handle, EFI_HANDLE agent, EFI_HANDLE controller)
    {
        EFI_GUID protocol = First;
        return firmware.BootServices->CloseProtocol(handle, &protocol, agent, controller);
    }

    private static EFI_STATUS Uninstall(SimulatedFirmware firmware, EFI_HANDLE handle, EFI_GUID guid, nint value = 1) =>
        firmware.BootServices->UninstallProtocolInterface(handle, &guid, (void*)value);

    [Fact]
    public void Handle_LivesAsLongAsItHasProtocols_AndItsValueIsNotUsedAgain()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE handle = Create(firmware, First);
        Assert.True(Install(firmware, ref handle, Second).IsSuccess);
        Assert.True(Uninstall(firmware, handle, First).IsSuccess);
        Assert.True(firmware.IsHandle(handle));
        Assert.True(Uninstall(firmware, handle, Second).IsSuccess);
        Assert.False(firmware.IsHandle(handle));
        Assert.NotEqual(handle, Create(firmware, First));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, Install(firmware, ref handle, First));
    }

    [Fact]
    public void Install_OfAProtocolThatIsThere_IsInvalid()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE handle = Create(firmware, First);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, Install(firmware, ref handle, First));
    }

    [Fact]
    public void Uninstall_OfAnotherInterface_IsNotFound()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE handle = Create(firmware, First, 0x1000);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, Uninstall(firmware, handle, First, 0x2000));
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, Uninstall(firmware, handle, Second));
    }

    [Fact]
    public void Locate_FindsInTheOrderOfHandles()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE a = Create(firmware, First);
        Create(firmware, Second);
        EFI_HANDLE b = Create(firmware, First);
        EFI_GUID guid = First;
        nuint count;
        EFI_HANDLE* found;
        Assert.True(firmware.BootServices->LocateHandleBuffer(EFI_LOCATE_SEARCH_TYPE.ByProtocol, &guid, null, &count, &found).IsSuccess);
        Assert.Equal((nuint)2, count);
        Assert.Equal(a, found[0]);
        Assert.Equal(b, found[1]);
        Assert.Equal(1, firmware.AllocatedPools);
        firmware.BootServices->FreePool(found);
        nuint size = (nuint)sizeof(EFI_HANDLE);
        EFI_HANDLE one;
        Assert.Equal(
            EFI_STATUS.EFI_BUFFER_TOO_SMALL,
            firmware.BootServices->LocateHandle(EFI_LOCATE_SEARCH_TYPE.ByProtocol, &guid, null, &size, &one));
        Assert.Equal((nuint)(2 * sizeof(EFI_HANDLE)), size);
    }

    [Fact]
    public void Locate_OfWhatIsNotThere_IsNotFound()
    {
        using SimulatedFirmware firmware = new();
        EFI_GUID guid = First;
        nuint count;
        EFI_HANDLE* found;
        void* @interface;
        Assert.Equal(
            EFI_STATUS.EFI_NOT_FOUND,
            firmware.BootServices->LocateHandleBuffer(EFI_LOCATE_SEARCH_TYPE.ByProtocol, &guid, null, &count, &found));
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, firmware.BootServices->LocateProtocol(&guid, null, &@interface));
        Assert.Equal(0, firmware.AllocatedPools);
    }

    [Fact]
    public void Notify_TellsEachNewHandleOnce()
    {
        using SimulatedFirmware firmware = new();
        Create(firmware, First);
        EFI_EVENT news;
        firmware.BootServices->CreateEvent(0, 0, null, null, &news);
        EFI_GUID guid = First;
        void* registration;
        firmware.BootServices->RegisterProtocolNotify(&guid, news, &registration);
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, firmware.BootServices->CheckEvent(news));
        EFI_HANDLE a = Create(firmware, First);
        EFI_HANDLE b = Create(firmware, First);
        Assert.True(firmware.BootServices->CheckEvent(news).IsSuccess);
        EFI_HANDLE found;
        foreach (EFI_HANDLE expected in new[] { a, b })
        {
            nuint size = (nuint)sizeof(EFI_HANDLE);
            Assert.True(
                firmware.BootServices->LocateHandle(EFI_LOCATE_SEARCH_TYPE.ByRegisterNotify, null, registration, &size, &found).IsSuccess);
            Assert.Equal(expected, found);
        }

        nuint last = (nuint)sizeof(EFI_HANDLE);
        Assert.Equal(
            EFI_STATUS.EFI_NOT_FOUND,
            firmware.BootServices->LocateHandle(EFI_LOCATE_SEARCH_TYPE.ByRegisterNotify, null, registration, &last, &found));
    }

    [Fact]
    public void ProtocolsPerHandle_ListsAll()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE handle = Create(firmware, First);
        Install(firmware, ref handle, Second);
        EFI_GUID** list;
        nuint count;
        Assert.True(firmware.BootServices->ProtocolsPerHandle(handle, &list, &count).IsSuccess);
        Assert.Equal((nuint)2, count);
        Assert.True(*list[0] == First && *list[1] == Second);
        firmware.BootServices->FreePool(list);
    }

    [Fact]
    public void LocateDevicePath_TakesTheLongestMatch()
    {
        using SimulatedFirmware firmware = new();
        byte[] pci = SimulatedPath.Pci(3);
        byte[] nic = [.. pci[..^4], .. SimulatedPath.Of(SimulatedPath.Mac(2, 0, 0, 0, 0, 1))];
        EFI_HANDLE parent = firmware.CreateController(pci);
        EFI_HANDLE child = firmware.CreateController(nic);
        Install(firmware, ref parent, First);
        EFI_GUID guid = EFI_DEVICE_PATH_PROTOCOL.Guid;
        EFI_DEVICE_PATH_PROTOCOL* path = firmware.AllocatePath(nic);
        EFI_HANDLE device;
        Assert.True(firmware.BootServices->LocateDevicePath(&guid, &path, &device).IsSuccess);
        Assert.Equal(child, device);
        Assert.Equal(EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE, path->Type);
        guid = First;
        path = firmware.AllocatePath(nic);
        Assert.True(firmware.BootServices->LocateDevicePath(&guid, &path, &device).IsSuccess);
        Assert.Equal(parent, device);
        Assert.Equal(MAC_ADDR_DEVICE_PATH.MSG_MAC_ADDR_DP, path->SubType);
        path = firmware.AllocatePath(SimulatedPath.Pci(4));
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, firmware.BootServices->LocateDevicePath(&guid, &path, &device));
    }

    [Fact]
    public void Open_ByDriver_IsForOne_AndTellsTheSameOneThatItHasIt()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE handle = Create(firmware, First);
        EFI_HANDLE one = Create(firmware, Second);
        EFI_HANDLE other = Create(firmware, Second);
        Assert.True(Open(firmware, handle, one, handle, EFI_OPEN_PROTOCOL_BY_DRIVER).IsSuccess);
        Assert.Equal(EFI_STATUS.EFI_ALREADY_STARTED, Open(firmware, handle, one, handle, EFI_OPEN_PROTOCOL_BY_DRIVER));
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, Open(firmware, handle, other, handle, EFI_OPEN_PROTOCOL_BY_DRIVER));
        Assert.True(Open(firmware, handle, other, handle, EFI_OPEN_PROTOCOL_GET_PROTOCOL).IsSuccess);
        Assert.True(Close(firmware, handle, one, handle).IsSuccess);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, Close(firmware, handle, one, handle));
        Assert.True(Open(firmware, handle, other, handle, EFI_OPEN_PROTOCOL_BY_DRIVER).IsSuccess);
    }

    [Theory]
    [InlineData(EFI_OPEN_PROTOCOL_EXCLUSIVE)]
    [InlineData(ByDriverExclusive)]
    public void Open_WhatIsOpenExclusively_IsDeniedToAllWhoWouldUseIt(uint attributes)
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE handle = Create(firmware, First);
        EFI_HANDLE one = Create(firmware, Second);
        EFI_HANDLE other = Create(firmware, Second);
        Assert.True(Open(firmware, handle, one, handle, attributes).IsSuccess);
        foreach (uint each in new[] { EFI_OPEN_PROTOCOL_BY_DRIVER, EFI_OPEN_PROTOCOL_EXCLUSIVE, ByDriverExclusive })
        {
            Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, Open(firmware, handle, other, handle, each));
        }

        Assert.True(Open(firmware, handle, other, handle, EFI_OPEN_PROTOCOL_GET_PROTOCOL).IsSuccess);
        Assert.True(Open(firmware, handle, other, handle, EFI_OPEN_PROTOCOL_TEST_PROTOCOL).IsSuccess);
        Assert.True(Open(firmware, handle, other, other, EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER).IsSuccess);
    }

    [Fact]
    public void Open_Exclusively_WhenTheDriverWillNotGo_IsDenied()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE handle = Create(firmware, First);
        EFI_HANDLE one = Create(firmware, Second);
        Open(firmware, handle, one, handle, EFI_OPEN_PROTOCOL_BY_DRIVER);
        Assert.Equal(
            EFI_STATUS.EFI_ACCESS_DENIED, Open(firmware, handle, firmware.ImageHandle, default, EFI_OPEN_PROTOCOL_EXCLUSIVE));
        Assert.Single(firmware.HeldOpenings);
    }

    [Fact]
    public void Open_ChecksWhatTheAttributesNeed()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE handle = Create(firmware, First);
        EFI_HANDLE agent = Create(firmware, Second);
        EFI_STATUS invalid = EFI_STATUS.EFI_INVALID_PARAMETER;
        Assert.Equal(invalid, Open(firmware, handle, default, handle, EFI_OPEN_PROTOCOL_BY_DRIVER));
        Assert.Equal(invalid, Open(firmware, handle, agent, default, EFI_OPEN_PROTOCOL_BY_DRIVER));
        Assert.Equal(invalid, Open(firmware, handle, agent, handle, EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER));
        Assert.Equal(invalid, Open(firmware, handle, agent, default, EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER));
        Assert.Equal(invalid, Open(firmware, handle, default, default, EFI_OPEN_PROTOCOL_EXCLUSIVE));
        Assert.Equal(invalid, Open(firmware, handle, agent, handle, EFI_OPEN_PROTOCOL_BY_DRIVER | EFI_OPEN_PROTOCOL_GET_PROTOCOL));
        Assert.Equal(invalid, Open(firmware, handle, agent, handle, 0));
        Assert.Equal(invalid, Open(firmware, new EFI_HANDLE(123), agent, handle, EFI_OPEN_PROTOCOL_GET_PROTOCOL));
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, Open(firmware, handle, agent, handle, EFI_OPEN_PROTOCOL_BY_DRIVER, Second));
        Assert.Empty(firmware.HeldOpenings);
    }

    [Fact]
    public void Open_Test_NeedsNoInterface()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE handle = Create(firmware, First);
        EFI_GUID guid = First;
        EFI_BOOT_SERVICES* services = firmware.BootServices;
        Assert.True(services->OpenProtocol(handle, &guid, null, default, default, EFI_OPEN_PROTOCOL_TEST_PROTOCOL).IsSuccess);
        Assert.Equal(
            EFI_STATUS.EFI_INVALID_PARAMETER,
            services->OpenProtocol(handle, &guid, null, default, default, EFI_OPEN_PROTOCOL_GET_PROTOCOL));
        guid = Second;
        Assert.Equal(
            EFI_STATUS.EFI_UNSUPPORTED,
            services->OpenProtocol(handle, &guid, null, default, default, EFI_OPEN_PROTOCOL_TEST_PROTOCOL));
    }

    [Fact]
    public void OpenInformation_CountsEqualOpenings()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE handle = Create(firmware, First);
        EFI_HANDLE agent = Create(firmware, Second);
        Open(firmware, handle, agent, default, EFI_OPEN_PROTOCOL_GET_PROTOCOL);
        Open(firmware, handle, agent, default, EFI_OPEN_PROTOCOL_GET_PROTOCOL);
        Open(firmware, handle, agent, handle, EFI_OPEN_PROTOCOL_BY_DRIVER);
        EFI_GUID guid = First;
        EFI_OPEN_PROTOCOL_INFORMATION_ENTRY* entries;
        nuint count;
        Assert.True(firmware.BootServices->OpenProtocolInformation(handle, &guid, &entries, &count).IsSuccess);
        Assert.Equal((nuint)2, count);
        Assert.Equal(2u, entries[0].OpenCount);
        Assert.Equal(EFI_OPEN_PROTOCOL_BY_DRIVER, entries[1].Attributes);
        Assert.Equal(agent, entries[1].AgentHandle);
        firmware.BootServices->FreePool(entries);
    }

    [Fact]
    public void Uninstall_OfWhatIsHeld_IsDenied_ButNotOfWhatIsOnlyLookedAt()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE handle = Create(firmware, First);
        EFI_HANDLE agent = Create(firmware, Second);
        Open(firmware, handle, agent, default, EFI_OPEN_PROTOCOL_GET_PROTOCOL);
        Open(firmware, handle, agent, agent, EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER);
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, Uninstall(firmware, handle, First));
        Assert.True(firmware.IsHandle(handle));
        Close(firmware, handle, agent, agent);
        Open(firmware, handle, agent, default, EFI_OPEN_PROTOCOL_GET_PROTOCOL);
        Assert.True(Uninstall(firmware, handle, First).IsSuccess);
    }

    [Fact]
    public void Handle_ThatGoesAndHasSomethingOpen_IsAViolation()
    {
        using SimulatedFirmware firmware = new();
        EFI_HANDLE handle = Create(firmware, First);
        EFI_HANDLE agent = Create(firmware, Second);
        Open(firmware, handle, agent, handle, EFI_OPEN_PROTOCOL_BY_DRIVER);
        Uninstall(firmware, agent, Second);
        Assert.Contains("still has this open", Assert.Single(firmware.TakeViolations()));
    }

    [Fact]
    public void Intercept_LetsAServiceFail()
    {
        using SimulatedFirmware firmware = new();
        firmware.Intercept = service => service == "InstallProtocolInterface" ? EFI_STATUS.EFI_OUT_OF_RESOURCES : default;
        EFI_HANDLE handle = default;
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, Install(firmware, ref handle, First));
        Assert.True(handle.IsNull);
    }

    [Fact]
    public void Services_WhenNoFirmwareIsThere_AnswerUnsupported()
    {
        EFI_BOOT_SERVICES* services;
        using (SimulatedFirmware firmware = new())
        {
            services = firmware.BootServices;
        }

        void* memory;
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, services->AllocatePool(EFI_MEMORY_TYPE.EfiBootServicesData, 1, &memory));
    }
}
