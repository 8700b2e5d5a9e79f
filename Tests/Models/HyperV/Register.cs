namespace NetBoot.Tests.Models.HyperV;

/// <summary>Numbers of synthetic registers (TLFS, appendix C).</summary>
public static class Register
{
    public const uint GuestOsId = 0x4000_0000;
    public const uint Hypercall = 0x4000_0001;
    public const uint VpIndex = 0x4000_0002;
    public const uint TimeRefCount = 0x4000_0020;
    public const uint Scontrol = 0x4000_0080;
    public const uint Sversion = 0x4000_0081;
    public const uint Siefp = 0x4000_0082;
    public const uint Simp = 0x4000_0083;
    public const uint Eom = 0x4000_0084;
    public const uint Sint0 = 0x4000_0090;
    public const uint Sint2 = Sint0 + 2;

    /// <summary>The processor's own: AMD64 Architecture Programmer's Manual 2, 15.34.10.</summary>
    public const uint SevStatus = 0xC001_0131;
}
