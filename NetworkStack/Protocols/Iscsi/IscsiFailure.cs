using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>Why something failed, in room that is there from the beginning: it is written where nothing may be allocated.</summary>
internal sealed class IscsiFailure
{
    private readonly char[] _room = new char[400];
    private int _length;

    /// <summary>EFI_SUCCESS while nothing failed.</summary>
    public EFI_STATUS Status { get; private set; }

    /// <summary>A sentence; empty while nothing failed.</summary>
    public ReadOnlySpan<char> Text => new(_room, 0, _length);

    /// <summary>Becomes what another is.</summary>
    public void Take(IscsiFailure other)
    {
        Status = other.Status;
        _length = other._length;
        other.Text.CopyTo(_room);
    }

    public void Clear()
    {
        Status = EFI_STATUS.EFI_SUCCESS;
        _length = 0;
    }

    /// <summary>Begins the sentence, which names the path.</summary>
    public TextBuilder Begin(IscsiPath path)
    {
        TextBuilder text = new(_room);
        text.Append("iSCSI ");
        path.Portal.AppendTo(ref text);
        text.Append(" ");
        text.Append(path.Target);
        text.Append(": ");
        return text;
    }

    /// <summary>Ends it.</summary>
    public void End(EFI_STATUS status, TextBuilder text)
    {
        Status = status;
        _length = text.Written.Length;
    }

    /// <summary>A sentence in one go.</summary>
    public void Set(EFI_STATUS status, IscsiPath path, string what, string more = "")
    {
        TextBuilder text = Begin(path);
        text.Append(what);
        text.Append(more);
        End(status, text);
    }

    /// <summary>In the current arena.</summary>
    public Error ToError() => new(Status, new string(Text));
}
