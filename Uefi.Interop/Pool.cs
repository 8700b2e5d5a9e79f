using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>
/// The firmware's pool: memory of any size that does not move, for what firmware holds pointers to. Never on a frame's way. Once
/// ExitBootServices has begun it is as it is: there is no more of it, and nothing is given back.
/// </summary>
public static unsafe class Pool
{
    /// <summary>Zeroed memory of boot services data, 8-byte aligned, or null when there is none left.</summary>
    public static void* Allocate(nuint size)
    {
        void* memory = null;
        if (Firmware.IsExitingBootServices ||
            Firmware.BootServices->AllocatePool(EFI_MEMORY_TYPE.EfiBootServicesData, size, &memory).IsError)
        {
            return null;
        }

        new Span<byte>(memory, checked((int)size)).Clear();
        return memory;
    }

    /// <inheritdoc cref="Allocate(nuint)"/>
    public static T* Allocate<T>() where T : unmanaged => (T*)Allocate((nuint)sizeof(T));

    /// <summary>A copy with a terminating zero, or null when there is no memory left.</summary>
    public static char* CopyOf(string text)
    {
        char* copy = (char*)Allocate(((nuint)text.Length + 1) * sizeof(char));
        if (copy != null)
        {
            text.AsSpan().CopyTo(new Span<char>(copy, text.Length));
        }

        return copy;
    }

    /// <summary>Gives back what <see cref="Allocate(nuint)"/> or the firmware allocated from the pool; null is fine.</summary>
    public static void Free(void* memory)
    {
        if (memory != null && !Firmware.IsExitingBootServices)
        {
            Firmware.BootServices->FreePool(memory);
        }
    }
}
