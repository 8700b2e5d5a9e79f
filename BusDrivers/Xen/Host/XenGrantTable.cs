using System;
using System.Threading;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Xen.Host;

/// <summary>
/// The guest's grant table with entries of version 1 (Xen, public/grant_table.h), mapped page by page as it is needed. An entry that is in
/// use when we find it, or that a backend will not let go of, is nobody's to take.
/// </summary>
internal sealed unsafe class XenGrantTable
{
    private const ushort PermitAccess = 1;
    private const ushort ReadOnly = 4;
    private const uint InUse = 8 | 0x10; // GTF_reading, GTF_writing
    private const uint FirstFree = 8; // The ones before are for the guest's builder.
    private const uint EntriesOfFrame = Pages.PageSize / 8;
    private const uint MostFrames = 16;
    private const uint GrantTableSpace = 1;
    private const ushort Free = 0;
    private const ushort NotOurs = ushort.MaxValue;

    private readonly XenHypervisor _xen;
    private readonly byte* _window;
    private readonly ushort[] _owners;
    private readonly uint _maximumFrames;
    private readonly uint _versionFound;
    private uint _frames;
    private uint _next = FirstFree;

    // { u16 flags, u16 domid, u32 frame }: the first two change in one access.
    private struct Entry
    {
        public uint FlagsAndDomain;
        public uint Frame;
    }

    private XenGrantTable(XenHypervisor xen, byte* window, uint frames, uint versionFound)
    {
        _xen = xen;
        _window = window;
        _maximumFrames = frames;
        _versionFound = versionFound;
        _owners = new ushort[frames * EntriesOfFrame];
    }

    /// <summary>Makes sure of the version, and maps the first page.</summary>
    /// <param name="xen">The hypervisor.</param>
    /// <param name="window">Where the table goes, page by page.</param>
    /// <param name="pages">How many there is room for.</param>
    /// <param name="failure">Why there is no table.</param>
    public static XenGrantTable? Create(XenHypervisor xen, byte* window, ulong pages, out XenStartFailure failure)
    {
        long result = xen.QueryGrantTable(out uint maximum);
        uint frames = (uint)Math.Min(Math.Min(maximum, MostFrames), pages);
        if (result < 0 || frames == 0)
        {
            failure = new XenStartFailure(XenStartFailureKind.GrantTable, result);
            return null;
        }

        if (xen.GetGrantVersion(out uint version) < 0)
        {
            version = 1; // A Xen that has no other.
        }

        if (version != 1)
        {
            result = xen.SetGrantVersion(1);
            if (result < 0)
            {
                failure = new XenStartFailure(XenStartFailureKind.GrantVersion, result);
                return null;
            }
        }

        XenGrantTable table = new(xen, window, frames, version);
        result = table.MapNext();
        if (result < 0)
        {
            table.Close();
            failure = new XenStartFailure(XenStartFailureKind.GrantTable, result);
            return null;
        }

        failure = default;
        return table;
    }

    /// <summary>Lets a domain use a page.</summary>
    /// <param name="owner">Whose grant it is: neither 0 nor 0xFFFF.</param>
    /// <param name="domain">Who may use it.</param>
    /// <param name="page">On a page boundary, below 16 TiB.</param>
    /// <param name="readOnly">Whether it may only be read.</param>
    /// <param name="reference">The grant's number.</param>
    public EFI_STATUS Grant(ushort owner, ushort domain, void* page, bool readOnly, out uint reference)
    {
        reference = 0;
        ulong frame = (ulong)page / Pages.PageSize;
        if (page == null || (ulong)page % Pages.PageSize != 0 || frame > uint.MaxValue)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (!TryFindFree(out uint found))
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        Entry* entry = At(found);
        entry->Frame = (uint)frame;
        Interlocked.MemoryBarrier(); // The frame before the permission.
        Volatile.Write(ref entry->FlagsAndDomain, PermitAccess | (readOnly ? ReadOnly : 0u) | ((uint)domain << 16));
        _owners[found] = owner;
        reference = found;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>Takes a page back, and ends the grant's number, whatever the status.</summary>
    /// <returns>
    /// EFI_ACCESS_DENIED when it is in use: page and entry stay the domain's for good. EFI_INVALID_PARAMETER when the grant is not the owner's.
    /// </returns>
    public EFI_STATUS End(ushort owner, uint reference)
    {
        if (reference >= (uint)_owners.Length || _owners[reference] != owner)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        ref uint word = ref At(reference)->FlagsAndDomain;
        while (true)
        {
            uint flags = Volatile.Read(ref word);
            if ((flags & InUse) != 0)
            {
                _owners[reference] = NotOurs;
                return EFI_STATUS.EFI_ACCESS_DENIED;
            }

            if (Interlocked.CompareExchange(ref word, 0, flags) == flags)
            {
                _owners[reference] = Free;
                return EFI_STATUS.EFI_SUCCESS;
            }
        }
    }

    /// <summary>Takes all pages of an owner back, or of everybody (0).</summary>
    public void EndAll(ushort owner)
    {
        for (uint reference = FirstFree; reference < _frames * EntriesOfFrame; reference++)
        {
            ushort whose = _owners[reference];
            if (whose is not (Free or NotOurs) && (owner == 0 || whose == owner))
            {
                End(whose, reference);
            }
        }
    }

    /// <summary>Takes the table out of memory, and puts its version back. Its entries stay Xen's.</summary>
    public void Close()
    {
        while (_frames > 0)
        {
            _frames--;
            _xen.Unmap(_window + _frames * Pages.PageSize);
        }

        if (_versionFound != 1)
        {
            _xen.SetGrantVersion(_versionFound);
        }
    }

    private Entry* At(uint reference) => (Entry*)_window + reference;

    // Going round, so that a number which was free a moment ago is not soon another's.
    private bool TryFindFree(out uint reference)
    {
        do
        {
            uint count = _frames * EntriesOfFrame;
            for (uint tried = FirstFree; tried < count; tried++)
            {
                reference = _next;
                _next = _next + 1 < count ? _next + 1 : FirstFree;
                if (_owners[reference] == Free)
                {
                    return true;
                }
            }

            _next = count;
        }
        while (_frames < _maximumFrames && MapNext() >= 0);
        _next = FirstFree;
        reference = 0;
        return false;
    }

    private long MapNext()
    {
        long result = _xen.Map(GrantTableSpace, _frames, _window + _frames * Pages.PageSize);
        if (result < 0)
        {
            return result;
        }

        for (uint i = 0; i < EntriesOfFrame; i++)
        {
            uint reference = _frames * EntriesOfFrame + i;
            _owners[reference] = reference < FirstFree || (At(reference)->FlagsAndDomain & ushort.MaxValue) != 0 ? NotOurs : Free;
        }

        _frames++;
        return result;
    }
}
