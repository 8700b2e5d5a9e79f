using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NetBoot.BusDrivers;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.Xen;

/// <summary>
/// A guest's Xen: CPUID leaves, the hypercall page, hypercalls, grant table, event channels, xenstore, and the platform device on the
/// simulated firmware. Written from Xen's public headers, and strict: what a guest must not do is kept in <see cref="Violations"/>,
/// and <see cref="Dispose"/> throws when a test has not taken them.
/// </summary>
/// <remarks>
/// It makes itself the processor of the product (<see cref="Processor.Host"/>). Things happen in hypercalls, and as the firmware's clock
/// moves. A backend is what a test builds on <see cref="Store"/>, <see cref="Grants"/> and <see cref="Channels"/>.
/// </remarks>
public sealed unsafe class SimulatedXen : IProcessor, IDisposable
{
    /// <summary>The guest's own domain.</summary>
    public const ushort GuestDomain = 7;

    // Xen, public/xen.h and public/errno.h.
    internal const ushort DomainSelf = 0x7FF0;
    internal const long NoSuchCall = -38;
    internal const long InvalidArgument = -22;
    internal const long NoSuchDomain = -3;
    internal const long NoEntry = -2;
    internal const long NoMemory = -12;
    internal const long Busy = -16;
    private const uint MemoryOperation = 12;
    private const uint VersionOperation = 17;
    private const uint GrantOperation = 20;
    private const uint EventOperation = 32;
    private const uint HvmOperation = 34;
    private const uint StorePfnParameter = 1;
    private const uint StoreEventParameter = 2;
    private const int PageSize = 4096;

    private readonly List<string> _violations = [];
    private readonly PriorityQueue<Action, (TimeSpan Time, long Order)> _scheduled = new();
    private readonly LowMemory _special = new(4 * PageSize);
    private long _order;
    private byte* _hypercallPage;
    private byte* _sharedInfo;
    private bool _isRunning;

    public SimulatedXen(SimulatedFirmware firmware, uint platformMemory = 256 << 10)
    {
        Firmware = firmware;
        Platform = new SimulatedXenPlatform(platformMemory);
        Controller = firmware.Install(firmware.CreateController(SimulatedPath.Pci(4)), Platform.Protocol);
        Grants = new SimulatedGrants(this);
        Channels = new SimulatedChannels(this);
        Store = new SimulatedStore(this, _special.Address);
        StoreChannel = Channels.AllocateForDomain(0, Store.OnEvent);
        firmware.Surroundings = Run;
        Processor.Host = this;
    }

    public SimulatedFirmware Firmware { get; }

    /// <summary>The platform device, and the handle that carries its EFI_PCI_IO_PROTOCOL.</summary>
    public SimulatedXenPlatform Platform { get; }
    public EFI_HANDLE Controller { get; }

    public SimulatedStore Store { get; }
    public SimulatedGrants Grants { get; }
    public SimulatedChannels Channels { get; }
    public uint StoreChannel { get; }

    // What a test may change before the guest looks

    /// <summary>Where Xen's CPUID leaves begin; something else fills what is below. 0: there is no Xen.</summary>
    public uint CpuidBase { get; set; } = 0x4000_0000;

    /// <summary>The signature at the leaves that are not Xen's.</summary>
    public string OtherHypervisor { get; set; } = "Microsoft Hv";

    /// <summary>Leaf base+2: the number of hypercall pages and their MSR.</summary>
    public uint HypercallPages { get; set; } = 1;
    public uint HypercallMsr { get; set; } = 0x4000_0000;

    /// <summary>Major in the upper 16 bits.</summary>
    public uint Version { get; set; } = 0x0004_0011;

    /// <summary>What the fields of xen_version's get_features answer.</summary>
    public uint Features { get; set; } = 0x707;

    /// <summary>Whether memory can be unmapped; QEMU's emulation cannot.</summary>
    public bool CanRemoveFromPhysmap { get; set; } = true;

    /// <summary>The HVM parameters, by their numbers; a missing one is an error.</summary>
    public Dictionary<uint, ulong> Parameters { get; } = [];

    /// <summary>Answers a hypercall in Xen's place: its number and its command; null lets it through.</summary>
    public Func<uint, ulong, long?>? Intercept { get; set; }

    /// <summary>How many hypercalls there were.</summary>
    public int Hypercalls { get; private set; }

    /// <summary>The shared info page as the guest has mapped it; null while it has not.</summary>
    public byte* SharedInfo => _sharedInfo;

    /// <summary>Whether the hypercall page is made.</summary>
    public bool IsEnabled => _hypercallPage != null;

    public IReadOnlyList<string> Violations => _violations;

