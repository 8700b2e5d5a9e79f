using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace NetBoot.Boot.Tool.Labs.HyperV;

/// <summary>A stopped processor's general registers, as QEMU's stub lays them out.</summary>
internal abstract class GuestRegisters(byte[] bytes)
{
    public byte[] Bytes { get; } = bytes;

    public abstract ulong ProgramCounter { get; set; }

    public abstract bool IsUserMode { get; }

    protected ulong this[int register]
    {
        get => BinaryPrimitives.ReadUInt64LittleEndian(Bytes.AsSpan(register * 8));
        set => BinaryPrimitives.WriteUInt64LittleEndian(Bytes.AsSpan(register * 8), value);
    }
}

/// <summary>Those of x86-64.</summary>
internal sealed class X64Registers(byte[] bytes) : GuestRegisters(bytes)
{
    private const int Cs = (17 * 8) + 4;

    public ulong Rax
    {
        set => this[0] = value;
    }

    public ulong Rcx => this[2];

    public ulong Rdx => this[3];

    public ulong R8 => this[8];

    public ulong R9 => this[9];

    public ulong Rsp
    {
        get => this[7];
        set => this[7] = value;
    }

    public override ulong ProgramCounter
    {
        get => this[16];
        set => this[16] = value;
    }

    public override bool IsUserMode => (Bytes[Cs] & 3) != 0;
}

/// <summary>Those of AArch64.</summary>
internal sealed class AArch64Registers(byte[] bytes) : GuestRegisters(bytes)
{
    private const int Cpsr = 33 * 8;
    private const int ExceptionLevel = 0xC;

    /// <summary>x0 to x30.</summary>
    public Span<ulong> X => MemoryMarshal.Cast<byte, ulong>(Bytes.AsSpan(0, 31 * 8));

    public override ulong ProgramCounter
    {
        get => this[32];
        set => this[32] = value;
    }

    public override bool IsUserMode => (Bytes[Cpsr] & ExceptionLevel) == 0;
}
