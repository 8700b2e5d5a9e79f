namespace Uefi.Interop.Raw;

/// <summary>
/// EFI_STATUS: 0 is success, the top bit marks an error, other values are warnings.
/// UEFI 2.10, Appendix D. Both targets are 64-bit.
/// </summary>
public readonly struct EFI_STATUS(nuint value) : IText
{
    private const ulong ErrorBit = 1UL << 63;

    public readonly nuint Value = value;

    public bool IsError => (Value & unchecked((nuint)ErrorBit)) != 0;
    public bool IsSuccess => Value == 0;

    public static bool operator ==(EFI_STATUS a, EFI_STATUS b) => a.Value == b.Value;
    public static bool operator !=(EFI_STATUS a, EFI_STATUS b) => a.Value != b.Value;
    public override bool Equals(object? obj) => obj is EFI_STATUS other && other.Value == Value;
    public override int GetHashCode() => (int)Value;

    /// <summary>For people: the specification's name where it says something to them, or else "status N", without the error bit.</summary>
    public void AppendTo(ref Text text)
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

    public static EFI_STATUS EFI_SUCCESS => default;
    public static EFI_STATUS EFI_LOAD_ERROR => Error(1);
    public static EFI_STATUS EFI_INVALID_PARAMETER => Error(2);
    public static EFI_STATUS EFI_UNSUPPORTED => Error(3);
    public static EFI_STATUS EFI_BAD_BUFFER_SIZE => Error(4);
    public static EFI_STATUS EFI_BUFFER_TOO_SMALL => Error(5);
    public static EFI_STATUS EFI_NOT_READY => Error(6);
    public static EFI_STATUS EFI_DEVICE_ERROR => Error(7);
    public static EFI_STATUS EFI_WRITE_PROTECTED => Error(8);
    public static EFI_STATUS EFI_OUT_OF_RESOURCES => Error(9);
    public static EFI_STATUS EFI_VOLUME_CORRUPTED => Error(10);
    public static EFI_STATUS EFI_VOLUME_FULL => Error(11);
    public static EFI_STATUS EFI_NO_MEDIA => Error(12);
    public static EFI_STATUS EFI_MEDIA_CHANGED => Error(13);
    public static EFI_STATUS EFI_NOT_FOUND => Error(14);
    public static EFI_STATUS EFI_ACCESS_DENIED => Error(15);
    public static EFI_STATUS EFI_NO_RESPONSE => Error(16);
    public static EFI_STATUS EFI_NO_MAPPING => Error(17);
    public static EFI_STATUS EFI_TIMEOUT => Error(18);
    public static EFI_STATUS EFI_NOT_STARTED => Error(19);
    public static EFI_STATUS EFI_ALREADY_STARTED => Error(20);
    public static EFI_STATUS EFI_ABORTED => Error(21);
    public static EFI_STATUS EFI_ICMP_ERROR => Error(22);
    public static EFI_STATUS EFI_TFTP_ERROR => Error(23);
    public static EFI_STATUS EFI_PROTOCOL_ERROR => Error(24);
    public static EFI_STATUS EFI_INCOMPATIBLE_VERSION => Error(25);
    public static EFI_STATUS EFI_SECURITY_VIOLATION => Error(26);
    public static EFI_STATUS EFI_CRC_ERROR => Error(27);
    public static EFI_STATUS EFI_END_OF_MEDIA => Error(28);
    public static EFI_STATUS EFI_END_OF_FILE => Error(31);
    public static EFI_STATUS EFI_INVALID_LANGUAGE => Error(32);
    public static EFI_STATUS EFI_COMPROMISED_DATA => Error(33);
    public static EFI_STATUS EFI_IP_ADDRESS_CONFLICT => Error(34);
    public static EFI_STATUS EFI_HTTP_ERROR => Error(35);
}
