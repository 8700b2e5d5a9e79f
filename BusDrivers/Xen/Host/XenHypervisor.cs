using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Xen.Host;

/// <summary>
/// Xen below this machine: CPUID leaves, the hypercall page, and the calls that a bus needs (Xen, public/arch-x86/cpuid.h, public/xen.h).
/// A result below zero is an error of Xen's (public/errno.h).
/// </summary>
internal sealed unsafe class XenHypervisor : IDisposable
{
    // __HYPERVISOR_*, public/xen.h.
    private const uint MemoryOperation = 12;
    private const uint VersionOperation = 17;
    private const uint GrantTableOperation = 20;
    private const uint EventChannelOperation = 32;
    private const uint HvmOperation = 34;

    private const uint FirstLeaf = 0x4000_0000;
    private const uint LastLeaf = 0x4000_FF00;
    private const uint LeafStep = 0x100;
    private const ushort Self = 0x7FF0; // DOMID_SELF

    private readonly Pages _page;

    private XenHypervisor(Pages page, uint version)
    {
        _page = page;
        Version = version;
    }

    /// <summary>The major version in the upper 16 bits, the minor one in the lower.</summary>
    public uint Version { get; }

    /// <summary>The leaf where Xen's begin, or 0: there may be other hypervisors' before it, for guests that know only those.</summary>
    public static uint FindLeaf()
    {
        Span<uint> registers = stackalloc uint[4];
        Span<byte> signature = stackalloc byte[12];
        for (uint leaf = FirstLeaf; leaf <= LastLeaf; leaf += LeafStep)
        {
            Processor.Cpuid(leaf, 0, registers);
            for (int i = 0; i < 3; i++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(signature.Slice(i * sizeof(uint)), registers[i + 1]);
            }

            if (registers[0] >= leaf + 2 && signature.SequenceEqual("XenVMMXenVMM"u8))
            {
                return leaf;
            }
        }

        return 0;
    }

    /// <summary>Lets Xen make its hypercall page, in memory that may be executed, and tries it.</summary>
    /// <param name="failure">Why there is none.</param>
    public static XenHypervisor? Create(out XenStartFailure failure)
    {
        uint leaf = FindLeaf();
        if (leaf == 0)
        {
            failure = new XenStartFailure(XenStartFailureKind.NoXen);
            return null;
        }

        Span<uint> registers = stackalloc uint[4];
        Processor.Cpuid(leaf + 1, 0, registers);
        uint version = registers[0];
        Processor.Cpuid(leaf + 2, 0, registers);
        if (registers[0] == 0 || registers[1] == 0)
        {
            failure = new XenStartFailure(XenStartFailureKind.NoHypercallPage);
            return null;
        }

        Pages? page = Pages.Allocate(Pages.PageSize, EFI_MEMORY_TYPE.EfiBootServicesCode);
        if (page is null)
        {
            failure = new XenStartFailure(XenStartFailureKind.NoMemory);
            return null;
        }

        page.Slice(0, Pages.PageSize).Fill(0xC3); // Should Xen leave a stub out: it returns.
        Processor.WriteMsr(registers[1], (ulong)page.Address);
        XenHypervisor xen = new(page, version);
        failure = xen.Try();
        if (failure.Kind != XenStartFailureKind.None)
        {
            page.Dispose();
            return null;
        }

        return xen;
    }

    // public/version.h: XENVER_version, and XENVER_get_features { u32 index, u32 features }.
    private XenStartFailure Try()
    {
        const uint TranslatesPhysmap = 1 << 2; // XENFEAT_auto_translated_physmap: frames are the guest's own addresses.
        long version = Call(VersionOperation, 0, null);
        if (version != Version)
        {
            return new XenStartFailure(XenStartFailureKind.HypercallsFail, version);
        }

        uint* features = stackalloc uint[2];
        features[0] = 0;
        features[1] = 0;
        long result = Call(VersionOperation, 6, features);
        return result < 0 || (features[1] & TranslatesPhysmap) == 0
            ? new XenStartFailure(XenStartFailureKind.NotTranslated, result)
            : default;
    }

