using System;

namespace NetBoot.Boot.App.Images;

/// <summary>
/// The header of a file in a CPIO archive of the "newc" form, which is what an initrd is made of: "070701", thirteen numbers of eight
/// hexadecimal digits, the name with its zero, and padding to four bytes (Linux, Documentation/driver-api/early-userspace/buffer-format).
/// </summary>
public static unsafe class CpioHeader
{
    private const int Size = 110;

    /// <summary>Writes a header, or with a null target only counts.</summary>
    /// <returns>Its bytes with name and padding.</returns>
    public static ulong Write(byte* target, ReadOnlySpan<char> name, uint mode, ulong fileSize)
    {
        int size = (Size + name.Length + 1 + 3) & ~3;
        if (target == null)
        {
            return (ulong)size;
        }

        Span<byte> header = new(target, size);
        header.Clear();
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
        for (int i = 0; i < name.Length; i++)
        {
            header[at + i] = (byte)name[i];
        }

        return (ulong)size;
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
