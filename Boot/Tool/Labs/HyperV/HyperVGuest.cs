using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Tests.Models.HyperV;
using Architecture = NetBoot.Boot.Tool.Qemu.Architecture;

namespace NetBoot.Boot.Tool.Labs.HyperV;

/// <summary>
/// A QEMU guest as a guest of the Hyper-V host model. QEMU and firmware know nothing of it: the guest's memory is shared with this process,
/// and breakpoints on the few functions of our images that execute CPUID, RDMSR, WRMSR and hypercalls, or HVC, let the model answer in their
/// place.
/// </summary>
/// <remarks>
/// <para>On x64 each of these functions begins with an 8-byte NOP whose displacement is a tag; on AArch64 the instruction itself is known by
/// the one before it, and the firmware's tables are made to name Hyper-V. An image is searched for before any of its code runs: a breakpoint
/// on the firmware's StartImage sees to that.</para>
/// <para>The model's network adapter is no device of QEMU's: its frames go to a QEMU network back end by a stream socket.</para>
/// </remarks>
public sealed class HyperVGuest : IAsyncDisposable
{
    /// <summary>A CPUID leaf of the tests' own: EAX is 1 when it is time for the image "takeover" to act.</summary>
    public const uint CommandLeaf = 0x4E42_0000;

    private const uint Nop = 0x0084_1F0F; // nop dword ptr [rax + rax + the tag]
    private const uint CpuidTag = 0x4E42_0001;
    private const uint ReadMsrTag = 0x4E42_0002;
    private const uint WriteMsrTag = 0x4E42_0003;
    private const uint CallTag = 0x4E42_0004;

    private const uint LoadCall = 0xA940_0660; // ldp x0, x1, [x19]
    private const uint Hvc = 0xD400_0002;      // hvc #0

    // ACPI 6.5, 5.2.9: revision 6 has the hypervisor's vendor.
    private const int TableChecksum = 9;
    private const int FixedTableSize = 276;
    private const int FixedTableVendor = 268;

    // UEFI 2.10, 18.4.2: EFI_SYSTEM_TABLE_POINTER, on a 4 MiB boundary; 4.3: EFI_SYSTEM_TABLE; 4.4: EFI_BOOT_SERVICES.
    private const ulong SystemTableSignature = 0x5453_5953_2049_4249;
    private const ulong BootServicesSignature = 0x5652_4553_544F_4F42;
    private const ulong PointerAlignment = 4 << 20;
    private const ulong BootServicesOffset = 96;
    private const ulong StartImageOffset = 24 + (23 * 8);

    /// <summary>So long without a packet is the end of <see cref="PollsWhileBusy"/>'s looking.</summary>
    private const int IdlePolls = 20;

    private static readonly TimeSpan s_pollPeriod = TimeSpan.FromMilliseconds(1);

    private readonly TemporaryDirectory _directory = new();
    private readonly NetworkBackend _network;
    private readonly FrameBridge _bridge;
    private readonly Dictionary<ulong, uint> _breakpoints = [];
    private readonly CancellationTokenSource _ending = new();
    private FileMemory? _memory;
    private HyperVHost? _host;
    private NetvspDevice? _device;
    private GdbClient? _gdb;
    private Thread? _server;
    private Thread? _poller;
    private volatile Exception? _failure;
    private ulong _startImage;
    private bool _isNamed;

    /// <param name="network">What the synthetic network adapter is plugged into.</param>
    /// <param name="memoryMiB">The machine's memory.</param>
    /// <param name="architecture">The machine's; null is x64.</param>
    public HyperVGuest(NetworkBackend network, int memoryMiB = 512, Architecture? architecture = null)
    {
        _network = network;
        MemoryMiB = memoryMiB;
        Architecture = architecture ?? Architecture.X64;
        _bridge = new FrameBridge(_directory.Combine("frames.sock"));
    }

    public int MemoryMiB { get; }

    public Architecture Architecture { get; }

    private bool IsAArch64 => Architecture == Architecture.Aa64;

    public HyperVHost Host => _host ?? throw new InvalidOperationException("The machine has not been attached.");

    public NetvspDevice Device => _device ?? throw new InvalidOperationException("The machine has not been attached.");

    /// <summary>Calls of the guest's that the model has answered.</summary>
    public int HitCount { get; private set; }

    /// <summary>What <see cref="CommandLeaf"/> answers.</summary>
    public uint Command { get; set; }

    /// <summary>
    /// Whether the host looks at the adapter's ring by itself as long as something comes, as hosts do. Otherwise each packet into an empty
    /// ring is a hypercall, and stops the machine.
    /// </summary>
    public bool PollsWhileBusy { get; init; }

