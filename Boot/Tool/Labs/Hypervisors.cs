namespace NetBoot.Boot.Tool.Labs;

/// <summary>The interfaces that KVM and QEMU together offer an inner guest, as QEMU's options say it.</summary>
public static class Hypervisors
{
    /// <summary>Hyper-V's: kvm=off keeps KVM's own signature, which Linux would prefer, out of sight.</summary>
    public const string HyperVCpu = "host,kvm=off,hv-vpindex,hv-runtime,hv-synic,hv-time,hv-stimer,hv-relaxed";

    /// <summary>Xen 4.17's.</summary>
    public const string XenAccelerator = "kvm,xen-version=0x40011,kernel-irqchip=split";

    public static readonly string[] VmbusWithBalloon = ["-device", "vmbus-bridge", "-device", "hv-balloon,id=balloon"];
}
