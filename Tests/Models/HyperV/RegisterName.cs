namespace NetBoot.Tests.Models.HyperV;

/// <summary>Names of registers, by which guests on AArch64 read and write them (TLFS, "HV_REGISTER_NAME").</summary>
public static class RegisterName
{
    public const uint HypervisorVersion = 0x0000_0100;
    public const uint PrivilegesAndFeatures = 0x0000_0200;
    public const uint Features = 0x0000_0201;
    public const uint GuestOsId = 0x0009_0002;
    public const uint VpIndex = 0x0009_0003;
    public const uint TimeRefCount = 0x0009_0004;
    public const uint Sint0 = 0x000A_0000;
    public const uint Scontrol = 0x000A_0010;
    public const uint Sversion = 0x000A_0011;
    public const uint Siefp = 0x000A_0012;
    public const uint Simp = 0x000A_0013;
    public const uint Eom = 0x000A_0014;

    /// <summary>The model-specific register of x64 that is the same; null for what is none.</summary>
    public static uint? ToMsr(uint name) => name switch
    {
        GuestOsId => Register.GuestOsId,
        VpIndex => Register.VpIndex,
        TimeRefCount => Register.TimeRefCount,
        >= Sint0 and < Sint0 + Synic.SourceCount => Register.Sint0 + (name - Sint0),
        Scontrol => Register.Scontrol,
        Sversion => Register.Sversion,
        Siefp => Register.Siefp,
        Simp => Register.Simp,
        Eom => Register.Eom,
        _ => null,
    };
}
