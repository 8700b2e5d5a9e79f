namespace NetBoot.Uefi.Interop.Raw;

/// <summary>
/// EFI_STATUS: 0 is success, the top bit marks an error, other values are warnings.
/// UEFI 2.10, appendix D. Both targets are 64-bit.
/// </summary>
public readonly struct EFI_STATUS(nuint value) : ITextFormattable
{
    private const ulong ErrorBit = 1UL << 63;

    /// <summary>The number as firmware has it.</summary>
    public readonly nuint Value = value;

    /// <summary>The operation failed; a warning is not an error.</summary>
    public bool IsError => (Value & unchecked((nuint)ErrorBit)) != 0;

    /// <summary>Neither an error nor a warning.</summary>
    public bool IsSuccess => Value == 0;

    /// <summary>The same status.</summary>
    public static bool operator ==(EFI_STATUS a, EFI_STATUS b) => a.Value == b.Value;

    /// <summary>Another status.</summary>
    public static bool operator !=(EFI_STATUS a, EFI_STATUS b) => a.Value != b.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EFI_STATUS other && other.Value == Value;

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Value;

    /// <summary>For people: the specification's name where it says something to them, or else "status N", without the error bit.</summary>
    public void AppendTo(ref TextBuilder text)
    {
        ulong code = Value & unchecked((nuint)~ErrorBit);
        string? name = !IsError ? null : code switch
        {
            1 => "Load Error",
            2 => "Invalid Parameter",
            3 => "Unsupported",
            4 => "Bad Buffer Size",
            5 => "Buffer Too Small",
            6 => "Not Ready",
            7 => "Device Error",
            9 => "Out of Resources",
            14 => "Not Found",
            15 => "Access Denied",
            18 => "Time out",
            20 => "Already started",
            21 => "Aborted",
            26 => "Security Violation",
            _ => null,
        };
        if (name is not null)
        {
            text.Append(name);
            return;
        }

        text.Append("status ");
        text.AppendFormatted(code);
    }

    private static EFI_STATUS Error(ulong code) => new(unchecked((nuint)(ErrorBit | code)));

    /// <summary>Done.</summary>
    public static EFI_STATUS EFI_SUCCESS => default;

    /// <summary>A warning: the handle was closed, and the file is still there.</summary>
    public static EFI_STATUS EFI_WARN_DELETE_FAILURE => new(2);

    /// <summary>An image could not be loaded.</summary>
    public static EFI_STATUS EFI_LOAD_ERROR => Error(1);

    /// <summary>An argument is wrong.</summary>
    public static EFI_STATUS EFI_INVALID_PARAMETER => Error(2);

    /// <summary>It cannot be done here.</summary>
    public static EFI_STATUS EFI_UNSUPPORTED => Error(3);

    /// <summary>The buffer does not have the size that it must have.</summary>
    public static EFI_STATUS EFI_BAD_BUFFER_SIZE => Error(4);

    /// <summary>The buffer is too small; the call tells which size it takes.</summary>
    public static EFI_STATUS EFI_BUFFER_TOO_SMALL => Error(5);

    /// <summary>Nothing is there yet, or not now; to be tried again.</summary>
    public static EFI_STATUS EFI_NOT_READY => Error(6);

    /// <summary>The device failed.</summary>
    public static EFI_STATUS EFI_DEVICE_ERROR => Error(7);

    /// <summary>It cannot be written.</summary>
    public static EFI_STATUS EFI_WRITE_PROTECTED => Error(8);

    /// <summary>Memory or something else ran out.</summary>
    public static EFI_STATUS EFI_OUT_OF_RESOURCES => Error(9);

    /// <summary>The file system is damaged.</summary>
    public static EFI_STATUS EFI_VOLUME_CORRUPTED => Error(10);

    /// <summary>There is no room on the volume.</summary>
    public static EFI_STATUS EFI_VOLUME_FULL => Error(11);

    /// <summary>There is no medium: no disk, no cable.</summary>
    public static EFI_STATUS EFI_NO_MEDIA => Error(12);

    /// <summary>Another medium is in since the last access.</summary>
    public static EFI_STATUS EFI_MEDIA_CHANGED => Error(13);

    /// <summary>What was asked for does not exist.</summary>
    public static EFI_STATUS EFI_NOT_FOUND => Error(14);

    /// <summary>It was refused, or somebody else has it.</summary>
    public static EFI_STATUS EFI_ACCESS_DENIED => Error(15);

    /// <summary>No server answered.</summary>
    public static EFI_STATUS EFI_NO_RESPONSE => Error(16);

    /// <summary>An address is not known yet.</summary>
    public static EFI_STATUS EFI_NO_MAPPING => Error(17);

    /// <summary>It took too long.</summary>
    public static EFI_STATUS EFI_TIMEOUT => Error(18);

    /// <summary>Start was not called.</summary>
    public static EFI_STATUS EFI_NOT_STARTED => Error(19);

    /// <summary>It was done before.</summary>
    public static EFI_STATUS EFI_ALREADY_STARTED => Error(20);

    /// <summary>It was cancelled.</summary>
    public static EFI_STATUS EFI_ABORTED => Error(21);

    /// <summary>An ICMP error came back.</summary>
    public static EFI_STATUS EFI_ICMP_ERROR => Error(22);

    /// <summary>A TFTP error came back.</summary>
    public static EFI_STATUS EFI_TFTP_ERROR => Error(23);

    /// <summary>The other side did not follow the network protocol.</summary>
    public static EFI_STATUS EFI_PROTOCOL_ERROR => Error(24);

    /// <summary>It is of a version that does not fit.</summary>
    public static EFI_STATUS EFI_INCOMPATIBLE_VERSION => Error(25);

    /// <summary>A policy forbids it, such as Secure Boot.</summary>
    public static EFI_STATUS EFI_SECURITY_VIOLATION => Error(26);

    /// <summary>A checksum is wrong.</summary>
    public static EFI_STATUS EFI_CRC_ERROR => Error(27);

    /// <summary>The beginning or the end of the medium is reached.</summary>
    public static EFI_STATUS EFI_END_OF_MEDIA => Error(28);

    /// <summary>The end of the file is reached.</summary>
    public static EFI_STATUS EFI_END_OF_FILE => Error(31);

    /// <summary>The language is not known.</summary>
    public static EFI_STATUS EFI_INVALID_LANGUAGE => Error(32);

    /// <summary>The data cannot be trusted.</summary>
    public static EFI_STATUS EFI_COMPROMISED_DATA => Error(33);

    /// <summary>Another host has the address.</summary>
    public static EFI_STATUS EFI_IP_ADDRESS_CONFLICT => Error(34);

    /// <summary>HTTP ended with an error.</summary>
    public static EFI_STATUS EFI_HTTP_ERROR => Error(35);
}
