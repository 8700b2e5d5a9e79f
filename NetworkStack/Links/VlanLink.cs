using System;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Links;

/// <summary>
/// A VLAN on another link (IEEE 802.1Q): what is sent goes there with a tag. Nothing is received by itself: the interface of the other link hands
/// on what comes with that tag.
/// </summary>
/// <param name="trunk">What moves the frames; who opened it closes it.</param>
/// <param name="vlanId">1 to 4094.</param>
public sealed class VlanLink(Link trunk, int vlanId) : Link
{
    /// <summary>The largest VLAN identifier; 0 and 4095 are none (IEEE 802.1Q, table 9-2).</summary>
    public const int MaximumVlanId = 4094;

    /// <summary>The largest priority.</summary>
    public const int MaximumPriority = 7;

    private const int MaximumMtu = 1500;

    private readonly byte[] _frame = new byte[EthernetFrame.HeaderSize + EthernetFrame.TagSize + MaximumMtu];

    /// <summary>The tag's VLAN identifier.</summary>
    public int VlanId => vlanId;

    /// <summary>What is in the tag of frames that are sent: 0 to 7, the most important.</summary>
    public int Priority { get; set; }

    /// <inheritdoc/>
    public override MacAddress Address => trunk.Address;

    /// <inheritdoc/>
    public override MacAddress PermanentAddress => trunk.PermanentAddress;

    /// <summary>The tag is at the cost of what follows it: drivers need not take more than a packet of the size that they announce (UEFI 2.10, 24.1).</summary>
    public override int Mtu => Math.Min(trunk.Mtu - EthernetFrame.TagSize, MaximumMtu);

    /// <inheritdoc/>
    public override bool IsUp => trunk.IsUp;

    /// <inheritdoc/>
    public override Error? SetAddress(MacAddress? address) => new(EFI_STATUS.EFI_UNSUPPORTED, "a VLAN has the address of its trunk");

    /// <inheritdoc/>
    public override bool Send(ReadOnlySpan<byte> frame) =>
        frame.Length >= EthernetFrame.HeaderSize && frame.Length <= _frame.Length - EthernetFrame.TagSize &&
        trunk.Send(EthernetFrame.WriteTagged(frame, _frame, vlanId, Priority));

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Receive() => default;
}
