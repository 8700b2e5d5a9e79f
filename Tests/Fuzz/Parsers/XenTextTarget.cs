using System;
using System.Collections.Generic;
using NetBoot.BusDrivers.Xen;
using NetBoot.BusDrivers.Xen.Bus;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Fuzz.Parsers;

internal sealed unsafe class XenTextTarget : FuzzTarget
{
    public override string Name => "xen-text";

    public override string Subject => "numbers, states and errors of xenstore, and device path nodes of XenBus";

    public override int MaximumSize => 64;

    public override IEnumerable<byte[]> Seeds =>
    [
        [.. "18446744073709551615"u8], [.. "4\0"u8], [.. "ENOENT\0"u8],
        [1, 4, 40, 0, 0xD9, 0x86, 0x0C, 0x1F, 0x42, 0x5A, 0x3B, 0x4E, 0x8D, 0x77, 0x61, 0xB5, 0x0E, 0x9A, 0x23, 0xCC, 1, 0, 0, 0, .. "vif"u8, .. new byte[13]],
    ];

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        if (XenNumber.TryParse(input, out ulong number))
        {
            Span<byte> digits = stackalloc byte[XenNumber.MaximumDigits];
            int length = XenNumber.Format(number, digits);
            FuzzFinding.Unless(XenNumber.TryParse(digits[..length], out ulong again) && again == number, $"{number} is written as another");
        }

        FuzzFinding.Unless(XenNumber.ToState(input) <= XenBusState.Reconfigured, "a state that there is not");
        XenStoreErrors.ToStatus(XenStoreErrors.Parse(input));
        XenText.Until(input);
        byte* node = stackalloc byte[64];
        input[..Math.Min(input.Length, 64)].CopyTo(new Span<byte>(node, 64));
        if (XenBusPath.TryParse((EFI_DEVICE_PATH_PROTOCOL*)node, out ReadOnlySpan<byte> type, out _))
        {
            FuzzFinding.Unless(type.Length <= XenBusPath.MaximumType, $"a class of {type.Length} bytes");
        }
    }
}
