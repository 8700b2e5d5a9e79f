using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>
/// The memory of an arena: blocks from the firmware's pool, handed out from their start to their end. It lies in its own
/// first block. What is freed is overwritten with a pattern that is no address, so that a use after that is a fault of the processor.
/// </summary>
internal unsafe struct ArenaMemory
{
    /// <summary>A page of pool memory, with room for the header that firmware puts before it.</summary>
    private const nuint FirstBlockSize = 4096 - 128;

    /// <summary>Blocks double up to this; what is larger than a quarter of the next block gets a block of its own.</summary>
    private const nuint LargestBlockSize = 65536 - 128;

    private const byte Freed = 0xDD;

    private struct Block
    {
        public Block* Older;
        public nuint Size; // This header included.
    }

    /// <summary>Where `new` takes memory from; null where allocating is a fault.</summary>
    public static ArenaMemory* Current;

    /// <summary>The memory of what lives as long as the image.</summary>
    public static ArenaMemory* Image;

    private static EFI_BOOT_SERVICES* s_bootServices;

    /// <summary>The <see cref="Arena"/> object, as an address.</summary>
    public nint Owner;

    private Block* _blocks; // Newest first; the last is the one that this lies in.
    private byte* _next;
    private byte* _end;
    private nuint _nextBlockSize;
    private byte* _start; // Of what is not the arena's own.

    /// <summary>Before anything else in an image.</summary>
    public static void Initialize(EFI_BOOT_SERVICES* bootServices) => s_bootServices = bootServices;

    public static ArenaMemory* Create()
    {
        Block* block = AllocateBlock(FirstBlockSize);
        ArenaMemory* memory = (ArenaMemory*)(block + 1);
        *memory = default;
        memory->_blocks = block;
        memory->_next = (byte*)(memory + 1);
        memory->_end = (byte*)block + block->Size;
        memory->_nextBlockSize = FirstBlockSize * 2;
        return memory;
    }

    /// <summary>What was allocated so far belongs to the arena itself, and outlives a reset.</summary>
    public void Seal() => _start = _next;

    /// <param name="size">In bytes; a multiple of 8.</param>
    public byte* Allocate(nuint size)
    {
        byte* memory = _next;
        if ((nuint)(_end - memory) >= size)
        {
            _next = memory + size;
        }
        else
        {
            memory = AllocateInNewBlock(size);
        }

        new Span<byte>(memory, (int)size).Clear();
        return memory;
    }

    public void Reset()
    {
        Block* first = _blocks;
        while (first->Older != null)
        {
            Block* older = first->Older;
            FreeBlock(first);
            first = older;
        }

        _blocks = first;
        _next = _start;
        _end = (byte*)first + first->Size;
        _nextBlockSize = FirstBlockSize * 2;
        new Span<byte>(_start, (int)(_end - _start)).Fill(Freed);
    }

    public static void Free(ArenaMemory* memory)
    {
        if (Current == memory)
        {
            Current = null;
        }

        for (Block* block = memory->_blocks; block != null;)
        {
            Block* older = block->Older;
            FreeBlock(block);
            block = older;
        }
    }

    private byte* AllocateInNewBlock(nuint size)
    {
        nuint needed = size + (nuint)sizeof(Block);
        if (needed > _nextBlockSize / 4)
        {
            Block* own = AllocateBlock(needed);
            own->Older = _blocks;
            _blocks = own;
            return (byte*)(own + 1);
        }

        Block* block = AllocateBlock(_nextBlockSize);
        block->Older = _blocks;
        _blocks = block;
        _nextBlockSize = Math.Min(_nextBlockSize * 2, LargestBlockSize);
        byte* memory = (byte*)(block + 1);
        _next = memory + size;
        _end = (byte*)block + block->Size;
        return memory;
    }

    private static Block* AllocateBlock(nuint size)
    {
        void* memory = null;
        EFI_STATUS status = s_bootServices->AllocatePool(EFI_MEMORY_TYPE.EfiBootServicesData, size, &memory);
        if (status.IsError || memory == null)
        {
            throw new InvalidOperationException("out of memory");
        }

        Block* block = (Block*)memory;
        block->Older = null;
        block->Size = size;
        return block;
    }

    private static void FreeBlock(Block* block)
    {
        new Span<byte>(block, (int)block->Size).Fill(Freed);
        s_bootServices->FreePool(block);
    }
}
