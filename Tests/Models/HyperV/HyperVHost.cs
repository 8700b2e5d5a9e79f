using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>
/// A Hyper-V host for one guest processor, of x64 or, by <see cref="Conduit"/>, of AArch64: what it tells of itself, registers, hypercalls,
/// the message page, and VMBus with its devices behind them. It is strict: what the guest does against the protocol is kept in
/// <see cref="Violations"/>. It raises no interrupts: guests poll.
/// </summary>
/// <remarks>
/// Written from the Hypervisor Top-Level Functional Specification (TLFS) and the documents that it names, with structures of its own.
/// It acts when the guest calls it and in <see cref="Poll"/>; all entries may be called from any thread.
/// </remarks>
public sealed class HyperVHost
{
    private readonly List<string> _violations = [];
    private readonly Dictionary<uint, int> _reads = [];
    private readonly Dictionary<uint, int> _writes = [];
    private byte[]? _covered;

    public HyperVHost(GuestMemory memory, HostKind kind = HostKind.Windows)
    {
        Kind = kind;
        Memory = memory;
        Synic = new Synic(this);
        Vmbus = new VmbusHost(this);
        Conduit = new SmcccConduit(this);
    }

    internal object Gate { get; } = new();

    public HostKind Kind { get; }

    public GuestMemory Memory { get; }

    public Synic Synic { get; }

    public VmbusHost Vmbus { get; }

    /// <summary>What a guest on AArch64 reaches the host by.</summary>
    public SmcccConduit Conduit { get; }

