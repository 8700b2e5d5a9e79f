using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>
/// The names of the firmware's variables, one after the other (UEFI 2.10, 8.2, GetNextVariableName). Names are of any length; what room they need
/// is of the current arena.
/// </summary>
public unsafe ref struct VariableNames
{
    private const int UsualLength = 256;

    /// <summary>A firmware that says that a name is longer, or has more variables, goes round in circles.</summary>
    private const int Most = 1 << 16;

    private char[] _name = new char[UsualLength];
    private EFI_GUID _vendor;
    private int _length;
    private int _calls;

    /// <summary>Stands before the first.</summary>
    public VariableNames()
    {
    }

    /// <summary>The current one's name, without its final zero.</summary>
    public readonly ReadOnlySpan<char> Name => new(_name, 0, _length);

    /// <summary>The current one's namespace.</summary>
    public readonly EFI_GUID Vendor => _vendor;

    /// <summary>Goes to the next; false behind the last, or when the firmware does not tell.</summary>
    public bool MoveNext()
    {
        while (_calls++ < Most)
        {
            nuint size = (nuint)_name.Length * sizeof(char);
            EFI_GUID vendor = _vendor;
            EFI_STATUS status;
            fixed (char* name = _name)
            {
                status = Firmware.RuntimeServices->GetNextVariableName(&size, name, &vendor);
            }

            if (!status.IsError)
            {
                _vendor = vendor;
                int zero = _name.AsSpan().IndexOf('\0');
                _length = zero < 0 ? _name.Length : zero;
                return zero >= 0;
            }

            nuint characters = size / sizeof(char);
            if (status != EFI_STATUS.EFI_BUFFER_TOO_SMALL || characters <= (nuint)_name.Length || characters > Most)
            {
                return false;
            }

            char[] larger = new char[(int)characters]; // with the last name, from which the firmware goes on
            _name.AsSpan().CopyTo(larger);
            _name = larger;
        }

        return false;
    }
}
