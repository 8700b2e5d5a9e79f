using System;
using System.Collections.Generic;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>The variables of a <see cref="SimulatedFirmware"/> (UEFI 2.10, 8.2).</summary>
public sealed unsafe class SimulatedVariables
{
    private readonly List<(string Name, EFI_GUID Vendor, uint Attributes, byte[] Data)> _all = [];

    public int Count => _all.Count;

    /// <summary>The content of a variable of EFI_GLOBAL_VARIABLE, or of another vendor; null when it is not there.</summary>
    public byte[]? this[string name, EFI_GUID? vendor = null]
    {
        get => IndexOf(name, vendor ?? EFI_VARIABLE.EFI_GLOBAL_VARIABLE) is var i and >= 0 ? _all[i].Data : null;
        set
        {
            EFI_GUID guid = vendor ?? EFI_VARIABLE.EFI_GLOBAL_VARIABLE;
            const uint attributes = EFI_VARIABLE.EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE.EFI_VARIABLE_RUNTIME_ACCESS;
            _all.RemoveAll(each => each.Name == name && each.Vendor == guid);
            if (value is not null)
            {
                _all.Add((name, guid, attributes, value));
            }
        }
    }

    private int IndexOf(string name, EFI_GUID vendor) => _all.FindIndex(each => each.Name == name && each.Vendor == vendor);

    internal EFI_STATUS Get(char* name, EFI_GUID* vendor, uint* attributes, nuint* size, void* data)
    {
        if (name == null || vendor == null || size == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        int i = IndexOf(new string(name), *vendor);
        if (i < 0)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        if (attributes != null)
        {
            *attributes = _all[i].Attributes;
        }

        nuint given = *size;
        *size = (nuint)_all[i].Data.Length;
        if (given < *size)
        {
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        if (data == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        _all[i].Data.CopyTo(new Span<byte>(data, (int)given));
        return EFI_STATUS.EFI_SUCCESS;
    }

    internal EFI_STATUS Next(nuint* size, char* name, EFI_GUID* vendor)
    {
        if (size == null || name == null || vendor == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        int i = *name == 0 ? -1 : IndexOf(new string(name), *vendor);
        if (i < 0 && *name != 0)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (++i == _all.Count)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        nuint given = *size;
        *size = (nuint)((_all[i].Name.Length + 1) * sizeof(char));
        if (given < *size)
        {
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        Span<char> copy = new(name, _all[i].Name.Length + 1);
        _all[i].Name.CopyTo(copy);
        copy[^1] = '\0';
        *vendor = _all[i].Vendor;
        return EFI_STATUS.EFI_SUCCESS;
    }

    internal EFI_STATUS Set(char* name, EFI_GUID* vendor, uint attributes, nuint size, void* data)
    {
        const uint access = EFI_VARIABLE.EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE.EFI_VARIABLE_RUNTIME_ACCESS;
        bool isAppend = (attributes & EFI_VARIABLE.EFI_VARIABLE_APPEND_WRITE) != 0;
        attributes &= ~EFI_VARIABLE.EFI_VARIABLE_APPEND_WRITE;
        if (name == null || *name == 0 || vendor == null || (size != 0 && data == null) ||
            (attributes & access) == EFI_VARIABLE.EFI_VARIABLE_RUNTIME_ACCESS)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        byte[] content = new ReadOnlySpan<byte>(data, (int)size).ToArray();
        int i = IndexOf(new string(name), *vendor);
        if (i < 0)
        {
            if ((size == 0 && !isAppend) || (attributes & access) == 0)
            {
                return EFI_STATUS.EFI_NOT_FOUND;
            }

            _all.Add((new string(name), *vendor, attributes, content));
            return EFI_STATUS.EFI_SUCCESS;
        }

        if (!isAppend && (size == 0 || (attributes & access) == 0))
        {
            _all.RemoveAt(i);
            return EFI_STATUS.EFI_SUCCESS;
        }

        if (attributes != _all[i].Attributes)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        _all[i] = _all[i] with { Data = isAppend ? [.. _all[i].Data, .. content] : content };
        return EFI_STATUS.EFI_SUCCESS;
    }
}