    /// <summary>One of the parameters that a guest's builder has set: HVMOP_get_param, public/hvm/params.h.</summary>
    public long GetParameter(uint index, out ulong value)
    {
        HvmParameter parameter = new() { Domain = Self, Index = index };
        long result = Call(HvmOperation, 1, &parameter);
        value = parameter.Value;
        return result;
    }

    /// <summary>Makes one of Xen's pages appear at an address: XENMEM_add_to_physmap, public/memory.h.</summary>
    /// <param name="space">XENMAPSPACE_*: 0 shared info, 1 the grant table.</param>
    /// <param name="index">The page in that space; one of the grant table that is not there yet is made.</param>
    /// <param name="address">On a page boundary.</param>
    public long Map(uint space, ulong index, void* address)
    {
        AddToPhysmap map = new() { Domain = Self, Space = space, Index = index, Frame = (ulong)address / Pages.PageSize };
        return Call(MemoryOperation, 7, &map);
    }

    /// <summary>
    /// Undoes <see cref="Map"/>: XENMEM_remove_from_physmap. Not every Xen can; then the page stays until somebody maps it again.
    /// </summary>
    public void Unmap(void* address)
    {
        RemoveFromPhysmap remove = new() { Domain = Self, Frame = (ulong)address / Pages.PageSize };
        Call(MemoryOperation, 15, &remove);
    }

    /// <summary>How many pages the grant table may have: GNTTABOP_query_size, public/grant_table.h.</summary>
    public long QueryGrantTable(out uint maximum)
    {
        GrantQuerySize query = new() { Domain = Self };
        long result = Call(GrantTableOperation, 6, &query, 1);
        maximum = query.Maximum;
        return result < 0 ? result : query.Status;
    }

    /// <summary>The version of the grant table's entries: GNTTABOP_get_version.</summary>
    public long GetGrantVersion(out uint version)
    {
        GrantVersion get = new() { Domain = Self };
        long result = Call(GrantTableOperation, 10, &get, 1);
        version = get.Version;
        return result;
    }

    /// <summary>GNTTABOP_set_version: an error while grants are in use.</summary>
    public long SetGrantVersion(uint version) => Call(GrantTableOperation, 8, &version, 1);

    /// <summary>A port that a domain may bind to: EVTCHNOP_alloc_unbound, public/event_channel.h.</summary>
    public long AllocateChannel(ushort remote, out uint port)
    {
        AllocateUnbound allocate = new() { Domain = Self, Remote = remote };
        long result = Call(EventChannelOperation, 6, &allocate);
        port = allocate.Port;
        return result;
    }

    /// <summary>EVTCHNOP_send.</summary>
    public long Notify(uint port) => Call(EventChannelOperation, 4, &port);

    /// <summary>EVTCHNOP_close.</summary>
    public long CloseChannel(uint port) => Call(EventChannelOperation, 3, &port);

    /// <summary>Gives the hypercall page back. Xen knows nothing of it after having made it.</summary>
    public void Dispose() => _page.Dispose();

    private long Call(uint number, uint command, void* argument, ulong count = 0) =>
        (long)Processor.XenCall(_page.Address, number, command, (ulong)argument, count, 0, 0);

    private struct HvmParameter
    {
        public ushort Domain;
        public uint Index;
        public ulong Value;
    }

    private struct AddToPhysmap
    {
        public ushort Domain;
        public ushort Size;
        public uint Space;
        public ulong Index;
        public ulong Frame;
    }

    private struct RemoveFromPhysmap
    {
        public ushort Domain;
        public ulong Frame;
    }

    private struct GrantQuerySize
    {
        public ushort Domain;
        public uint Count;
        public uint Maximum;
        public short Status;
    }

    private struct GrantVersion
    {
        public ushort Domain;
        public uint Version;
    }

    private struct AllocateUnbound
    {
        public ushort Domain;
        public ushort Remote;
        public uint Port;
    }
}
