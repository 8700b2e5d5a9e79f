using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>A disk of ours as the firmware has it.</summary>
public abstract class ShownDisk : IDisposable
{
    /// <summary>Where it is.</summary>
    public abstract EFI_HANDLE Handle { get; }

    /// <summary>Takes it away.</summary>
    public abstract void Dispose();
}
