using System.Collections.Generic;
using System.Text;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace System.IO;

/// <summary>
/// Files of the volume that the image was loaded from (EFI_SIMPLE_FILE_SYSTEM_PROTOCOL), whole. A path counts from the root of the volume, with '\'
/// or '/' between its names. What is not there, or cannot be read, is a fault: ask <see cref="Exists"/> first.
/// </summary>
public static unsafe class File
{
    private const string HowToWrite = "Files are only read here: write with EFI_FILE_PROTOCOL (Uefi.Interop/Docs/06-files.md).";

    public static bool Exists(string? path)
    {
        EFI_FILE_PROTOCOL* file = null;
        bool exists = path is not null && Open(path, out file, out _).IsSuccess;
        Close(file);
        return exists;
    }

    public static byte[] ReadAllBytes(string path)
    {
        EFI_STATUS status = Open(path, out EFI_FILE_PROTOCOL* file, out ulong size);
        if (status.IsSuccess)
        {
            byte[] bytes = new byte[checked((int)size)];
            status = Read(file, bytes);
            Close(file);
            if (status.IsSuccess)
            {
                return bytes;
            }
        }

        throw status == EFI_STATUS.EFI_NOT_FOUND
            ? new FileNotFoundException($"Could not find file '{path}'.")
            : new IOException($"{path}: {status}");
    }

    /// <summary>UTF-8, or UTF-16 where the file begins with its mark.</summary>
    public static string ReadAllText(string path)
    {
        ReadOnlySpan<byte> bytes = ReadAllBytes(path);
        return bytes switch
        {
            [0xEF, 0xBB, 0xBF, ..] => Encoding.UTF8.GetString(bytes.Slice(3)),
            [0xFF, 0xFE, ..] => DecodeUtf16(bytes.Slice(2)),
            _ => Encoding.UTF8.GetString(bytes),
        };
    }

    public static string[] ReadAllLines(string path)
    {
        List<string> lines = new();
        ReadOnlySpan<char> rest = ReadAllText(path);
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOfAny('\r', '\n');
            lines.Add(new string(end < 0 ? rest : rest.Slice(0, end)));
            if (end < 0)
            {
                break;
            }

            rest = rest.Slice(end + (rest.Slice(end).StartsWith("\r\n".AsSpan()) ? 2 : 1));
        }

        return lines.ToArray();
    }

    [Obsolete(HowToWrite, true)]
    public static void WriteAllBytes(string path, byte[] bytes)
    {
    }

    [Obsolete(HowToWrite, true)]
    public static void WriteAllText(string path, string? contents)
    {
    }

    [Obsolete(HowToWrite, true)]
    public static void WriteAllLines(string path, params string[] contents)
    {
    }

    [Obsolete(HowToWrite, true)]
    public static void AppendAllText(string path, string? contents)
    {
    }

    private static string DecodeUtf16(ReadOnlySpan<byte> bytes)
    {
        char[] text = new char[bytes.Length / 2];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = (char)(bytes[2 * i] | (bytes[(2 * i) + 1] << 8));
        }

        return new string(text);
    }

    /// <summary>Opens a file, no directory, and finds how long it is.</summary>
    private static EFI_STATUS Open(string path, out EFI_FILE_PROTOCOL* file, out ulong size)
    {
        file = null;
        size = 0;
        EFI_LOADED_IMAGE_PROTOCOL* image = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(Firmware.ImageHandle);
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* volume =
            image == null || image->DeviceHandle.IsNull ? null : Firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(image->DeviceHandle);
        if (volume == null)
        {
            return EFI_STATUS.EFI_NO_MEDIA; // From the network, or from memory.
        }

        EFI_FILE_PROTOCOL* root = null;
        EFI_STATUS status = volume->OpenVolume(volume, &root);
        if (status.IsError)
        {
            return status;
        }

        EFI_FILE_PROTOCOL* opened = null;
        fixed (char* name = path.Replace('/', '\\'))
        {
            status = root->Open(root, &opened, name, EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ, 0);
        }

        Close(root);
        if (status.IsError)
        {
            return status;
        }

        // Where the end is, is where the position stands that is set to it; a directory has none.
        ulong length = 0;
        status = opened->SetPosition(opened, ulong.MaxValue);
        status = status.IsError ? status : opened->GetPosition(opened, &length);
        status = status.IsError ? status : opened->SetPosition(opened, 0);
        if (status.IsError)
        {
            Close(opened);
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        file = opened;
        size = length;
        return EFI_STATUS.EFI_SUCCESS;
    }

    private static EFI_STATUS Read(EFI_FILE_PROTOCOL* file, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nuint count = (nuint)bytes.Length;
            EFI_STATUS status;
            fixed (byte* first = bytes)
            {
                status = file->Read(file, &count, first);
            }

            if (status.IsError || count == 0)
            {
                return status.IsError ? status : EFI_STATUS.EFI_END_OF_FILE;
            }

            bytes = bytes.Slice((int)count);
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    private static void Close(EFI_FILE_PROTOCOL* file)
    {
        if (file != null)
        {
            file->Close(file);
        }
    }
}

public class IOException(string? message) : SystemException(message);

public class FileNotFoundException(string? message) : IOException(message);
