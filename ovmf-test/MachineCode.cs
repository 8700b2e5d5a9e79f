using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace NetBoot.OvmfTest;

/// <summary>The instructions of an AArch64 image, function by function as its map names them.</summary>
public sealed partial class MachineCode
{
    private const ulong Base = 0x1_4000_0000;

    private readonly List<(string Name, int Start, int End)> _functions = [];
    private readonly byte[] _image;

    public MachineCode(string path)
    {
        using PEReader reader = new(new MemoryStream(File.ReadAllBytes(path)));
        SectionHeader text = reader.PEHeaders.SectionHeaders.Single(each => each.Name == ".text");
        _image = new byte[text.VirtualAddress + text.VirtualSize];
        reader.GetSectionData(".text").GetContent(0, text.VirtualSize).CopyTo(_image, text.VirtualAddress);
        (string Name, int Start)[] symbols =
        [
            .. from line in File.ReadLines(Path.ChangeExtension(path, ".map"))
               let match = SymbolOfCode().Match(line)
               where match.Success
               select (match.Groups[1].Value, (int)(ulong.Parse(match.Groups[2].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) - Base)),
        ];
        int[] starts = [.. symbols.Select(each => each.Start).Append(_image.Length).Distinct().Order()];
        foreach ((string name, int start) in symbols)
        {
            _functions.Add((name, start, starts[Array.BinarySearch(starts, start) + 1]));
        }
    }

    /// <summary>The instructions of all functions whose names have a text in them, each with what it calls when it is a call (BL).</summary>
    public IEnumerable<(uint Instruction, string? Callee)> Of(string name)
    {
        foreach ((string _, int start, int end) in _functions.Where(each => each.Name.Contains(name, StringComparison.Ordinal)))
        {
            for (int at = start; at + sizeof(uint) <= end; at += sizeof(uint))
            {
                uint instruction = BinaryPrimitives.ReadUInt32LittleEndian(_image.AsSpan(at));
                int target = at + ((int)(instruction << 6) >> 4);
                yield return (instruction, instruction >> 26 == 0x25 ? _functions.FirstOrDefault(each => each.Start == target).Name : null);
            }
        }
    }

    [GeneratedRegex(@"^ 0001:[0-9a-f]{8}\s+(\S.*?)\s+([0-9a-f]{16})\s+\S+$")]
    private static partial Regex SymbolOfCode();
}
