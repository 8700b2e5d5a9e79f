namespace NetBoot.Tests.Models.Xen;

/// <summary>Whose backend of a network interface it is: they differ in when they let go of the rings, and in what they read.</summary>
public enum NetbackKind
{
    /// <summary>Linux' netback, as in most of Xen's driver domains. Linux, drivers/net/xen-netback.</summary>
    Linux,

    /// <summary>QEMU's, for guests of its Xen on KVM, and in domains with a "qnic". QEMU, hw/net/xen_nic.c and hw/xen/xen-bus.c.</summary>
    Qemu,
}
