namespace Uefi.Interop.Raw;

/// <summary>Attributes of OpenProtocol. UEFI 2.10, 7.3.9.</summary>
public static class EFI_OPEN_PROTOCOL
{
    public const uint EFI_OPEN_PROTOCOL_BY_HANDLE_PROTOCOL = 0x00000001;
    public const uint EFI_OPEN_PROTOCOL_GET_PROTOCOL = 0x00000002;
    public const uint EFI_OPEN_PROTOCOL_TEST_PROTOCOL = 0x00000004;
    public const uint EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER = 0x00000008;
    public const uint EFI_OPEN_PROTOCOL_BY_DRIVER = 0x00000010;
    public const uint EFI_OPEN_PROTOCOL_EXCLUSIVE = 0x00000020;
}
