using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App;

/// <summary>A string that can be replaced for ever: each value has an arena of its own, which goes with it.</summary>
public sealed class OwnedText : IDisposable
{
    private Arena? _arena;

    /// <summary>Valid until it is replaced.</summary>
    public string Value { get; private set; } = "";

    public void Set(ReadOnlySpan<char> value)
    {
        Arena? old = _arena;
        _arena = null;
        string copy = "";
        if (value.Length > 0)
        {
            _arena = Arena.Create();
            using (_arena.Enter())
            {
                copy = new string(value);
            }
        }

        Value = copy;
        old?.Dispose();
    }

    public void Dispose() => Set(default);
}
