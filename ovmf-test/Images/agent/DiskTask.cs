using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>
/// Reads a disk whole, in pieces of the sizes that boot loaders use, and at random, and looks at each byte that came: each word of 64 bits is its
/// own number, counted from 1, times <see cref="Factor"/>. Before each of them it waits for a key, so that one can be measured alone.
/// </summary>
internal static unsafe class DiskTask
{
    /// <summary>Odd, so that no two words are the same.</summary>
    private const ulong Factor = 0x9E37_79B9_7F4A_7C15;

    private const int SmallPiece = 64 << 10;
    private const int LargePiece = 1 << 20;
    private const int RandomPiece = 4096;

    private static EFI_BLOCK_IO_PROTOCOL* s_disk;
    private static byte* s_buffer;

    /// <param name="mebibytes">The size of the disk, which no other has, in decimal.</param>
    /// <param name="reads">How many at random, in decimal.</param>
    public static void Run(ReadOnlySpan<char> mebibytes, ReadOnlySpan<char> reads)
    {
        ulong size = (ulong)Agent.Number(mebibytes) << 20;
        Agent.Line($"agent: {Agent.FreePages()} pages are free");
        Agent.Check(Find(size), "the disk is there");
        void* buffer;
        if (s_disk == null || Agent.BootServices->AllocatePool(EFI_MEMORY_TYPE.EfiLoaderData, LargePiece, &buffer).IsError)
        {
            return;
        }

        s_buffer = (byte*)buffer;
        ReadAll(size, SmallPiece);
        ReadAll(size, LargePiece);
        WaitForKey(RandomPiece);
        int right = 0;
        uint random = 1;
        int count = Agent.Number(reads);
        for (int i = 0; i < count; i++)
        {
            random = (random * 1_664_525) + 1_013_904_223;
            right += Read((random >> 4) % (size / RandomPiece) * RandomPiece, RandomPiece) ? 1 : 0;
        }

        End(right, count, RandomPiece);
        Agent.Line($"agent: {Agent.FreePages()} pages are free");
        Agent.BootServices->FreePool(s_buffer);
    }

    private static void ReadAll(ulong size, int piece)
    {
        WaitForKey(piece);
        int right = 0;
        for (ulong at = 0; at < size; at += (ulong)piece)
        {
            right += Read(at, piece) ? 1 : 0;
        }

        End(right, (int)(size / (ulong)piece), piece);
    }

    private static void End(int right, int count, int piece)
    {
        Agent.Line($"agent: {right} of {count} reads of {piece} were right");
        Agent.Check(right == count, "each read is right");
    }

    private static bool Read(ulong at, int length)
    {
        *(ulong*)s_buffer = 0;
        if (s_disk->ReadBlocks(s_disk, s_disk->Media->MediaId, at / s_disk->Media->BlockSize, (nuint)length, s_buffer).IsError)
        {
            return false;
        }

        // Eight words without a branch: what is measured is to be the disk.
        ulong expected = (at / sizeof(ulong)) * Factor;
        ulong wrong = 0;
        for (ulong* word = (ulong*)s_buffer; word < s_buffer + length; word += 8)
        {
            wrong |= word[0] ^ (expected += Factor);
            wrong |= word[1] ^ (expected += Factor);
            wrong |= word[2] ^ (expected += Factor);
            wrong |= word[3] ^ (expected += Factor);
            wrong |= word[4] ^ (expected += Factor);
            wrong |= word[5] ^ (expected += Factor);
            wrong |= word[6] ^ (expected += Factor);
            wrong |= word[7] ^ (expected += Factor);
        }

        return wrong == 0;
    }

    /// <summary>Finds a disk, no part of one. Where nobody has made the firmware's drivers look for theirs, this does.</summary>
    private static bool Find(ulong size)
    {
        EFI_HANDLE* handles = Agent.Locate<EFI_PCI_IO_PROTOCOL>(out int count);
        for (int i = 0; !Locate(size) && i < count; i++)
        {
            Agent.BootServices->ConnectController(handles[i], null, null, 1);
        }

        Agent.BootServices->FreePool(handles);
        return Locate(size);
    }

    private static bool Locate(ulong size)
    {
        EFI_HANDLE* handles = Agent.Locate<EFI_BLOCK_IO_PROTOCOL>(out int count);
        for (int i = 0; i < count && s_disk == null; i++)
        {
            EFI_BLOCK_IO_PROTOCOL* disk = Agent.Get<EFI_BLOCK_IO_PROTOCOL>(handles[i]);
            if (disk->Media->LogicalPartition == 0 && (disk->Media->LastBlock + 1) * disk->Media->BlockSize == size)
            {
                s_disk = disk;
            }
        }

        Agent.BootServices->FreePool(handles);
        return s_disk != null;
    }

    private static void WaitForKey(int piece)
    {
        EFI_SIMPLE_TEXT_INPUT_PROTOCOL* input = Agent.SystemTable->ConIn;
        EFI_INPUT_KEY key;
        input->Reset(input, 0);
        Agent.Line($"agent: reads of {piece} after a key");
        while (input->ReadKeyStroke(input, &key).IsError)
        {
            nuint index;
            Agent.BootServices->WaitForEvent(1, &input->WaitForKey, &index);
        }
    }
}
