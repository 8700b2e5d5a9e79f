namespace NetBoot.NicDrivers.VirtioNet;

/// <summary>Where the parts of a virtqueue are, as edk2 tells it to VIRTIO_DEVICE_PROTOCOL (IndustryStandard/Virtio095.h).</summary>
public unsafe struct VRING
{
    public nuint NumPages;
    public void* Base;
    public void* Desc;
    public ushort* AvailFlags;
    public ushort* AvailIdx;
    public ushort* AvailRing;
    public ushort* AvailUsedEvent;
    public ushort* UsedFlags;
    public ushort* UsedIdx;
    public void* UsedElem;
    public ushort* UsedAvailEvent;
    public ushort QueueSize;
}