    /// <summary>The violations that a test has provoked; from then on they are forgotten.</summary>
    public IReadOnlyList<string> TakeViolations()
    {
        Verify();
        string[] taken = [.. _violations];
        _violations.Clear();
        return taken;
    }

    internal void Violate(string what) => _violations.Add(what);

    /// <summary>Does something after a time; zero is at the end of the present hypercall, or when the clock next moves.</summary>
    public void After(TimeSpan time, Action action) => _scheduled.Enqueue(action, (Firmware.Elapsed + time, _order++));

    /// <summary>Does all that is due.</summary>
    public void Run()
    {
        if (_isRunning)
        {
            return;
        }

        _isRunning = true;
        try
        {
            while (_scheduled.TryPeek(out Action? action, out (TimeSpan Time, long Order) key) && key.Time <= Firmware.Elapsed)
            {
                _scheduled.Dequeue();
                action();
            }
        }
        finally
        {
            _isRunning = false;
        }
    }

    /// <summary>Looks whether the guest has left alone what is not its own.</summary>
    public void Verify()
    {
        Store.Verify();
        Grants.Verify();
    }

    public void Dispose()
    {
        Processor.Host = null;
        Firmware.Surroundings = null;
        Verify();
        bool wasUnplugged = Platform.Unplugged is not null;
        string[] faults = [.. Platform.Faults];
        Platform.Release();
        _special.Dispose();
        if (wasUnplugged)
        {
            Violate("The guest wrote to the unplug port");
        }

        if (_violations.Count != 0 || faults.Length != 0)
        {
            throw new InvalidOperationException("Xen:\n" + string.Join('\n', _violations.Concat(faults).Distinct()));
        }
    }

    // The processor

    void IProcessor.Cpuid(uint leaf, uint subleaf, Span<uint> result)
    {
        const uint HypervisorPresent = 1u << 31;
        if (leaf == 1)
        {
            result[2] = CpuidBase == 0 ? 0 : HypervisorPresent;
            return;
        }

        if (CpuidBase == 0 || leaf < 0x4000_0000 || leaf >= CpuidBase + 0x100)
        {
            return;
        }

        uint index = leaf & 0xFF;
        if (leaf < CpuidBase)
        {
            if (index == 0)
            {
                Signature(result, leaf + 6, OtherHypervisor);
            }

            return;
        }

        switch (index)
        {
            case 0:
                Signature(result, CpuidBase + 4, "XenVMMXenVMM");
                break;
            case 1:
                result[0] = Version;
                break;
            case 2:
                result[0] = HypercallPages;
                result[1] = HypercallMsr;
                break;
            default:
                break;
        }
    }

