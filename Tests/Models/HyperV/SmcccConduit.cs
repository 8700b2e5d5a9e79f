using System;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>
/// The instructions HVC #0 and SMC #0 of a guest on AArch64, by Arm's SMC Calling Convention (DEN0028): Hyper-V's function, with whose calls the
/// guest also reads and writes registers, and what the firmware below the guest's knows.
/// </summary>
/// <remarks>
/// Written from TLFS ("HvCallGetVpRegisters", "HvCallSetVpRegisters", "HV_REGISTER_NAME"); where the values of a fast call lie, from OpenVMM
/// (hv1_hypercall/src/aarch64.rs); and from Arm's Realm Management Monitor (DEN0137).
/// </remarks>
public sealed class SmcccConduit
{
    /// <summary>How many registers take part: x0 to x17.</summary>
    public const int RegisterCount = 18;

    private const uint HyperVFunction = 0x4600_0001;
    private const uint RealmVersionFunction = 0xC400_0190;
    private const ulong NotSupported = ulong.MaxValue;

    private const ulong GetRegister = 0x1_0001_0050; // one, fast
    private const ulong SetRegister = 0x1_0001_0051;
    private const ulong OneDone = 1ul << 32;
    private const ulong AutoEoi = 1 << 17;

    private readonly HyperVHost _host;

    internal SmcccConduit(HyperVHost host) => _host = host;

    /// <summary>Whether Hyper-V's function is known to who handles HVC.</summary>
    public bool KnowsHyperV { get; set; } = true;

    /// <summary>Whether HvRegisterPrivilegesAndFeaturesInfo shows the privileges; OpenVMM's is 0.</summary>
    public bool TellsPrivileges { get; set; } = true;

    /// <summary>Whether the machine is a realm of Arm's Confidential Compute Architecture: there HVC is undefined.</summary>
    public bool IsRealm { get; set; }

    /// <summary>Whether somebody handles SMC; otherwise it is undefined.</summary>
    public bool HasSmc { get; set; }

    /// <summary>How often the guest has executed HVC.</summary>
    public int HvcCount { get; private set; }

    /// <summary>How often the guest has executed SMC.</summary>
    public int SmcCount { get; private set; }

    /// <param name="x">x0 to x17, before and after.</param>
    public void Hvc(Span<ulong> x)
    {
        lock (_host.Gate)
        {
            HvcCount++;
            if (!_host.IsHypervisorPresent || IsRealm)
            {
                _host.Violate("HVC, which is an undefined instruction here");
                return;
            }

            x[0] = !KnowsHyperV || (uint)x[0] != HyperVFunction ? NotSupported : (x[1] & 0xFFFF) switch
            {
                0x50 => Get(x),
                0x51 => Set(x),
                _ when _host.GuestOsId == 0 => HvStatus.AccessDenied,
                _ => _host.Perform(x[1], x[2]),
            };
        }
    }

    /// <param name="x">x0 to x17, before and after.</param>
    public void Smc(Span<ulong> x)
    {
        lock (_host.Gate)
        {
            SmcCount++;
            if (!HasSmc)
            {
                _host.Violate("SMC, which is an undefined instruction here");
            }
            else if ((uint)x[0] == RealmVersionFunction && IsRealm)
            {
                x[0] = 0;
                x[1] = 0x1_0000;
                x[2] = 0x1_0000;
            }
            else
            {
                x[0] = NotSupported;
            }
        }
    }

    private ulong Get(Span<ulong> x)
    {
        if (!IsForSelf(x, GetRegister))
        {
            return HvStatus.InvalidParameter;
        }

        // What is known before the guest has identified itself: TLFS, "Early Register List".
        uint name = (uint)x[4];
        ulong? value = name switch
        {
            RegisterName.HypervisorVersion => 20348 | (10ul << 48),
            RegisterName.PrivilegesAndFeatures => TellsPrivileges
                ? _host.RegisterPrivileges | ((ulong)_host.Privileges << 32) | (_host.Isolation != 0 ? 1ul << 54 : 0) : 0,
            RegisterName.Features => 0,
            RegisterName.GuestOsId => _host.ReadMsr(Register.GuestOsId),
            RegisterName.TimeRefCount => _host.ReadMsr(Register.TimeRefCount),
            _ when _host.GuestOsId == 0 => null,
            _ when RegisterName.ToMsr(name) is uint register => _host.ReadMsr(register),
            _ => null,
        };
        if (value is null)
        {
            return _host.GuestOsId == 0
                ? HvStatus.AccessDenied : _host.Refuse(HvStatus.InvalidParameter, $"Register {name:x} was read, which there is not");
        }

        x[6] = value.Value;
        x[7] = 0;
        return OneDone;
    }

    private ulong Set(Span<ulong> x)
    {
        uint name = (uint)x[4];
        ulong value = x[6];
        if (!IsForSelf(x, SetRegister) || x[4] != name || x[5] != 0 || x[7] != 0)
        {
            return _host.Refuse(HvStatus.InvalidParameter, $"HvSetVpRegisters of {x[4]:x}, {x[5]:x}, {x[6]:x}, {x[7]:x}");
        }

        if (name != RegisterName.GuestOsId && _host.GuestOsId == 0)
        {
            return _host.Refuse(HvStatus.AccessDenied, $"Register {name:x} was written by a guest that has not identified itself");
        }

        if (RegisterName.ToMsr(name) is not uint register)
        {
            return _host.Refuse(HvStatus.InvalidParameter, $"Register {name:x} was written, which there is not");
        }

        // Vectors are INTIDs, of the processor's own interrupts (PPIs); auto-EOI there is not (mu_msvm, EfiHvDxe).
        bool isSource = register is >= Register.Sint0 and < Register.Sint0 + Synic.SourceCount;
        if (isSource && (value & Synic.Masked) == 0 && ((value & 0xFF) is < 16 or > 31 || (value & AutoEoi) != 0))
        {
            return _host.Refuse(HvStatus.InvalidParameter, $"SINT{register - Register.Sint0} was set to {value:x}");
        }

        _host.WriteMsr(register, value);
        return OneDone;
    }

    private bool IsForSelf(Span<ulong> x, ulong control)
    {
        bool isGood = x[1] == control && x[2] == ulong.MaxValue && x[3] == 0xFFFF_FFFE;
        if (!isGood)
        {
            _host.Violate($"A call about registers with control {x[1]:x}, partition {x[2]:x}, processor {x[3]:x}");
        }

        return isGood;
    }
}
