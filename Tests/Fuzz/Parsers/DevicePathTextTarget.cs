using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;

namespace NetBoot.Tests.Fuzz.Parsers;

internal sealed class DevicePathTextTarget : FuzzTarget
{
    public override string Name => "device-path-text";

    public override string Subject => "device paths as text";

    public override int MaximumSize => 512;

    public override IEnumerable<string> Words =>
    [
        "PciRoot(", "PcieRoot(", "Pci(", "Acpi(", "MAC(", "IPv4(", "IPv6(", "Uri(", "HD(", "CDROM(", "Ata(", "Sata(", "Scsi(", "NVMe(", "USB(", "Uart(", "VenHw(", "VenMsg(", "VenMedia(",
        "Fv(", "FvFile(", "MemoryMapped(", "Offset(", "Vlan(", "Path(", "Msg(", "HardwarePath(", "Ctrl(", "RamDisk(", "GPT", "MBR", "DHCP", "Static", "TCP", "0x", "),", ")/", "\\",
    ];

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            foreach (byte[] path in new DevicePathTarget().Seeds)
            {
                yield return Encoding.Latin1.GetBytes(TextOf(path));
            }
        }
    }

    /// <summary>What is read is written, and that read; not always as the same, since names have no quotes.</summary>
    protected override void Execute(ReadOnlySpan<byte> input)
    {
        DevicePathBuilder path = new();
        if (DevicePathParser.Parse(Encoding.Latin1.GetString(input), path) is null)
        {
            DevicePathParser.Parse(TextOf(path.Nodes), new DevicePathBuilder());
        }
    }

    private static string TextOf(ReadOnlySpan<byte> path)
    {
        TextBuilder text = new(0, 4);
        DevicePathText.Append(ref text, path);
        return text.ToString();
    }
}
