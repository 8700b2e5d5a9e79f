using System;
using System.Runtime.CompilerServices;
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

    /// <summary>Enough for what lies in the first block besides: its header, this, and the arena's object.</summary>
    private const nuint OwnSize = 128;

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

    /// <summary>All that there are, from the newest to the image's, which is the first.</summary>
    private static ArenaMemory* s_newest;

    /// <summary>The <see cref="Arena"/> object, as an address.</summary>
    public nint Owner;

    private ArenaMemory* _older;
    private ArenaMemory* _newer;
    private Block* _blocks; // Newest first; the last is the one that this lies in.
    private byte* _next;
    private byte* _end;
    private nuint _nextBlockSize;
    private byte* _start; // Of what is not the arena's own.

    /// <summary>Before anything else in an image.</summary>
    public static void Initialize(EFI_BOOT_SERVICES* bootServices) => s_bootServices = bootServices;

    /// <summary>Makes memory with so many bytes in its first block, or a page's if that is more.</summary>
    /// <returns>Null when the firmware has not so many.</returns>
    public static ArenaMemory* Create(nuint room)
    {
        Block* block = AllocateBlock(Math.Max(FirstBlockSize, room + OwnSize));
        if (block == null)
        {
            return null;
        }

        ArenaMemory* memory = (ArenaMemory*)(block + 1);
        *memory = default;
        memory->_blocks = block;
        memory->_next = (byte*)(memory + 1);
        memory->_end = (byte*)block + block->Size;
        memory->_nextBlockSize = FirstBlockSize * 2;
        memory->Link();
        return memory;
    }

    /// <summary>What was allocated so far belongs to the arena itself, and outlives a reset.</summary>
    public void Seal() => _start = _next;

    /// <param name="size">In bytes; a multiple of 8.</param>
    /// <returns>Null when the firmware has no more.</returns>
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
            if (memory == null)
            {
                return null;
            }
        }

        new Span<byte>(memory, (int)size).Clear();
        return memory;
    }

    public void Reset()
    {
        Block* first = _blocks;
        // What was not handed out needs no pattern; where there are several blocks, it is not known any more how much of the first that is.
        byte* used = first->Older == null ? _next : null;
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
        new Span<byte>(_start, (int)((used == null ? _end : used) - _start)).Fill(Freed);
    }

    /// <summary>Gives everything back; with the image's memory all that there is, for what ends an image halfway leaves others.</summary>
    public static void Free(ArenaMemory* memory)
    {
        while (memory == Image && s_newest != memory)
        {
            Free(s_newest);
        }

        if (Current == memory)
        {
            Current = null;
        }

        memory->Unlink();
        for (Block* block = memory->_blocks; block != null;)
        {
            Block* older = block->Older;
            FreeBlock(block);
            block = older;
        }
    }

    // A notification may come in between, and make or free one too.
    private void Link()
    {
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        _older = s_newest;
        if (_older != null)
        {
            _older->_newer = Self;
        }

        s_newest = Self;
        Firmware.RestoreTpl(tpl);
    }

    private void Unlink()
    {
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        if (_older != null)
        {
            _older->_newer = _newer;
        }

        if (_newer != null)
        {
            _newer->_older = _older;
        }
        else
        {
            s_newest = _older;
        }

        Firmware.RestoreTpl(tpl);
    }

    // It lies in pool memory, and does not move.
    private ArenaMemory* Self => (ArenaMemory*)Unsafe.AsPointer(ref this);

    private byte* AllocateInNewBlock(nuint size)
    {
        nuint needed = size + (nuint)sizeof(Block);
        if (needed > _nextBlockSize / 4)
        {
            Block* own = AllocateBlock(needed);
            if (own == null)
            {
                return null;
            }

            own->Older = _blocks;
            _blocks = own;
            return (byte*)(own + 1);
        }

        Block* block = AllocateBlock(_nextBlockSize);
        if (block == null)
        {
            return null;
        }

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
            return null;
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