    private static void Signature(Span<uint> result, uint last, string signature)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(signature);
        result[0] = last;
        for (int i = 0; i < 3; i++)
        {
            result[1 + i] = BitConverter.ToUInt32(bytes, i * 4);
        }
    }

    ulong IProcessor.ReadMsr(uint register)
    {
        Violate($"RDMSR {register:x}");
        return 0;
    }

    void IProcessor.WriteMsr(uint register, ulong value)
    {
        if (register != HypercallMsr)
        {
            Violate($"WRMSR {register:x}");
            return;
        }

        if ((value & 0xFFF) != 0)
        {
            Violate($"WRMSR of hypercall page number {value & 0xFFF}");
            return;
        }

        if (Firmware.MemoryTypeOf(value) != EFI_MEMORY_TYPE.EfiBootServicesCode)
        {
            Violate($"The hypercall page is memory of type {Firmware.MemoryTypeOf(value)}, which cannot be executed");
        }

        _hypercallPage = (byte*)value;
        for (int number = 0; number < PageSize / 32; number++)
        {
            StubOf(number).CopyTo(new Span<byte>(_hypercallPage + (number * 32), 32)); // mov eax, number; vmcall; ret
        }
    }

    private static byte[] StubOf(int number) => [0xB8, (byte)number, 0, 0, 0, 0x0F, 0x01, 0xC1, 0xC3, .. new byte[23]];

    ulong IProcessor.HyperVCall(void* page, ulong control, ulong input, ulong output)
    {
        Violate("A hypercall of Hyper-V");
        return 2;
    }

    ulong IProcessor.XenCall(void* page, uint number, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5)
    {
        Hypercalls++;
        if (page != _hypercallPage || page == null)
        {
            Violate($"Hypercall {number} through {(ulong)page:x}");
            return unchecked((ulong)NoSuchCall);
        }

        if (!new ReadOnlySpan<byte>(_hypercallPage + (number * 32), 32).SequenceEqual(StubOf((int)number)))
        {
            Violate($"The hypercall page was changed at {number}");
        }

        try
        {
            long answer = Intercept?.Invoke(number, a1) ?? Call(number, a1, a2, a3);
            Run();
            return (ulong)answer;
        }
        catch (Exception exception)
        {
            Violate($"Hypercall {number} {a1}: {exception}");
            return unchecked((ulong)NoSuchCall);
        }
    }

    private long Call(uint number, ulong a1, ulong a2, ulong a3) => number switch
    {
        MemoryOperation => Memory(a1, (byte*)a2),
        VersionOperation => VersionInformation(a1, (byte*)a2),
        GrantOperation => Grants.Call(a1, (byte*)a2, a3),
        EventOperation => Channels.Call(a1, (byte*)a2),
        HvmOperation => Hvm(a1, (byte*)a2),
        _ => NoSuchCall,
    };

    // public/memory.h: struct xen_add_to_physmap { u16 domid, size; u32 space; u64 idx, gpfn }, and its counterpart { u16 domid; u64 gpfn }
    private long Memory(ulong command, byte* argument)
    {
        const ulong AddToPhysmap = 7;
        const ulong RemoveFromPhysmap = 15;
        if (*(ushort*)argument != DomainSelf)
        {
            return NoSuchDomain;
        }

        if (command == AddToPhysmap)
        {
            uint space = *(uint*)(argument + 4);
            ulong index = *(ulong*)(argument + 8);
            byte* target = (byte*)(*(ulong*)(argument + 16) * PageSize);
            if (!Platform.Contains((ulong)target))
            {
                Violate($"Space {space} mapped at {(ulong)target:x}, which is not the platform device's memory: the page there is lost");
                return InvalidArgument;
            }

            return space switch
            {
                0 => index == 0 ? MapSharedInfo(target) : InvalidArgument,
                1 => Grants.MapFrame(index, target),
                _ => InvalidArgument,
            };
        }

        if (command == RemoveFromPhysmap && CanRemoveFromPhysmap)
        {
            byte* target = (byte*)(*(ulong*)(argument + 8) * PageSize);
            if (target == _sharedInfo)
            {
                MapSharedInfo(null);
                return 0;
            }

            if (!Grants.UnmapFrame(target))
            {
                Violate($"Nothing is mapped at {(ulong)target:x} to remove");
                return InvalidArgument;
            }

            return 0;
        }

        return NoSuchCall;
    }

    private readonly byte[] _unmappedSharedInfo = new byte[PageSize];

    private long MapSharedInfo(byte* target)
    {
        Span<byte> content = _sharedInfo == null ? _unmappedSharedInfo : new Span<byte>(_sharedInfo, PageSize);
        if (target == null)
        {
            content.CopyTo(_unmappedSharedInfo);
        }
        else if (target != _sharedInfo)
        {
            content.CopyTo(new Span<byte>(target, PageSize));
        }

        if (_sharedInfo != null && target != _sharedInfo)
        {
            new Span<byte>(_sharedInfo, PageSize).Fill(0xFF); // A hole in memory.
        }

        _sharedInfo = target;
        return 0;
    }

    /// <summary>Shared info, mapped or not. public/xen.h: struct shared_info.</summary>
    public Span<byte> SharedInfoContent => _sharedInfo == null ? _unmappedSharedInfo : new Span<byte>(_sharedInfo, PageSize);

    // public/version.h
    private long VersionInformation(ulong command, byte* argument)
    {
        switch (command)
        {
            case 0:
                return Version;
            case 6 when *(uint*)argument == 0:
                *(uint*)(argument + 4) = Features;
                return 0;
            case 6:
                *(uint*)(argument + 4) = 0;
                return 0;
            default:
                return NoSuchCall;
        }
    }

    // public/hvm/hvm_op.h: struct xen_hvm_param { u16 domid, pad; u32 index; u64 value }
    private long Hvm(ulong command, byte* argument)
    {
        const ulong SetParameter = 0;
        const ulong GetParameter = 1;
        if (*(ushort*)argument != DomainSelf)
        {
            return NoSuchDomain;
        }

        uint index = *(uint*)(argument + 4);
        ulong* value = (ulong*)(argument + 8);
        switch (command)
        {
            case SetParameter:
                Violate($"HVM parameter {index} set to {*value:x}");
                return 0;
            case GetParameter when Parameters.TryGetValue(index, out ulong given):
                *value = given;
                return 0;
            case GetParameter when index == StorePfnParameter:
                *value = (ulong)_special.Address / PageSize;
                return 0;
            case GetParameter when index == StoreEventParameter:
                *value = StoreChannel;
                return 0;
            case GetParameter:
                return InvalidArgument;
            default:
                return NoSuchCall;
        }
    }
}
