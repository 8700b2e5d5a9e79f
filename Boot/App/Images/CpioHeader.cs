using System;

namespace NetBoot.Boot.App.Images;

/// <summary>
/// The header of a file in a CPIO archive of the "newc" form, which is what an initrd is made of: "070701", thirteen numbers of eight
/// hexadecimal digits, the name with its zero, and padding to four bytes (Linux, Documentation/driver-api/early-userspace/buffer-format).
/// </summary>
public static unsafe class CpioHeader
{
    private const int Size = 110;

    /// <summary>Writes a header with name and padding.</summary>
    /// <param name="output">At a multiple of four bytes.</param>
    /// <param name="name">The file's path.</param>
    /// <param name="mode">Kind of file and permissions, as in Linux' st_mode.</param>
    /// <param name="fileSize">Less than 4 GiB.</param>
    public static void Write(ref ByteWindow output, ReadOnlySpan<char> name, uint mode, ulong fileSize)
    {
        Span<byte> header = stackalloc byte[Size];
        "070701"u8.CopyTo(header);
        int at = 6;
        Put(header, ref at, 0); // c_ino
        Put(header, ref at, mode);
        Put(header, ref at, 0); // c_uid
        Put(header, ref at, 0); // c_gid
        Put(header, ref at, 1); // c_nlink
        Put(header, ref at, 0); // c_mtime
        Put(header, ref at, (uint)fileSize);
        Put(header, ref at, 0); // c_maj
        Put(header, ref at, 0); // c_min
        Put(header, ref at, 0); // c_rmaj
        Put(header, ref at, 0); // c_rmin
        Put(header, ref at, (uint)name.Length + 1);
        Put(header, ref at, 0); // c_chksum
        output.Write(header);
        for (int i = 0; i < name.Length; i++)
        {
            byte character = (byte)name[i];
            output.Write(&character, 1);
        }

        output.Write("\0"u8);
        output.Align();
    }

    private static void Put(Span<byte> header, ref int at, uint value)
    {
        for (int shift = 28; shift >= 0; shift -= 4)
        {
            uint digit = (value >> shift) & 15;
            header[at++] = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        }
    }
}
