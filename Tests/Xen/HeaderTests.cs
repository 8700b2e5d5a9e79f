using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using NetBoot.BusDrivers.Foreign.Edk2;
using NetBoot.BusDrivers.Xen;
using NetBoot.BusDrivers.Xen.Bus;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>C's declaration of the protocol says what C#'s does.</summary>
public sealed unsafe class HeaderTests
{
    private static string Header([CallerFilePath] string file = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(file)!, "../../BusDrivers/Include/NetBootXenbus.h"));

    private static void AssertGuid(string expected, EFI_GUID own, string? name = null)
    {
        Assert.Equal(Guid.Parse(expected), MemoryMarshal.Read<Guid>(MemoryMarshal.AsBytes(new ReadOnlySpan<EFI_GUID>(in own))));
        if (name is not null)
        {
            Match match = Regex.Match(Header(), $@"#define {name} \\\s+(\{{.*\}})");
            string digits = string.Concat(Regex.Matches(match.Groups[1].Value, "0x([0-9a-f]+)").Select(each => each.Groups[1].Value));
            Assert.Equal(Guid.Parse(expected), Guid.ParseExact(digits, "N"));
        }
    }

    private static IEnumerable<string> MembersOf(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public).OrderBy(each => each.MetadataToken).Select(each => each.Name);

    [Fact]
    public void Protocol_HasTheSameMembersInTheSameOrder()
    {
        string body = Regex.Match(Header(), @"struct _NETBOOT_XENBUS_PROTOCOL \{(.*?)\};", RegexOptions.Singleline).Groups[1].Value;
        Assert.Equal(MembersOf(typeof(NETBOOT_XENBUS_PROTOCOL)), Regex.Matches(body, @"(\w+);").Select(each => each.Groups[1].Value));
        Assert.Equal(184, sizeof(NETBOOT_XENBUS_PROTOCOL));
        Assert.Equal(144, (int)Marshal.OffsetOf<NETBOOT_XENBUS_PROTOCOL>(nameof(NETBOOT_XENBUS_PROTOCOL.Type)));
    }

    [Fact]
    public void Guids_AreTheSame()
    {
        AssertGuid("6d1b2a54-93e7-4c0f-a816-2fd470c35e91", NETBOOT_XENBUS_PROTOCOL.Guid, "NETBOOT_XENBUS_PROTOCOL_GUID");
        AssertGuid("1f0c86d9-5a42-4e3b-8d77-61b50e9a23cc", XenBusPath.Vendor, "NETBOOT_XENBUS_DEVICE_PATH_GUID");
        AssertGuid("3d3ca290-b9a5-11e3-b75d-b8ac6f7d65e6", XENBUS_PROTOCOL.Guid);
    }

    [Fact]
    public void Numbers_AreTheSame()
    {
        string header = Header();
        Assert.Contains($"NETBOOT_XENBUS_PROTOCOL_REVISION  0x{NETBOOT_XENBUS_PROTOCOL.NETBOOT_XENBUS_PROTOCOL_REVISION:x8}ULL", header);
        Assert.Matches($@"NETBOOT_XENBUS_FRONTEND +{(uint)XenEnd.Frontend}\b", header);
        Assert.Matches($@"NETBOOT_XENBUS_BACKEND +{(uint)XenEnd.Backend}\b", header);
        Assert.Matches($@"NETBOOT_XENBUS_NO_TRANSACTION +{XenDevice.NoTransaction}\b", header);
        foreach (XenStoreError error in Enum.GetValues<XenStoreError>())
        {
            string name = error == XenStoreError.None ? "SUCCESS" : $"{error}".ToUpperInvariant();
            Assert.Matches($@"NETBOOT_XENSTORE_{name} +{(uint)error}\b", header);
        }
    }

    [Fact]
    public void Edk2sProtocol_HasItsMembersInOrder() => Assert.Equal(
        [
            "XsRead", "XsBackendRead", "XsPrintf", "XsRemove", "XsTransactionStart", "XsTransactionEnd", "SetState", "GrantAccess",
            "GrantEndAccess", "EventChannelAllocate", "EventChannelNotify", "EventChannelClose", "RegisterWatch", "RegisterWatchBackend",
            "UnregisterWatch", "WaitForWatch", "Type", "DeviceId", "Node", "Backend",
        ],
        MembersOf(typeof(XENBUS_PROTOCOL)));
}
