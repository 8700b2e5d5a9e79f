namespace NetBoot.Uefi.Interop.Raw;

/// <summary>An open file or directory. UEFI 2.10, 13.5.</summary>
public unsafe struct EFI_FILE_PROTOCOL
{
    /// <summary>Up to <see cref="Flush"/>.</summary>
    public const ulong EFI_FILE_PROTOCOL_REVISION = 0x00010000;

    /// <summary>With <see cref="OpenEx"/> and the rest.</summary>
    public const ulong EFI_FILE_PROTOCOL_REVISION2 = 0x00020000;

    /// <summary>Open mode: for reading.</summary>
    public const ulong EFI_FILE_MODE_READ = 0x0000000000000001;

    /// <summary>Open mode: for writing; only together with reading.</summary>
    public const ulong EFI_FILE_MODE_WRITE = 0x0000000000000002;

    /// <summary>Open mode: made if it does not exist; only together with reading and writing.</summary>
    public const ulong EFI_FILE_MODE_CREATE = 0x8000000000000000;

    /// <summary>Attribute: it cannot be opened for writing.</summary>
    public const ulong EFI_FILE_READ_ONLY = 0x0000000000000001;

    /// <summary>Attribute: not listed as a rule.</summary>
    public const ulong EFI_FILE_HIDDEN = 0x0000000000000002;

    /// <summary>Attribute: of the operating system.</summary>
    public const ulong EFI_FILE_SYSTEM = 0x0000000000000004;

    /// <summary>Attribute: not used.</summary>
    public const ulong EFI_FILE_RESERVED = 0x0000000000000008;

    /// <summary>Attribute: a directory.</summary>
    public const ulong EFI_FILE_DIRECTORY = 0x0000000000000010;

    /// <summary>Attribute: changed since the last backup.</summary>
    public const ulong EFI_FILE_ARCHIVE = 0x0000000000000020;

    /// <summary>All attributes that can be set.</summary>
    public const ulong EFI_FILE_VALID_ATTR = 0x0000000000000037;

    /// <summary>1.0 or 2.0, as above; it says whether the members with tokens are there.</summary>
    public ulong Revision;

    /// <summary>
    /// Opens or makes a file, seen from this one or, with '\' first, from the root; EFI_NOT_FOUND when it does not exist. (This, NewHandle,
    /// FileName with '\' between names, OpenMode, Attributes)
    /// </summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, EFI_FILE_PROTOCOL**, char*, ulong, ulong, EFI_STATUS> Open;

    /// <summary>Ends the handle; what is written is flushed. It never fails. (This)</summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, EFI_STATUS> Close;

    /// <summary>Deletes the file and ends the handle in any case; EFI_WARN_DELETE_FAILURE when it is not deleted. (This)</summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, EFI_STATUS> Delete;

    /// <summary>
    /// Reads from the position on, which moves with it; BufferSize is in bytes, in and out. (This, BufferSize, Buffer); a directory yields
    /// one EFI_FILE_INFO a call, and 0 bytes at its end.
    /// </summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, nuint*, void*, EFI_STATUS> Read;

    /// <summary>Writes at the position, which moves with it; BufferSize is in bytes, in and out. (This, BufferSize, Buffer)</summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, nuint*, void*, EFI_STATUS> Write;

    /// <summary>The position in bytes from the start; EFI_UNSUPPORTED for a directory. (This, Position)</summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, ulong*, EFI_STATUS> GetPosition;

    /// <summary>Sets the position in bytes from the start; a directory takes only 0. (This, Position); all bits set: the end.</summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, ulong, EFI_STATUS> SetPosition;

    /// <summary>
    /// What is known of the file or its volume; EFI_BUFFER_TOO_SMALL tells the size that it takes. (This, InformationType, BufferSize,
    /// Buffer)
    /// </summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, EFI_GUID*, nuint*, void*, EFI_STATUS> GetInfo;

    /// <summary>
    /// Changes what is known of the file or its volume: name, size, times, attributes. (This, InformationType, BufferSize, Buffer)
    /// </summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, EFI_GUID*, nuint, void*, EFI_STATUS> SetInfo;

    /// <summary>Writes to the device what is still in memory. (This)</summary>
    public delegate* unmanaged<EFI_FILE_PROTOCOL*, EFI_STATUS> Flush;

    // Revision 2: with tokens, which the product does not use.

    /// <summary>As Open, with a token.</summary>
    public void* OpenEx;

    /// <summary>As Read, with a token.</summary>
    public void* ReadEx;

    /// <summary>As Write, with a token.</summary>
    public void* WriteEx;

    /// <summary>As Flush, with a token.</summary>
    public void* FlushEx;
}
