using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>
/// Does with the volume that it was started from what wimboot does: lists it, opens files by names in any case, and reads them in pieces at offsets.
/// Each byte of a file counts its value plus one, times its number from one; the sum of that is reported.
/// </summary>
internal static unsafe class FilesTask
{
    private const int MaximumName = 64;

    /// <summary>No power of two, so that pieces begin anywhere.</summary>
    private const int Piece = 100_003;

    private static byte* s_buffer;

    /// <param name="names">Of the files, in the root.</param>
    public static void Run(ReadOnlySpan<char> names)
    {
        EFI_LOADED_IMAGE_PROTOCOL* self = Agent.Get<EFI_LOADED_IMAGE_PROTOCOL>(Agent.Image);
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* volume = Agent.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(self->DeviceHandle);
        EFI_FILE_PROTOCOL* root = null;
        void* buffer = null;
        if (volume != null)
        {
            Agent.Check(volume->OpenVolume(volume, &root), EFI_STATUS.EFI_SUCCESS, "OpenVolume");
        }

        Agent.BootServices->AllocatePool(EFI_MEMORY_TYPE.EfiLoaderData, Piece, &buffer);
        s_buffer = (byte*)buffer;
        Agent.Check(root != null && buffer != null, "there is a volume");
        if (root == null || buffer == null)
        {
            return;
        }

        List(root);
        for (ReadOnlySpan<char> name = Agent.Word(ref names); name.Length > 0 && name.Length < MaximumName; name = Agent.Word(ref names))
        {
            SumUp(root, name);
        }

        root->Close(root);
        Agent.BootServices->FreePool(buffer);
    }

    private static void List(EFI_FILE_PROTOCOL* root)
    {
        nuint size = Piece;
        while (root->Read(root, &size, s_buffer).IsSuccess && size > 0)
        {
            EFI_FILE_INFO* info = (EFI_FILE_INFO*)s_buffer;
            int length = (int)(size - EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO) / sizeof(char) - 1;
            Agent.Line($"agent: lists {new ReadOnlySpan<char>(s_buffer + EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO, length)} {info->FileSize}");
            size = Piece;
        }
    }

    private static void SumUp(EFI_FILE_PROTOCOL* root, ReadOnlySpan<char> name)
    {
        char* path = stackalloc char[MaximumName];
        name.CopyTo(new Span<char>(path, MaximumName));
        path[name.Length] = '\0';
        EFI_FILE_PROTOCOL* file;
        EFI_STATUS status = root->Open(root, &file, path, EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ, 0);
        Agent.Check(status, EFI_STATUS.EFI_SUCCESS, "a file is opened");
        if (status.IsError)
        {
            return;
        }

        ulong length;
        file->SetPosition(file, ulong.MaxValue);
        file->GetPosition(file, &length);
        file->SetPosition(file, 0);
        ulong forwards = 0;
        for (ulong at = 0; at < length; at += Piece)
        {
            forwards += Read(file, at, length);
        }

        ulong backwards = 0;
        for (ulong at = (length + Piece - 1) / Piece * Piece; at > 0;)
        {
            at -= Piece;
            file->SetPosition(file, at);
            backwards += Read(file, at, length);
        }

        Agent.Check(forwards == backwards, "at offsets there is what there is in a row");
        Agent.Line($"agent: file {name} of {length} sums up to {forwards}");
        file->Close(file);
    }

    private static ulong Read(EFI_FILE_PROTOCOL* file, ulong at, ulong length)
    {
        nuint size = Piece;
        Agent.Check(file->Read(file, &size, s_buffer), EFI_STATUS.EFI_SUCCESS, "Read");
        Agent.Check(size == (nuint)Math.Min(Piece, length - at), "a piece is whole");
        ulong sum = 0;
        for (nuint i = 0; i < size; i++)
        {
            sum += (s_buffer[i] + 1UL) * (at + i + 1);
        }

        return sum;
    }
}
