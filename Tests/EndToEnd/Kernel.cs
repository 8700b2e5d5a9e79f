using System;
using System.Text;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.EndToEnd;

/// <summary>Files that look like an EFI application or Linux, and what Linux' EFI stub does.</summary>
internal static unsafe class Kernel
{
    private static readonly byte[] s_initrdMedia = SimulatedPath.Of(SimulatedPath.Node(
        EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, 3,
        0x27, 0xE4, 0x68, 0x55, 0xFC, 0x68, 0x3D, 0x4F, 0xAC, 0x74, 0xCA, 0x55, 0x52, 0x31, 0xCC, 0x68));

    /// <summary>An x64 PE header, Linux' "HdrS", and noise.</summary>
    public static byte[] Linux(int size) => Executable(size, "HdrS");

    /// <summary>An x64 PE header and noise.</summary>
    public static byte[] Application(int size) => Executable(size, "none");

    private static byte[] Executable(int size, string kind)
    {
        byte[] content = Noise(size);
        "MZ"u8.CopyTo(content);
        content[0x3C] = 0x80;
        content.AsSpan(0x3D, 3).Clear();
        "PE\0\0"u8.CopyTo(content.AsSpan(0x80));
        content[0x84] = 0x64;
        content[0x85] = 0x86;
        Encoding.ASCII.GetBytes(kind).CopyTo(content, 0x202);
        return content;
    }

    public static byte[] Noise(int size)
    {
        byte[] content = new byte[size];
        new Random(size).NextBytes(content);
        return content;
    }

    /// <summary>Finds and reads the initrd as the stub does; null when nobody offers one.</summary>
    public static byte[]? ReadInitrd(SimulatedFirmware firmware)
    {
        EFI_GUID guid = EFI_LOAD_FILE2_PROTOCOL.Guid;
        EFI_DEVICE_PATH_PROTOCOL* path = firmware.AllocatePath(s_initrdMedia);
        EFI_HANDLE handle;
        if (firmware.BootServices->LocateDevicePath(&guid, &path, &handle).IsError)
        {
            return null;
        }

        EFI_LOAD_FILE2_PROTOCOL* file;
        Xunit.Assert.True(firmware.BootServices->HandleProtocol(handle, &guid, (void**)&file).IsSuccess);
        nuint size = 0;
        Xunit.Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, file->LoadFile(file, path, 0, &size, null));
        byte[] content = new byte[size];
        fixed (byte* buffer = content)
        {
            Xunit.Assert.True(file->LoadFile(file, path, 0, &size, buffer).IsSuccess);
        }

        return content;
    }
}
