using System;
using System.Collections.Generic;
using NetBoot.Boot.App.Platforms;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>A path as the bytes that firmware, a variable or another driver has.</summary>
internal sealed class DevicePathTarget : FuzzTarget
{
    private static readonly string[] s_texts =
    [
        "PciRoot(0x0)/Pci(0x3,0x0)/MAC(525400123456,0x1)/IPv4(0.0.0.0,0x0,DHCP,0.0.0.0,0.0.0.0,0.0.0.0)/Uri(http://h/a)",
        "PciRoot(0x0)/Pci(0x3,0x0)/MAC(525400123456,0x1)/IPv6(2001:db8::7,TCP,StatelessAutoConfigure,::,0x40,::)/Uri(http://[2001:db8::7]/a)",
        "PciRoot(0x0)/Pci(0x2,0x0)/HD(1,GPT,68264C0F-858A-49F0-B692-195B64BE4DD7,0x800,0x64000)/\\EFI\\BOOT\\BOOTX64.EFI",
        "PciRoot(0x0)/Pci(0x1F,0x2)/Sata(0x0,0xFFFF,0x0)/HD(1,MBR,0xBE1AFDFA,0x3F,0xFBFC1)/CDROM(0x1,0x5F,0x1680)",
        "Acpi(PNP0C02,0x3)/Ctrl(0x1)/Scsi(0x0,0x1)/NVMe(0x1,00-11-22-33-44-55-66-77)/USB(0x2,0x0)/Ata(Secondary,Master,0x0)",
        "VenHw(E3C60C46-4E2B-44A5-B4F0-7E8D0A8A6A10,00112233)/VenMedia(5568E427-68FC-4F3D-AC74-CA555231CC68)/Vlan(100),Fv(7CB8BDC9-F8EB-4F34-AAEA-3EE4AF6516A1)",
        "MemoryMapped(0xB,0x820000,0xE1FFFF)/Offset(0x10,0x20)/Path(9,1,AABB)/Msg(31,00)/HardwarePath(99)",
    ];

    public override string Name => "device-path";

    public override string Subject => "device paths of the firmware: nodes, their text, what the application looks for in them";

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            foreach (string text in s_texts)
            {
                DevicePathBuilder path = new();
                DevicePathParser.Parse(text, path);
                yield return path.ToArray();
            }
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        TextBuilder text = new(0, 4);
        DevicePathText.Append(ref text, input);
        BootOrigin.FindUri(input);
        BootOrigin.FindMac(input);
        BootOrigin.FindVlan(input);
        BootOrigin.FindFamily(input);
        FuzzFinding.Unless(DevicePath.StartsWith(input, input), "a path does not begin with itself");
        FuzzFinding.Unless(DevicePath.WithoutEnd(input).Length <= input.Length, "nodes beyond the path");
        DevicePathBuilder copy = new();
        copy.Path(input);
        FuzzFinding.Unless(copy.Nodes.SequenceEqual(DevicePath.WithoutEnd(input)), "a copy is not the same");
    }
}
