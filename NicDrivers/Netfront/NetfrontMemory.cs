using System;
using NetBoot.BusDrivers.Xen;
using NetBoot.Uefi.Interop;

namespace NetBoot.NicDrivers.Netfront;

/// <summary>
/// Pages that the backend is given for as long as it is connected. What it would not let go of is kept: not used for anything else, and
/// never given back to firmware.
/// </summary>
internal sealed unsafe class NetfrontMemory : IDisposable
{
    private const uint None = 0; // References below 8 are the hypervisor's own. Xen, public/grant_table.h.

    private readonly XenDevice _xen;
    private readonly Pages _pages;
    private readonly uint[] _references;

    private NetfrontMemory(XenDevice xen, Pages pages)
    {
        _xen = xen;
        _pages = pages;
        _references = new uint[(int)pages.Count];
    }

    /// <summary>Not granted yet; null when there is no memory.</summary>
    public static NetfrontMemory? Allocate(XenDevice xen, uint pages)
    {
        Pages? memory = Pages.Allocate((ulong)pages * Pages.PageSize);
        return memory is null ? null : new NetfrontMemory(xen, memory);
    }

    /// <summary>How many pages the backend has, or has kept.</summary>
    public int GrantedCount { get; private set; }

    public byte* Page(uint index) => _pages.Address + (index * Pages.PageSize);

    /// <summary>The grant of a page, for the backend.</summary>
    public uint Reference(uint index) => _references[(int)index];

    /// <summary>Lets the backend use some of the pages. On failure those that it got are still its own: <see cref="End"/>.</summary>
    public bool TryGrant(uint first, uint count, bool readOnly)
    {
        for (uint i = first; i < first + count; i++)
        {
            if (_xen.GrantAccess(Page(i), readOnly, out uint reference).IsError)
            {
                return false;
            }

            _references[(int)i] = reference;
            GrantedCount++;
        }

        return true;
    }

    /// <summary>Takes everything back: each page is asked for once, and one that the backend does not let go of is its own for good.</summary>
    public void End()
    {
        for (int i = 0; i < _references.Length; i++)
        {
            if (_references[i] != None)
            {
                GrantedCount -= _xen.EndAccess(_references[i]) ? 1 : 0;
                _references[i] = None;
            }
        }
    }

    /// <summary>Gives the memory back, unless the backend has kept some of it.</summary>
    public void Dispose()
    {
        End();
        if (GrantedCount == 0)
        {
            _pages.Dispose();
        }
    }
}