    // What the guest did wrong

    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (Gate)
            {
                return [.. _violations];
            }
        }
    }

    /// <summary>The violations that a test has provoked; from then on they are forgotten.</summary>
    public IReadOnlyList<string> TakeViolations()
    {
        lock (Gate)
        {
            string[] taken = [.. _violations];
            _violations.Clear();
            return taken;
        }
    }

    internal void Violate(string what) => _violations.Add(what);

    /// <summary>
    /// What a guest must have put away when it leaves, and has not. SCONTROL does not count: Windows Server 2016 waits for ever when it
    /// finds the SynIC disabled, so that it may stay.
    /// </summary>
    public IReadOnlyList<string> Remains
    {
        get
        {
            lock (Gate)
            {
                List<string> remains = [.. Vmbus.Remains];
                Check(remains, "GUEST_OS_ID", GuestOsId != 0);
                Check(remains, "HYPERCALL", (HypercallRegister & 1) != 0);
                Check(remains, "SIMP", (Synic.MessagePage & 1) != 0);
                Check(remains, "SIEFP", (Synic.EventPage & 1) != 0);
                for (int i = 0; i < Synic.SourceCount; i++)
                {
                    Check(remains, $"SINT{i}", (Synic.Source(i) & Synic.Masked) == 0);
                }

                return remains;
            }
        }
    }

    private static void Check(List<string> remains, string what, bool isOn)
    {
        if (isOn)
        {
            remains.Add(what + " is enabled");
        }
    }

    // What the host is

    /// <summary>CPUID.1:ECX bit 31.</summary>
    public bool IsHypervisorPresent { get; set; } = true;

    /// <summary>The 12 characters of leaf 0x40000000.</summary>
    public string Vendor { get; set; } = "Microsoft Hv";

    /// <summary>Leaf 0x40000001 EAX: "Hv#1" (TLFS, 2.4.2).</summary>
    public uint Interface { get; set; } = 0x3123_7648;

    /// <summary>Leaf 0x40000003 EAX: reference counter, SynIC, APIC, hypercall and VP index registers (TLFS, 2.4.4).</summary>
    public uint RegisterPrivileges { get; set; } = 0x2 | 0x4 | 0x10 | 0x20 | 0x40;

    /// <summary>Leaf 0x40000003 EBX: PostMessages, SignalEvents.</summary>
    public uint Privileges { get; set; } = 0x10 | 0x20;

    /// <summary>Leaf 0x40000004 EAX: bit 9, AutoEOI is deprecated.</summary>
    public uint Recommendations { get; set; }

    /// <summary>Leaf 0x4000000C EBX bits 0..3: 0 none, 2 SNP, 3 TDX.</summary>
    public uint Isolation { get; set; }

    /// <summary>Whether the processor has AMD's SEV (CPUID 0x8000001F), whatever the hypervisor tells of isolation.</summary>
    public bool HasSev { get; set; }

    /// <summary>SEV_STATUS: bit 0, the machine's memory is encrypted.</summary>
    public ulong SevStatus { get; set; }

    /// <summary>Whether CPUID leaf 0x21 says that the machine is a trust domain (Intel's TDX), whatever the hypervisor tells of isolation.</summary>
    public bool IsTrustDomain { get; set; }

    /// <summary>What TIME_REF_COUNT shows, in 100 ns.</summary>
    public Func<ulong> Clock { get; set; } = () => (ulong)(Environment.TickCount64 * TimeSpan.TicksPerMillisecond);

    // CPUID (TLFS, 2.4)

    /// <param name="leaf">EAX.</param>
    /// <param name="subleaf">ECX.</param>
    /// <param name="result">EAX, EBX, ECX, EDX.</param>
    public void Cpuid(uint leaf, uint subleaf, Span<uint> result)
    {
        result[..4].Clear();
        switch (leaf)
        {
            case 0:
                result[0] = IsTrustDomain ? 0x21u : 0xD;
                SetText(result[1..], "GenuntelineI"); // EBX, ECX, EDX; the order on the paper is EBX, EDX, ECX
                break;
            case 1:
                result[2] = IsHypervisorPresent ? 1u << 31 : 0;
                break;
            case 0x21 when IsTrustDomain:
                SetText(result[1..], "Inte    lTDX");
                break;
            case 0x8000_0000:
                result[0] = 0x8000_001F;
                break;
            case 0x8000_001F:
                result[0] = HasSev ? 2u : 0;
                break;
            case 0x4000_0000 when IsHypervisorPresent:
                result[0] = 0x4000_000C;
                SetText(result[1..], Vendor);
                break;
            case 0x4000_0001 when IsHypervisorPresent:
                result[0] = Interface;
                break;
            case 0x4000_0002 when IsHypervisorPresent:
                result[0] = 20348;
                result[1] = 10 << 16;
                break;
            case 0x4000_0003 when IsHypervisorPresent:
                result[0] = RegisterPrivileges;
                result[1] = Privileges | (Isolation != 0 ? 1u << 22 : 0);
                break;
            case 0x4000_0004 when IsHypervisorPresent:
                result[0] = Recommendations;
                break;
            case 0x4000_0005 when IsHypervisorPresent:
                result[0] = 64;
                break;
            case 0x4000_000C when IsHypervisorPresent:
                result[1] = Isolation;
                break;
        }
    }

    private static void SetText(Span<uint> registers, string text)
    {
        for (int i = 0; i < 12; i++)
        {
            registers[i / 4] |= (uint)text[i] << (i % 4 * 8);
        }
    }

    // Registers (TLFS, appendix C)

    public ulong GuestOsId { get; private set; }

    public ulong HypercallRegister { get; private set; }

    /// <summary>How often the guest has read a register.</summary>
    public int ReadCount(uint register) => _reads.GetValueOrDefault(register);

    /// <summary>How often the guest has written a register.</summary>
    public int WriteCount(uint register) => _writes.GetValueOrDefault(register);

    public ulong ReadMsr(uint register)
    {
        lock (Gate)
        {
            _reads[register] = _reads.GetValueOrDefault(register) + 1;
            if (!IsAllowed(register))
            {
                Violate($"RDMSR {register:x}, a register that the host does not offer");
                return 0;
            }

            switch (register)
            {
                case Register.GuestOsId:
                    return GuestOsId;
                case Register.Hypercall:
                    return HypercallRegister;
                case Register.VpIndex:
                    return 0;
                case Register.TimeRefCount:
                    return Clock();
                case Register.SevStatus:
                    return SevStatus;
                default:
                    if (Synic.TryRead(register, out ulong value))
                    {
                        return value;
                    }

                    Violate($"RDMSR {register:x}, which there is not");
                    return 0;
            }
        }
    }

    public void WriteMsr(uint register, ulong value)
    {
        lock (Gate)
        {
            _writes[register] = _writes.GetValueOrDefault(register) + 1;
            if (!IsAllowed(register))
            {
                Violate($"WRMSR {register:x}, a register that the host does not offer");
                return;
            }

            Guard(() => Write(register, value));
        }
    }

    private void Write(uint register, ulong value)
    {
        switch (register)
        {
            case Register.GuestOsId:
                GuestOsId = value;
                if (value == 0)
                {
                    Uncover();
                    HypercallRegister &= ~1ul; // TLFS, 3.13
                }

                break;
            case Register.Hypercall:
                WriteHypercall(value);
                break;
            default:
                if (!Synic.TryWrite(register, value))
                {
                    Violate($"WRMSR {register:x}, which there is not or cannot be written");
                }

                break;
        }
    }

    // Who calls the page past the model gets HV_STATUS_INVALID_HYPERCALL_CODE: mov eax, 2; ret.
    private static ReadOnlySpan<byte> HypercallCode => [0xB8, 2, 0, 0, 0, 0xC3];

    // The host's page lies over the guest's, which is back when it goes (TLFS, 3.13, overlay pages).
    private void WriteHypercall(ulong value)
    {
        if ((value & 1) != 0 && GuestOsId == 0)
        {
            Violate("The hypercall page was enabled while GUEST_OS_ID is 0");
            value &= ~1ul;
        }

        Uncover();
        HypercallRegister = value;
        if ((value & 1) != 0)
        {
            Span<byte> page = Memory.Span(value & ~0xFFFul, GuestMemory.PageSize);
            _covered = page.ToArray();
            page.Fill(0xCC);
            HypercallCode.CopyTo(page);
        }
    }

    private void Uncover()
    {
        ulong page = HypercallRegister & ~0xFFFul;
        if (_covered is { } covered && Memory.IsAccessible(page, GuestMemory.PageSize))
        {
            covered.CopyTo(Memory.Span(page, GuestMemory.PageSize));
        }

        _covered = null;
    }

    private bool IsAllowed(uint register) => IsHypervisorPresent && (RegisterPrivileges & (register switch
    {
        Register.GuestOsId or Register.Hypercall => 0x20u,
        Register.VpIndex => 0x40u,
        Register.TimeRefCount => 0x2u,
        Register.SevStatus => HasSev ? RegisterPrivileges : 0,
        _ => 0x4u,
    })) != 0;

    // Hypercalls (TLFS, 3)

    private const ulong IsFast = 1 << 16;

    /// <summary>What the next posts of messages answer instead of being done: 0x12, 0x13 or another HV_STATUS.</summary>
    public Queue<ushort> PostAnswers { get; } = [];

    public int PostCount { get; private set; }

    public int SignalCount { get; private set; }

    /// <param name="page">The address that the guest calls.</param>
    /// <param name="control">RCX.</param>
    /// <param name="input">RDX.</param>
    /// <param name="output">R8.</param>
    /// <returns>RAX.</returns>
    public ulong Call(ulong page, ulong control, ulong input, ulong output)
    {
        lock (Gate)
        {
            if ((HypercallRegister & 1) == 0 || (HypercallRegister & ~0xFFFul) != page)
            {
                return CallUncovered(page);
            }

            return Perform(control, input);
        }
    }

    internal ulong Perform(ulong control, ulong input)
    {
        ulong status = HvStatus.InvalidHypercallInput;
        Guard(() => status = (control & 0xFFFF) switch
        {
            0x5C => PostMessage(control, input),
            0x5D => SignalEvent(control, input),
            _ => Refuse(HvStatus.InvalidHypercallCode, $"Hypercall {control:x}, which the host does not know"),
        });
        return status;
    }

    /// <summary>Calls through a page that is not the host's any more, and in which the guest has left an answer.</summary>
    public int UncoveredCallCount { get; private set; }

    // After somebody else has taken the registers, the guest runs into what it had in the page itself: mov eax, answer; ret is good.
    private ulong CallUncovered(ulong page)
    {
        if (Memory.IsAccessible(page, 6) && Memory.Span(page, 6) is [0xB8, .. var answer, 0xC3])
        {
            UncoveredCallCount++;
            return BinaryPrimitives.ReadUInt32LittleEndian(answer);
        }

        Violate($"A hypercall through {page:x}, where no code is, while HYPERCALL is {HypercallRegister:x}");
        return HvStatus.InvalidHypercallCode;
    }

    // HvCallPostMessage (TLFS, 11.11.1)
    private ulong PostMessage(ulong control, ulong input)
    {
        PostCount++;
        if ((Privileges & 0x10) == 0)
        {
            return Refuse(HvStatus.AccessDenied, "HvPostMessage without the privilege");
        }

        if (control != 0x5C)
        {
            return Refuse(HvStatus.InvalidHypercallInput, $"HvPostMessage with control {control:x}");
        }

        if (input % 8 != 0 || (input & 0xFFF) + 256 > GuestMemory.PageSize)
        {
            return Refuse(HvStatus.InvalidAlignment, $"HvPostMessage with input at {input:x}: unaligned, or across pages");
        }

        Span<byte> parameters = Memory.Span(input, 256);
        uint connection = BinaryPrimitives.ReadUInt32LittleEndian(parameters);
        uint type = BinaryPrimitives.ReadUInt32LittleEndian(parameters[8..]);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(parameters[12..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(parameters[4..]) != 0)
        {
            Violate("HvPostMessage with a reserved field that is not 0");
        }

        if (size > 240)
        {
            return Refuse(HvStatus.InvalidParameter, $"HvPostMessage of {size} bytes");
        }

        if (type != 1)
        {
            return Refuse(HvStatus.InvalidParameter, $"HvPostMessage of type {type}");
        }

        if (PostAnswers.TryDequeue(out ushort answer))
        {
            return answer;
        }

        return Vmbus.Post(connection, parameters.Slice(16, (int)size));
    }

    // HvCallSignalEvent (TLFS, 11.11.2)
    private ulong SignalEvent(ulong control, ulong input)
    {
        SignalCount++;
        if ((Privileges & 0x20) == 0)
        {
            return Refuse(HvStatus.AccessDenied, "HvSignalEvent without the privilege");
        }

        if ((control & ~IsFast) != 0x5D)
        {
            return Refuse(HvStatus.InvalidHypercallInput, $"HvSignalEvent with control {control:x}");
        }

        if ((control & IsFast) == 0)
        {
            if (input % 8 != 0)
            {
                return Refuse(HvStatus.InvalidAlignment, $"HvSignalEvent with input at {input:x}");
            }

            input = BinaryPrimitives.ReadUInt64LittleEndian(Memory.Span(input, 8));
        }

        return Vmbus.Signal((uint)input, input >> 32);
    }

    internal ulong Refuse(ulong status, string what)
    {
        Violate(what);
        return status;
    }

    // Time

    /// <summary>Does what a host does by itself: handles posted messages, delivers its own, reads rings that it polls.</summary>
    public void Poll()
    {
        lock (Gate)
        {
            Guard(Vmbus.Poll);
        }
    }

    /// <summary>Runs what touches guest memory: a stray address of the guest is a violation, and ends what was being done.</summary>
    internal void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (GuestMemoryException exception)
        {
            Violate(exception.Message);
        }
    }

    /// <summary>
    /// Does what another owner of the processor does that takes the connection (a loader that brings its own): a message page of its own,
    /// and, when asked, a new contact, which resets what was there.
    /// </summary>
    /// <param name="page">A page that is that owner's.</param>
    /// <param name="contact">The version that it connects with, and unloads again at once; null for none.</param>
    public void TakeOver(ulong page, uint? contact = 0x0003_0000)
    {
        lock (Gate)
        {
            Guard(() =>
            {
                Synic.TryWrite(Register.Simp, page | 1);
                if (contact is { } version)
                {
                    Vmbus.ConnectElsewhere(version);
                }
            });
        }
    }
}