    /// <summary>Called when frames are on their way to the guest.</summary>
    public Action? Delivered
    {
        set => _bridge.Delivered = value;
    }

    /// <summary>For <see cref="VirtualMachineOptions.Machine"/>.</summary>
    public string Board => Architecture.Machine + ",memory-backend=ram";

    /// <summary>For <see cref="VirtualMachineOptions.More"/>; the machine waits for <see cref="Attach"/>.</summary>
    public string[] Arguments =>
    [
        "-S", "-gdb", $"unix:{_directory.Combine("gdb.sock")},server=on,wait=off",
        "-object", $"memory-backend-memfd,id=ram,size={MemoryMiB}M,share=on",
        "-netdev", $"{_network.Arguments},id=hvup", "-netdev", "hubport,id=hvup0,hubid=9,netdev=hvup",
        "-netdev", $"{FrameSocket.Arguments(_directory.Combine("frames.sock"))},id=hvdown",
        "-netdev", "hubport,id=hvdown0,hubid=9,netdev=hvdown",
    ];

    /// <summary>Makes the machine a guest of the model, and lets it run.</summary>
    /// <param name="machine">Started with <see cref="Board"/>, <see cref="Arguments"/> and as much memory.</param>
    /// <param name="prepare">What is to be told to the host before.</param>
    public void Attach(VirtualMachine machine, Action<HyperVHost, NetvspDevice>? prepare = null)
    {
        _memory = new FileMemory(FindMemory(machine.ProcessId), (ulong)Architecture.MemoryBase);
        _host = new HyperVHost(_memory);
        _device = new NetvspDevice(_host, MacText.Numbered(0).Bytes);
        _host.Vmbus.Add(_device);
        prepare?.Invoke(_host, _device);
        _bridge.Start(_device);
        _gdb = new GdbClient(_directory.Combine("gdb.sock"));
        _gdb.Continue();
        _server = new Thread(Serve) { IsBackground = true };
        _poller = new Thread(Poll) { IsBackground = true };
        _server.Start();
        _poller.Start();
    }

    /// <summary>Fails when the guest has done what it must not, or the model's own thread has failed.</summary>
    public void Check()
    {
        if (_failure != null)
        {
            throw new ToolError($"The Hyper-V host model failed: {_failure}");
        }

        if (Host.Violations is { Count: > 0 } violations)
        {
            throw new ToolError("The guest violates the protocol:\n" + string.Join('\n', violations.Distinct()));
        }
    }

