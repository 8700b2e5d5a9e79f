using System;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>The firmware's variables (UEFI 2.10, 8.2).</summary>
public static unsafe class FirmwareVariables
{
    /// <summary>Names that scripts ask for are no longer, with their final zero.</summary>
    private const int MaximumName = 1024;

    private const int MaximumValue = 1 << 20;

    /// <summary>A variable's value, in the current arena; null when there is none, or the firmware does not tell.</summary>
    /// <param name="name">A byte string, of UTF-8.</param>
    /// <param name="vendor">Its namespace; null for whichever comes first.</param>
    public static byte[]? Get(ReadOnlySpan<char> name, EFI_GUID? vendor)
    {
        char* wanted = stackalloc char[MaximumName];
        if (!TryWriteName(name, wanted, out int length))
        {
            return null;
        }

        EFI_GUID guid = vendor.GetValueOrDefault();
        if (vendor is null && !TryFindVendor(new ReadOnlySpan<char>(wanted, length), out guid))
        {
            return null;
        }

        nuint size = 0;
        EFI_STATUS status = Firmware.RuntimeServices->GetVariable(wanted, &guid, null, &size, null);
        if (status != EFI_STATUS.EFI_BUFFER_TOO_SMALL || size == 0 || size > MaximumValue)
        {
            return null;
        }

        byte[] value = new byte[(int)size];
        fixed (byte* target = value)
        {
            status = Firmware.RuntimeServices->GetVariable(wanted, &guid, null, &size, target);
        }

        return status.IsError || size != (nuint)value.Length ? null : value;
    }

    /// <summary>Sets a variable that stays, and that no operating system sees; with no value removes it.</summary>
    public static Error? Set(ReadOnlySpan<char> name, EFI_GUID vendor, ReadOnlySpan<byte> value)
    {
        char* wide = stackalloc char[MaximumName];
        if (!TryWriteName(name, wide, out _))
        {
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{name}: the name is too long for a variable"));
        }

        const uint Attributes = EFI_VARIABLE.EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE.EFI_VARIABLE_BOOTSERVICE_ACCESS;
        EFI_STATUS status;
        fixed (byte* data = value)
        {
            status = Firmware.RuntimeServices->SetVariable(wide, &vendor, Attributes, (nuint)value.Length, data);
        }

        return !status.IsError || (value.Length == 0 && status == EFI_STATUS.EFI_NOT_FOUND)
            ? null
            : new Error(status, TextBuilder.Format($"the firmware does not keep {value.Length} bytes of settings: {status}"));
    }

    private static bool TryWriteName(ReadOnlySpan<char> name, char* target, out int length)
    {
        length = 0;
        int at = 0;
        while (at < name.Length && length < MaximumName - 1)
        {
            target[length++] = ByteText.NextUcs2(name, ref at);
        }

        target[length] = '\0';
        return at == name.Length && length > 0;
    }

    private static bool TryFindVendor(ReadOnlySpan<char> wanted, out EFI_GUID vendor)
    {
        VariableNames names = new();
        while (names.MoveNext())
        {
            if (names.Name.SequenceEqual(wanted))
            {
                vendor = names.Vendor;
                return true;
            }
        }

        vendor = default;
        return false;
    }
}
