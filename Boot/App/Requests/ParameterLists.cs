using System;
using System.Collections.Generic;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Requests;

/// <summary>The parameter lists that a script has made and no URI has used yet. It owns them.</summary>
public sealed class ParameterLists : IDisposable
{
    /// <summary>More than this is a script that runs away.</summary>
    public const int Maximum = 64;

    private const string Mark = "##params";

    private readonly List<ParameterList> _lists = new(Maximum); // all the room it ever needs, from the session's arena

    /// <summary>Adds a list, in place of one with its name.</summary>
    public Error? Add(ParameterList list)
    {
        Take(list.Name)?.Dispose();
        if (_lists.Count == Maximum)
        {
            list.Dispose();
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, "no room for more parameter lists");
        }

        _lists.Add(list);
        return null;
    }

    /// <summary>The list of that name, or null.</summary>
    public ParameterList? Find(ReadOnlySpan<char> name)
    {
        foreach (ParameterList list in _lists)
        {
            if (list.Name.AsSpan().SequenceEqual(name))
            {
                return list;
            }
        }

        return null;
    }

    /// <summary>Takes a list out; the caller disposes it.</summary>
    public ParameterList? Take(ReadOnlySpan<char> name)
    {
        ParameterList? list = Find(name);
        if (list is not null)
        {
            _lists.Remove(list);
        }

        return list;
    }

    /// <summary>Cuts "##params" or "##params=NAME" off a URI, and takes the list that it names; null when there is none. The caller disposes it.</summary>
    public ParameterList? TakeFrom(ref string uri)
    {
        int at = uri.AsSpan().IndexOf(Mark);
        if (at < 0)
        {
            return null;
        }

        ReadOnlySpan<char> rest = uri.AsSpan(at + Mark.Length);
        uri = uri.Substring(0, at);
        return Take(rest.Length > 0 && rest[0] == '=' ? rest.Slice(1) : default);
    }

    public void Dispose()
    {
        foreach (ParameterList list in _lists)
        {
            list.Dispose();
        }

        _lists.Clear();
    }
}
