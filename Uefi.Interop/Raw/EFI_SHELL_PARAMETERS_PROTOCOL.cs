namespace NetBoot.Uefi.Interop.Raw;

/// <summary>On the image of a program that the UEFI shell has started: its command line. UEFI Shell 2.2, 2.3.</summary>
public unsafe struct EFI_SHELL_PARAMETERS_PROTOCOL : IProtocol
{
    /// <summary>EFI_SHELL_PARAMETERS_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x752F3136, 0x4E16, 0x4FDC, 0xA2, 0x2A, 0xE5, 0xF4, 0x68, 0x12, 0xF4, 0xCA);

    /// <summary>The words of the command line, each ended by a zero, without quotes; the first is the program's path.</summary>
    public char** Argv;

    /// <summary>How many words there are.</summary>
    public nuint Argc;

    /// <summary>Standard input: a SHELL_FILE_HANDLE.</summary>
    public void* StdIn;

    /// <summary>Standard output: a SHELL_FILE_HANDLE.</summary>
    public void* StdOut;

    /// <summary>Standard error: a SHELL_FILE_HANDLE.</summary>
    public void* StdErr;
}
