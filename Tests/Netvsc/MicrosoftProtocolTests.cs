using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using NetBoot.BusDrivers.Foreign.Microsoft;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Netvsc;

/// <summary>The protocols of Hyper-V's firmware as mu_msvm declares them: MsvmPkg.dec, and Include/Protocol/Vmbus.h.</summary>
public sealed class MicrosoftProtocolTests
{
    [Fact]
    public void Guids_AreMicrosofts()
    {
        Assert.Equal("998629A6-BBD0-476B-81EF-059941E9E6F9", Print(EFI_VMBUS_PROTOCOL.Guid));
        Assert.Equal("59E6EFC9-9695-470A-9D87-0261D8451DD8", Print(EFI_VMBUS_LEGACY_PROTOCOL.Guid));
        Assert.Equal("8E03933F-8048-4A87-8147-7F05C338285D", Print(EFI_VMBUS_LEGACY_IVM_PROTOCOL.Guid));
    }

    [Fact]
    public void Members_AreInMicrosoftsOrder()
    {
        Assert.Equal(
            "PrepareGpadl 0, CreateGpadl 8, DestroyGpadl 16, GetGpadlBuffer 24, GetGpadlHandle 32, OpenChannel 40, CloseChannel 48, " +
            "RegisterIsr 56, SendInterrupt 64, Flags 72; 80",
            Layout<EFI_VMBUS_PROTOCOL>());
        Assert.Equal(
            "CreateGpadl 0, DestroyGpadl 8, OpenChannel 16, CloseChannel 24, RegisterIsr 32, SendInterrupt 40, Flags 48; 56",
            Layout<EFI_VMBUS_LEGACY_PROTOCOL>());
    }

    private static string Print(EFI_GUID guid) => TextBuilder.Format($"{guid}");

    private static string Layout<T>() where T : unmanaged
    {
        IEnumerable<(string Name, int Offset)> members =
            typeof(T).GetFields(BindingFlags.Instance | BindingFlags.Public).Select(each => (each.Name, Offset: (int)Marshal.OffsetOf<T>(each.Name)));
        return string.Join(", ", members.OrderBy(each => each.Offset).Select(each => $"{each.Name} {each.Offset}")) + $"; {Marshal.SizeOf<T>()}";
    }
}
