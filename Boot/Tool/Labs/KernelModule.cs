using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace NetBoot.Boot.Tool.Labs;

/// <summary>Loadable modules of a Linux kernel: which need which, and one change to one of them.</summary>
public static class KernelModule
{
    /// <summary>The names that a module says it needs, from its <c>.modinfo</c> section.</summary>
    public static string[] Dependencies(ReadOnlySpan<byte> module)
    {
        int at = module.IndexOf("\0depends="u8);
        if (at < 0)
        {
            return [];
        }

        ReadOnlySpan<byte> list = module[(at + 9)..];
        return Encoding.ASCII.GetString(list[..list.IndexOf((byte)0)]).Split(',', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The named modules of a folder (NAME.ko) and all that they need, in the order in which they can be loaded.</summary>
    public static IReadOnlyList<string> InOrder(string folder, IEnumerable<string> names)
    {
        List<string> order = new();
        void Add(string name)
        {
            string file = Path.Combine(folder, FileName(name));
            if (order.Contains(file))
            {
                return;
            }

            foreach (string each in Dependencies(File.ReadAllBytes(file)))
            {
                Add(each);
            }

            order.Add(file);
        }

        foreach (string name in names)
        {
            Add(name);
        }

        return order;
    }

    /// <summary>One spelling for the name: packages write some with a dash that the modules themselves write with an underscore.</summary>
    public static string FileName(string name) => name.Replace('-', '_') + ".ko";

    /// <summary>
    /// Makes kvm_amd keep its guests' writes to CR8 intercepted, as it starts with: <c>svm_update_cr8_intercept</c>, which lifts the
    /// intercept, returns at once.
    /// </summary>
    /// <remarks>
    /// QEMU 10's emulation of SVM aborts ("bql_locked()") when a guest writes CR8 itself while a virtual interrupt is pending; OVMF writes it at
    /// the end of every interrupt. The signature, wrong from then on, is cut off: unsigned modules load.
    /// </remarks>
    /// <exception cref="ToolError">The function is not there or does not begin as expected.</exception>
    public static byte[] KeepCr8Intercept(byte[] module)
    {
        ReadOnlySpan<byte> magic = "~Module signature appended~\n"u8;
        if (module.AsSpan().EndsWith(magic))
        {
            const int informationSize = 12; // struct module_signature; the length of the signature proper is its last field
            int end = module.Length - magic.Length;
            module = module[..(end - informationSize - BinaryPrimitives.ReadInt32BigEndian(module.AsSpan(end - 4)))];
        }

        // ELF-64: the function's place in the file is its section's offset and its value in the symbol table.
        int sections = BinaryPrimitives.ReadUInt16LittleEndian(module.AsSpan(60));
        for (int number = 0; number < sections; number++)
        {
            int table = SectionHeader(module, number);
            if (BinaryPrimitives.ReadInt32LittleEndian(module.AsSpan(table + 4)) != 2) // SHT_SYMTAB
            {
                continue;
            }

            int names = SectionOffset(module, BinaryPrimitives.ReadInt32LittleEndian(module.AsSpan(table + 40)));
            int first = SectionOffset(module, number);
            int size = (int)BinaryPrimitives.ReadInt64LittleEndian(module.AsSpan(table + 32));
            for (int symbol = first; symbol < first + size; symbol += 24)
            {
                int name = names + BinaryPrimitives.ReadInt32LittleEndian(module.AsSpan(symbol));
                if (module.AsSpan(name).StartsWith("svm_update_cr8_intercept\0"u8))
                {
                    int code = SectionOffset(module, BinaryPrimitives.ReadUInt16LittleEndian(module.AsSpan(symbol + 6))) +
                        (int)BinaryPrimitives.ReadInt64LittleEndian(module.AsSpan(symbol + 8));
                    if (module.AsSpan(code).StartsWith((ReadOnlySpan<byte>)[0xF3, 0x0F, 0x1E, 0xFA, 0xE8])) // endbr64; call __fentry__
                    {
                        module[code + 9] = 0xC3; // ret
                        return module;
                    }
                }
            }
        }

        throw new ToolError(
            "The kernel's kvm_amd has no svm_update_cr8_intercept of the kind that is known.",
            "Debian 13's kernel has changed: see KernelModule.KeepCr8Intercept.");
    }

    private static int SectionHeader(byte[] elf, int number) => (int)BinaryPrimitives.ReadInt64LittleEndian(elf.AsSpan(40)) + (number * 64);

    private static int SectionOffset(byte[] elf, int number) =>
        (int)BinaryPrimitives.ReadInt64LittleEndian(elf.AsSpan(SectionHeader(elf, number) + 24));
}
