using System;
using System.Security.Cryptography;
using System.Text;

namespace NetBoot.Boot.Packaging.FirmwareVolumes;

/// <summary>The names that firmware volumes go by.</summary>
public static class FirmwareGuid
{
    /// <summary>EFI_FIRMWARE_FILE_SYSTEM2_GUID, PI 1.8 volume 3, 3.2.2.</summary>
    public static readonly Guid FileSystem2 = new("8C8CE578-8A3D-4F1C-9935-896185C32DD3");

    /// <summary>EFI_FIRMWARE_FILE_SYSTEM3_GUID: files of 16 MiB and more. PI 1.8 volume 3, 3.2.2.</summary>
    public static readonly Guid FileSystem3 = new("5473C07A-3DCB-4DCA-BD6F-1E9689E7349A");

    /// <summary>The GUIDed section that holds LZMA (edk2 MdeModulePkg, LzmaDecompress.h).</summary>
    public static readonly Guid Lzma = new("EE4E5898-3914-4259-9D6E-DC7BD79403CF");

    /// <summary>What a pad file is called.</summary>
    public static readonly Guid Pad = new("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF");

    // NetBoot's own name space.
    private static readonly Guid s_space = new("6E2F4B0A-7D56-4C0B-9A3E-2B1D5E0F8C47");

    /// <summary>
    /// The GUID of what has a name among NetBoot's: the same each time, so that a boot option finds its file in the next image too
    /// (RFC 9562, 5.5).
    /// </summary>
    public static Guid Named(string name)
    {
        byte[] hash = SHA1.HashData([.. s_space.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(name)]);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
