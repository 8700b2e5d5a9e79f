using System.Collections.Generic;
using System.Text;

namespace NetBoot.Tests.App;

/// <summary>A small SMBIOS table: system, board, enclosure, BIOS, end.</summary>
internal static class SmbiosSample
{
    public static byte[] Table
    {
        get
        {
            List<byte> table = new();
            byte[] system = new byte[27];
            system[4] = 1;
            system[5] = 2;
            system[7] = 3;
            byte[] uuid = [0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF];
            uuid.CopyTo(system, 8);
            Add(table, 1, system, "Maker", "Model X", "S-1");
            byte[] board = new byte[15];
            board[7] = 2;
            Add(table, 2, board, "Board", "B-1");
            byte[] enclosure = new byte[21];
            enclosure[8] = 1;
            Add(table, 3, enclosure, "Asset");
            byte[] bios = new byte[24];
            bios[4] = 1;
            bios[5] = 2;
            Add(table, 0, bios, "Vendor", "1.2");
            Add(table, 127, new byte[4]);
            return table.ToArray();
        }
    }

    private static void Add(List<byte> table, byte type, byte[] fields, params string[] strings)
    {
        fields[0] = type;
        fields[1] = (byte)fields.Length;
        table.AddRange(fields);
        foreach (string text in strings)
        {
            table.AddRange(Encoding.ASCII.GetBytes(text));
            table.Add(0);
        }

        if (strings.Length == 0)
        {
            table.Add(0);
        }

        table.Add(0);
    }
}
