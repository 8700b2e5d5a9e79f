using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Vmbus;

/// <summary>C's declaration of the protocol says what C#'s does.</summary>
public sealed partial class HeaderTests
{
    [GeneratedRegex(@"^  [\w*]+ +\**(\w+)(\[\d+\])?;", RegexOptions.Multiline)]
    private static partial Regex Member { get; }

    private static string Header([CallerFilePath] string file = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(file)!, "../../BusDrivers/Include/NetBootVmbus.h"));

    private static IEnumerable<string> MembersOf(string name)
    {
        string header = Header();
        Match body = Regex.Match(header, $@"struct _{name} \{{(.*?)\}};|typedef struct \{{([^}}]*)\}} {name};", RegexOptions.Singleline);
        Assert.True(body.Success, name);
        return Member.Matches(body.Groups[1].Value + body.Groups[2].Value).Select(each => each.Groups[1].Value);
    }

    [Theory]
    [InlineData(typeof(NETBOOT_VMBUS_PROTOCOL))]
    [InlineData(typeof(NETBOOT_VMBUS_ROOT_PROTOCOL))]
    [InlineData(typeof(NETBOOT_VMBUS_PACKET))]
    [InlineData(typeof(NETBOOT_VMBUS_GPA_RANGE))]
    [InlineData(typeof(NETBOOT_VMBUS_TRANSFER_RANGE))]
    public void Structures_HaveTheSameMembersInTheSameOrder(Type type) => Assert.Equal(
        type.GetFields(BindingFlags.Instance | BindingFlags.Public).OrderBy(each => each.MetadataToken).Select(each => each.Name),
        MembersOf(type.Name));

    [Theory]
    [InlineData("NETBOOT_VMBUS_PROTOCOL_GUID", "6e7cc1f4-9e0d-4c0b-a63b-520c7d5a41e8")]
    [InlineData("NETBOOT_VMBUS_ROOT_PROTOCOL_GUID", "0b5a6e5d-3c0c-4b9e-9167-d21e389f640a")]
    [InlineData("NETBOOT_VMBUS_DEVICE_PATH_GUID", "9b17e5a2-0891-42dd-b653-80b5c22809ba")]
    public void Guids_AreTheSame(string name, string expected)
    {
        Match match = Regex.Match(Header(), $@"#define {name} \\\s+(\{{.*\}})");
        string digits = string.Concat(Regex.Matches(match.Groups[1].Value, "0x([0-9a-f]+)").Select(each => each.Groups[1].Value));
        Assert.Equal(Guid.Parse(expected), Guid.ParseExact(digits, "N"));
        EFI_GUID own = name switch
        {
            "NETBOOT_VMBUS_PROTOCOL_GUID" => NETBOOT_VMBUS_PROTOCOL.Guid,
            "NETBOOT_VMBUS_ROOT_PROTOCOL_GUID" => NETBOOT_VMBUS_ROOT_PROTOCOL.Guid,
            _ => NetBoot.BusDrivers.Vmbus.Bus.ChannelHandle.NodeVendor,
        };
        Assert.Equal(Guid.Parse(expected), MemoryMarshal.Read<Guid>(MemoryMarshal.AsBytes(new ReadOnlySpan<EFI_GUID>(in own))));
    }

    [Fact]
    public unsafe void Layout_IsThatOfC()
    {
        Assert.Equal(240, sizeof(NETBOOT_VMBUS_PROTOCOL));
        Assert.Equal(168, (int)Marshal.OffsetOf<NETBOOT_VMBUS_PROTOCOL>(nameof(NETBOOT_VMBUS_PROTOCOL.OpenChannel)));
        Assert.Equal(40, sizeof(NETBOOT_VMBUS_PACKET));
        Assert.Equal(16, sizeof(NETBOOT_VMBUS_GPA_RANGE));
        Assert.Equal(8, sizeof(NETBOOT_VMBUS_TRANSFER_RANGE));
    }

    [Theory]
    [InlineData("NETBOOT_VMBUS_PROTOCOL_REVISION", NETBOOT_VMBUS_PROTOCOL.NETBOOT_VMBUS_PROTOCOL_REVISION)]
    [InlineData("NETBOOT_VMBUS_ROOT_PROTOCOL_REVISION", NETBOOT_VMBUS_ROOT_PROTOCOL.NETBOOT_VMBUS_ROOT_PROTOCOL_REVISION)]
    [InlineData("NETBOOT_VMBUS_MINIMUM_RING_PAGES", NETBOOT_VMBUS_PROTOCOL.NETBOOT_VMBUS_MINIMUM_RING_PAGES)]
    [InlineData("NETBOOT_VMBUS_MAXIMUM_RING_PAGES", NETBOOT_VMBUS_PROTOCOL.NETBOOT_VMBUS_MAXIMUM_RING_PAGES)]
    [InlineData("NETBOOT_VMBUS_COMPLETION_REQUESTED", NETBOOT_VMBUS_PACKET.NETBOOT_VMBUS_COMPLETION_REQUESTED)]
    [InlineData("NETBOOT_VMBUS_PACKET_IN_BAND", (uint)VmbusPacketType.InBand)]
    [InlineData("NETBOOT_VMBUS_PACKET_TRANSFER_PAGES", (uint)VmbusPacketType.TransferPages)]
    [InlineData("NETBOOT_VMBUS_PACKET_GPA_DIRECT", (uint)VmbusPacketType.GpaDirect)]
    [InlineData("NETBOOT_VMBUS_PACKET_COMPLETION", (uint)VmbusPacketType.Completion)]
    public void Numbers_AreTheSame(string name, uint expected)
    {
        string value = Regex.Match(Header(), $@"#define {name} +(\w+)").Groups[1].Value;
        Assert.Equal(expected, value.StartsWith("0x") ? Convert.ToUInt32(value, 16) : uint.Parse(value));
    }
}
