using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Options;

/// <summary>The firmware's Boot#### variables. UEFI 2.10, 3.1.3 and 3.3. What is read is anybody's: every length is checked.</summary>
public static unsafe class BootOptions
{
    private const uint Attributes =
        EFI_VARIABLE.EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE.EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE.EFI_VARIABLE_RUNTIME_ACCESS;

    private const int MaximumSize = 64 * 1024;
    private const string Order = "BootOrder";

    /// <summary>Whether there is an order at all: on its very first start, firmware makes it only after it started its drivers.</summary>
    public static bool HasOrder => !Read(Order).IsEmpty;

    /// <summary>The numbers of the options in the order in which firmware tries them. Allocates from the current arena.</summary>
    public static ushort[] ReadOrder()
    {
        ReadOnlySpan<byte> order = Read(Order);
        ushort[] numbers = new ushort[order.Length / sizeof(ushort)];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadUInt16LittleEndian(order.Slice(i * sizeof(ushort)));
        }

        return numbers;
    }

    /// <summary>Reads an option; false when there is none of that number, or it makes no sense. Allocates from the current arena.</summary>
    public static bool TryRead(ushort number, out LoadOption option) => LoadOption.TryParse(Read(NameOf(number)), out option);

    /// <summary>Whether an option leads to this path, be it in the order or not. Allocates from the current arena.</summary>
    /// <param name="path">With its End node.</param>
    public static bool Has(ReadOnlySpan<byte> path)
    {
        VariableNames names = new();
        while (names.MoveNext())
        {
            if (names.Vendor == EFI_VARIABLE.EFI_GLOBAL_VARIABLE && IsOptionName(names.Name) &&
                LoadOption.TryParse(Read(new string(names.Name)), out LoadOption option) && option.Path.SequenceEqual(path))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Makes an option with the lowest free number and puts it at the end of the order. Allocates from the current arena.</summary>
    /// <param name="description">What menus show.</param>
    /// <param name="path">With its End node.</param>
    public static EFI_STATUS Append(ReadOnlySpan<char> description, ReadOnlySpan<byte> path)
    {
        ushort number = 0;
        while (!Read(NameOf(number)).IsEmpty)
        {
            if (number == ushort.MaxValue)
            {
                return EFI_STATUS.EFI_OUT_OF_RESOURCES;
            }

            number++;
        }

        int pathOffset = LoadOption.DescriptionOffset + ((description.Length + 1) * sizeof(char));
        byte[] option = new byte[pathOffset + path.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(option, LoadOption.Active);
        BinaryPrimitives.WriteUInt16LittleEndian(new Span<byte>(option, 4, 2), (ushort)path.Length);
        for (int i = 0; i < description.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(new Span<byte>(option, LoadOption.DescriptionOffset + (i * sizeof(char)), sizeof(char)), description[i]);
        }

        path.CopyTo(new Span<byte>(option, pathOffset, path.Length));
        EFI_STATUS status = Write(NameOf(number), option);
        if (status.IsError)
        {
            return status;
        }

        ReadOnlySpan<byte> old = Read(Order);
        byte[] order = new byte[old.Length + sizeof(ushort)];
        old.CopyTo(order);
        BinaryPrimitives.WriteUInt16LittleEndian(new Span<byte>(order, old.Length, sizeof(ushort)), number);
        return Write(Order, order);
    }

    /// <summary>"Boot" and four hexadecimal digits.</summary>
    private static bool IsOptionName(ReadOnlySpan<char> name)
    {
        if (name.Length != 8 || !name.StartsWith("Boot"))
        {
            return false;
        }

        for (int i = 4; i < 8; i++)
        {
            if (name[i] is not ((>= '0' and <= '9') or (>= 'A' and <= 'F')))
            {
                return false;
            }
        }

        return true;
    }

    private static string NameOf(ushort number) => TextBuilder.Format($"Boot{number:X4}");

    private static ReadOnlySpan<byte> Read(string variable)
    {
        EFI_GUID vendor = EFI_VARIABLE.EFI_GLOBAL_VARIABLE;
        fixed (char* name = ZeroTerminated(variable))
        {
            nuint size = 0;
            if (Firmware.RuntimeServices->GetVariable(name, &vendor, null, &size, null) != EFI_STATUS.EFI_BUFFER_TOO_SMALL || size > MaximumSize)
            {
                return default;
            }

            byte[] data = new byte[(int)size];
            fixed (byte* target = data)
            {
                return Firmware.RuntimeServices->GetVariable(name, &vendor, null, &size, target).IsError || size > (nuint)data.Length
                    ? default
                    : new ReadOnlySpan<byte>(data, 0, (int)size);
            }
        }
    }

    private static EFI_STATUS Write(string variable, byte[] data)
    {
        EFI_GUID vendor = EFI_VARIABLE.EFI_GLOBAL_VARIABLE;
        fixed (char* name = ZeroTerminated(variable))
        fixed (byte* source = data)
        {
            return Firmware.RuntimeServices->SetVariable(name, &vendor, Attributes, (nuint)data.Length, source);
        }
    }

    private static char[] ZeroTerminated(string text)
    {
        char[] copy = new char[text.Length + 1];
        text.AsSpan().CopyTo(copy);
        return copy;
    }
}
