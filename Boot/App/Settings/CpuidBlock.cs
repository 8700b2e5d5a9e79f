using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// What the processor says of itself: cpuvendor, cpumodel, and <c>cpuid/REGISTER.FUNCTION</c> (0 to 3 for EAX to EDX) or
/// <c>cpuid/SUBFUNCTION.0x40.REGISTER.FUNCTION</c>, with the other bits of iPXE's numbers. Empty where there is no CPUID.
/// </summary>
public sealed class CpuidBlock(Platform platform) : SettingsBlock("cpuid")
{
    private const uint FunctionMask = 0xC000_00FF;
    private const uint HypervisorBit = 0x4000_0000;
    private const uint RangeMask = 0xC000_0000;
    private const uint IsLittleEndian = 0x0080_0000;
    private const uint HasSubfunction = 0x0040_0000;
    private const int Eax = 0;
    private const int Ebx = 1;
    private const int Ecx = 2;
    private const int Edx = 3;

    /// <summary>Function 0: EBX, EDX, ECX are the vendor's name.</summary>
    private const uint VendorTag = IsLittleEndian | (2 << 16) | (Ebx << 8) | (Edx << 10) | (Ecx << 12);

    /// <summary>Functions 0x80000002 to 0x80000004: all four registers of each are the model's name.</summary>
    private const uint ModelTag = 0x8000_0002 | (2 << 24) | IsLittleEndian | (3 << 16) | (Eax << 8) | (Ebx << 10) | (Ecx << 12) | (Edx << 14);

    /// <inheritdoc/>
    public override bool HasOwnNames => true;

    /// <inheritdoc/>
    public override Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value) => ReadOnly(name);

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        type = SettingType.HexRaw;
        value = default;
        uint tag = name.IsNumber ? (uint)name.Tag : name.Name switch { "cpuvendor" => VendorTag, "cpumodel" => ModelTag, _ => 0 };
        if (!name.IsNumber && tag == 0)
        {
            return false;
        }

        bool hasSubfunction = (tag & HasSubfunction) != 0;
        uint function = tag & FunctionMask & (hasSubfunction ? ~HypervisorBit : ~0u);
        uint subfunction = hasSubfunction ? (tag >> 24) & 0x7F : 0;
        int functions = hasSubfunction ? 1 : (int)((tag >> 24) & 0x3F) + 1;
        int registers = (int)((tag >> 16) & 3) + 1;
        byte[] result = new byte[functions * registers * 4];
        int length = 0;
        Span<uint> output = stackalloc uint[4];
        for (int i = 0; i < functions; i++, function++)
        {
            if (!IsSupported(function, output))
            {
                return false;
            }

            platform.TryCpuid(function, subfunction, output);
            uint register = (tag >> 8) & 0xFF;
            for (int j = 0; j < registers; j++, register >>= 2, length += 4)
            {
                uint word = output[(int)(register & 3)];
                BinaryPrimitives.WriteUInt32BigEndian(
                    new Span<byte>(result, length, 4), (tag & IsLittleEndian) != 0 ? BinaryPrimitives.ReverseEndianness(word) : word);
            }
        }

        value = result;
        return true;
    }

    /// <summary>Each range of functions says in its first one's EAX which is its last.</summary>
    private bool IsSupported(uint function, Span<uint> output)
    {
        uint range = function & RangeMask;
        return platform.TryCpuid(range, 0, output) && output[Eax] >= function && (output[Eax] & RangeMask) == range;
    }
}
