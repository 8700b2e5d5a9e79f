using System;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Twins;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Snp;

/// <summary>A NIC driver as they all are, but for the hardware. What it does next is set by its fields.</summary>
internal sealed unsafe class FakeNicDriver(TwinDriver? twins = null) : NicDriver<FAKE_NIC_PROTOCOL>(twins)
{
    public FakeNic? Nic { get; private set; }
    public int Mtu { get; set; } = NicDrivers.Nic.MaximumMtu;
    public uint NegotiationTime { get; set; }
    public EFI_STATUS CreateResult { get; set; }

    /// <summary>What opening a NIC comes to that is made from now on.</summary>
    public EFI_STATUS OpenResult { get; set; }
    public bool FaultsOnMatch { get; set; }
    public bool FaultsOnCreate { get; set; }

    public override string Name => "NetBoot fake network driver";

    protected override bool Matches(FAKE_NIC_PROTOCOL* parent) =>
        FaultsOnMatch ? throw new InvalidOperationException() : parent->Model != 0;

    protected override Nic? CreateNic(EFI_HANDLE controller, FAKE_NIC_PROTOCOL* parent, out EFI_STATUS status)
    {
        if (FaultsOnCreate)
        {
            throw new IndexOutOfRangeException();
        }

        status = CreateResult;
        Nic = status.IsError ? null : new FakeNic(Mtu, NegotiationTime) { OpenResult = OpenResult };
        return Nic;
    }
}
