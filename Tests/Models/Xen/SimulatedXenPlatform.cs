using NetBoot.Tests.Models.Devices;

namespace NetBoot.Tests.Models.Xen;

/// <summary>
/// The Xen platform device, 5853:0001: BAR0 is 256 bytes of I/O, BAR1 memory without a use of its own, where a guest finds room for
/// what the hypervisor maps.
/// </summary>
public sealed unsafe class SimulatedXenPlatform : SimulatedPciDevice
{
    private readonly LowMemory _memory;

    /// <param name="memory">The size of BAR1, in bytes; the real one has 16 MiB.</param>
    public SimulatedXenPlatform(uint memory = 256 << 10)
        : base(0x5853, 0x0001)
    {
        _memory = new LowMemory(memory);
        SetBar(0, 0xC001);
        SetBar(1, (uint)_memory.Address | 0b1000);
        BarSizes[0] = 256;
        BarSizes[1] = memory;
    }

    /// <summary>Where BAR1 is.</summary>
    public byte* Memory => _memory.Address;

    /// <summary>What the unplug port was written with; nobody should.</summary>
    public ulong? Unplugged { get; private set; }

    public bool Contains(ulong address) => _memory.Contains(address);

    public void Release()
    {
        _memory.Dispose();
        Dispose();
    }

    protected override ulong Read(int bar, uint offset, int width) => 0;

    protected override void Write(int bar, uint offset, int width, ulong value) => Unplugged = value;
}
