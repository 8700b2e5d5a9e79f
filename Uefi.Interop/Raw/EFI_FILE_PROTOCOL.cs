namespace Uefi.Interop.Raw;

/// <summary>An open file or directory. UEFI 2.10, 13.5.</summary>
public unsafe struct EFI_FILE_PROTOCOL
{
    public const ulong EFI_FILE_PROTOCOL_REVISION = 0x00010000;
    public const ulong EFI_FILE_PROTOCOL_REVISION2 = 0x00020000;

    public const ulong EFI_FILE_MODE_READ = 0x0000000000000001;
    public const ulong EFI_FILE_MODE_WRITE = 0x0000000000000002;
    public const ulong EFI_FILE_MODE_CREATE = 0x8000000000000000;

    public const ulong EFI_FILE_READ_ONLY = 0x0000000000000001;
    public const ulong EFI_FILE_HIDDEN = 0x0000000000000002;
    public const ulong EFI_FILE_SYSTEM = 0x0000000000000004;
    public const ulong EFI_FILE_RESERVED = 0x0000000000000008;
    public const ulong EFI_FILE_DIRECTORY = 0x0000000000000010;
    public const ulong EFI_FILE_ARCHIVE = 0x0000000000000020;
    public const ulong EFI_FILE_VALID_ATTR = 0x0000000000000037;

    public ulong Revision;

    /// <summary>(This, NewHandle, FileName with '\' between names, OpenMode, Attributes)</summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, EFI_FILE_PROTOCOL**, char*, ulong, ulong, EFI_STATUS> Open;
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, EFI_STATUS> Close;
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, EFI_STATUS> Delete;

    /// <summary>(This, BufferSize, Buffer); a directory yields one EFI_FILE_INFO a call, and 0 bytes at its end.</summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, nuint*, void*, EFI_STATUS> Read;

    /// <summary>(This, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, nuint*, void*, EFI_STATUS> Write;
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, ulong*, EFI_STATUS> GetPosition;

    /// <summary>(This, Position); all bits set: the end.</summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, ulong, EFI_STATUS> SetPosition;

    /// <summary>(This, InformationType, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, EFI_GUID*, nuint*, void*, EFI_STATUS> GetInfo;

    /// <summary>(This, InformationType, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, EFI_GUID*, nuint, void*, EFI_STATUS> SetInfo;
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, EFI_STATUS> Flush;

    // Revision 2: with tokens, which the product does not use.
    public void* OpenEx;
    public void* ReadEx;
    public void* WriteEx;
    public void* FlushEx;
}