    public ValueTask DisposeAsync()
    {
        _ending.Cancel();
        _gdb?.Dispose(); // lets a guest that still runs go on without us
        _server?.Join();
        _poller?.Join();
        _bridge.Dispose();
        _memory?.Dispose();
        _directory.Dispose();
        _ending.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string FindMemory(int process)
    {
        foreach (string descriptor in Directory.EnumerateFiles($"/proc/{process}/fd"))
        {
            if (File.ResolveLinkTarget(descriptor, false)?.FullName.Contains("memfd:memory-backend", StringComparison.Ordinal) == true)
            {
                return descriptor;
            }
        }

        throw new ToolError("QEMU has no memory to share.");
    }

    // What goes on beside the guest: the host's own doings, and at first the search for the firmware's tables.
    private void Poll()
    {
        int packets = 0;
        int idle = 0;
        while (!_ending.Token.WaitHandle.WaitOne(s_pollPeriod))
        {
            Host.Poll();
            if (PollsWhileBusy && Device.Channel is { IsOpen: true } channel)
            {
                idle = channel.PacketCount == packets ? idle + 1 : 0;
                packets = channel.PacketCount;
                channel.IsPolled = idle < IdlePolls;
            }

            if (_startImage == 0 && FindStartImage() is { } address)
            {
                _startImage = address;
                _gdb!.Interrupt();
            }
        }
    }

    private ulong? FindStartImage()
    {
        for (ulong at = _memory!.Start + PointerAlignment; at < _memory.Start + _memory.Size; at += PointerAlignment)
        {
            if (_memory.IsPresent(at) && Read(at) == SystemTableSignature && Read(at + 8) is ulong table && _memory.IsAccessible(table, 120) &&
                Read(table) == SystemTableSignature && Read(table + BootServicesOffset) is ulong services && _memory.IsAccessible(services, 512) &&
                Read(services) == BootServicesSignature && Read(services + StartImageOffset) is ulong start and > 0)
            {
                return start;
            }
        }

        return null;
    }

    private ulong Read(ulong address) => BinaryPrimitives.ReadUInt64LittleEndian(_memory!.Span(address, 8));

    // At the breakpoints

    private void Serve()
    {
        try
        {
            while (true)
            {
                if (_gdb!.WaitForStop())
                {
                    ServeHit();
                }
                else if (_startImage != 0 && _breakpoints.TryAdd(_startImage, 0))
                {
                    _gdb.SetBreakpoint(_startImage);
                }

                _gdb.Continue();
            }
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            // The machine is gone, or we let it go.
        }
        catch (Exception error)
        {
            _failure = error;
            _gdb!.Dispose();
        }
    }

    private void ServeHit()
    {
        byte[] bytes = _gdb!.ReadRegisters();
        GuestRegisters registers = IsAArch64 ? new AArch64Registers(bytes) : new X64Registers(bytes);
        ulong at = registers.ProgramCounter;
        if (at == _startImage && !registers.IsUserMode)
        {
            NameHyperV();
            SetBreakpoints();
            StepOver(at);
            return;
        }

        uint tag = _breakpoints.GetValueOrDefault(at);
        if (registers.IsUserMode || !IsTagged(at, tag))
        {
            // The image is gone; its place is somebody else's.
            _gdb.ClearBreakpoint(at);
            _breakpoints.Remove(at);
            return;
        }

        HitCount++;
        if (registers is AArch64Registers calling)
        {
            Host.Conduit.Hvc(calling.X);
            calling.ProgramCounter += 4;
        }
        else
        {
            Answer(tag, (X64Registers)registers);
        }

        _gdb.WriteRegisters(registers);
    }

    private void Answer(uint tag, X64Registers registers)
    {
        switch (tag)
        {
            case CpuidTag:
                Cpuid((uint)registers.Rcx, (uint)registers.Rdx, registers.R8);
                break;
            case ReadMsrTag:
                registers.Rax = Host.ReadMsr((uint)registers.Rcx);
                break;
            case WriteMsrTag:
                Host.WriteMsr((uint)registers.Rcx, registers.Rdx);
                break;
            case CallTag:
                registers.Rax = Host.Call(registers.Rcx, registers.Rdx, registers.R8, registers.R9);
                break;
        }

        registers.ProgramCounter = Read(registers.Rsp);
        registers.Rsp += 8;
    }

    private void Cpuid(uint leaf, uint subleaf, ulong result)
    {
        Span<uint> words = stackalloc uint[4];
        if (leaf == CommandLeaf)
        {
            words[0] = Command;
        }
        else
        {
            Host.Cpuid(leaf, subleaf, words);
        }

        MemoryMarshal.AsBytes(words).CopyTo(_memory!.Span(result, 16));
    }

    private void StepOver(ulong address)
    {
        _gdb!.ClearBreakpoint(address);
        _gdb.Step();
        _gdb.SetBreakpoint(address);
    }

    private bool IsTagged(ulong address, uint tag) => IsAArch64
        ? address % 4 == 0 && _memory!.IsAccessible(address - 4, 8) && Read(address - 4) == (LoadCall | ((ulong)Hvc << 32))
        : _memory!.IsAccessible(address, 8) && Read(address) == (Nop | ((ulong)tag << 32));

    /// <summary>Sets breakpoints on all functions in memory that there are none on yet; copies that are only data do no harm.</summary>
    private void SetBreakpoints()
    {
        byte[] first = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(first, IsAArch64 ? LoadCall : Nop);
        foreach (ulong found in _memory!.Find(first))
        {
            ulong address = IsAArch64 ? found + 4 : found;
            uint tag = IsAArch64 ? 0 : _memory.IsAccessible(found, 8) ? (uint)(Read(found) >> 32) : 0;
            bool isKnown = IsAArch64 || tag is >= CpuidTag and <= CallTag;
            if (isKnown && IsTagged(address, tag) && _breakpoints.TryAdd(address, tag))
            {
                _gdb!.SetBreakpoint(address);
            }
        }
    }

    /// <summary>On AArch64: writes the vendor of the hypervisor where QEMU's is, in the firmware's copies too, as soon as there are some.</summary>
    private void NameHyperV()
    {
        if (!IsAArch64 || _isNamed)
        {
            return;
        }

        foreach (ulong found in _memory!.Find("FACP"u8))
        {
            if (!_memory.IsAccessible(found, FixedTableSize) || (uint)(Read(found) >> 32) != FixedTableSize)
            {
                continue;
            }

            Span<byte> table = _memory.Span(found, FixedTableSize);
            "MsHyperV"u8.CopyTo(table[FixedTableVendor..]);
            table[TableChecksum] = 0;
            byte sum = 0;
            foreach (byte each in table)
            {
                sum += each;
            }

            table[TableChecksum] = (byte)-sum;
            _isNamed = true;
        }
    }
}
