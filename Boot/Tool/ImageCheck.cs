using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.PortableExecutable;

namespace NetBoot.Boot.Tool;

/// <summary>Checks a built image against what firmware with memory protection demands of it.</summary>
public sealed class ImageCheck
{
    private readonly List<string> _faults = [];

    public ImageCheck(string path)
    {
        using FileStream stream = File.OpenRead(path);
        using PEReader reader = new(stream);
        PEHeaders headers = reader.PEHeaders;
        PEHeader header = headers.PEHeader!;
        Size = stream.Length;
        Kind = $"{headers.CoffHeader.Machine} {header.Subsystem}";
        string name = Path.GetFileName(path);
        Check(header.SectionAlignment == 4096, $"{name}: sections are aligned to {header.SectionAlignment} bytes, not to a page");
        Check(header.DllCharacteristics.HasFlag(DllCharacteristics.NxCompatible), $"{name}: not marked NX_COMPAT");
        Check(!headers.CoffHeader.Characteristics.HasFlag(Characteristics.RelocsStripped), $"{name}: not relocatable");
        Check(header.ImportTableDirectory.Size == 0, $"{name}: has imports");
        Check(header.Subsystem is Subsystem.EfiApplication or Subsystem.EfiBootServiceDriver, $"{name}: subsystem {header.Subsystem} is not one of UEFI");
        Check(headers.SectionHeaders.Any(section => section.Name == ".sbat"), $"{name}: has no SBAT section");
        foreach (SectionHeader section in headers.SectionHeaders)
        {
            const SectionCharacteristics both = SectionCharacteristics.MemWrite | SectionCharacteristics.MemExecute;
            Check((section.SectionCharacteristics & both) != both, $"{name}: section {section.Name} is writable and executable");
        }
    }

    public long Size { get; }

    /// <summary>Processor and subsystem.</summary>
    public string Kind { get; }

    /// <summary>Empty when all is well.</summary>
    public IReadOnlyList<string> Faults => _faults;

    private void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            _faults.Add(otherwise);
        }
    }
}
