using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.VirtioNet;

/// <summary>How a virtio device is reached: over PCI (<see cref="VirtioPci"/>), or through the firmware (<see cref="VirtioPlatform"/>).</summary>
internal abstract class VirtioTransport
{
    // In microseconds. A host may take its time to stop a backend.
    private const uint ResetTimeout = 500_000;
    private const uint ResetStep = 20;

    internal abstract bool IsLegacy { get; }

    /// <summary>Whether a queue may have fewer descriptors than <see cref="ReadQueueSize"/> says.</summary>
    internal abstract bool TakesSmallerQueues { get; }

    internal abstract byte ReadStatus();
    internal abstract void WriteStatus(byte status);
    internal abstract VirtioFeatures ReadFeatures();
    internal abstract void WriteFeatures(VirtioFeatures features);

    /// <summary>The most descriptors that a queue may have, or the number that it has; 0 when there is no such queue.</summary>
    internal abstract int ReadQueueSize(ushort queue);

    /// <summary>Tells the device where a queue lies.</summary>
    /// <returns>False when it cannot be there or the device does not let its queue be notified.</returns>
    internal abstract bool EnableQueue(Virtqueue queue);

    /// <summary>Tells the device that a queue has new buffers: one register write, the dearest thing on a frame's way.</summary>
    internal abstract void Notify(Virtqueue queue);

    /// <summary>Reads the device's own configuration; all ones beyond its end.</summary>
    internal abstract byte ReadConfig8(uint offset);
    internal abstract ushort ReadConfig16(uint offset);

    /// <summary>Changes when the device changes its configuration; always 0 in a legacy device.</summary>
    internal abstract byte ReadConfigGeneration();

    /// <summary>Memory for queues and buffers.</summary>
    /// <param name="size">In bytes.</param>
    /// <param name="status">Why there is none.</param>
    internal abstract VirtioMemory? Allocate(nuint size, out EFI_STATUS status);

    /// <summary>Turns off what was turned on to reach the device.</summary>
    /// <returns>Whether the device can touch no memory any more, even if it has failed to reset before.</returns>
    internal abstract bool Release();

    /// <summary>Stops the device and waits until it says so: after that it touches no memory. Virtio 1.2, 2.4 and 4.1.4.3.2.</summary>
    /// <returns>False when it does not within half a second, or is gone.</returns>
    internal bool Reset()
    {
        WriteStatus(VirtioStatus.Reset);
        for (uint waited = 0; ; waited += ResetStep)
        {
            byte status = ReadStatus();
            if (status == VirtioStatus.Reset)
            {
                return true;
            }

            if (status == VirtioStatus.Gone || waited >= ResetTimeout)
            {
                return false;
            }

            Firmware.Stall(ResetStep);
        }
    }

    /// <summary>Resets, and agrees on the features that both sides have. Virtio 1.2, 3.1.1, steps 1 to 6.</summary>
    /// <param name="wanted">What the driver can do.</param>
    /// <param name="features">What is used.</param>
    internal bool Negotiate(VirtioFeatures wanted, out VirtioFeatures features)
    {
        features = VirtioFeatures.None;
        if (!Reset())
        {
            return false;
        }

        WriteStatus(VirtioStatus.Acknowledge);
        WriteStatus(VirtioStatus.Acknowledge | VirtioStatus.Driver);
        features = ReadFeatures() & wanted;
        if (IsLegacy)
        {
            WriteFeatures(features);
            return true;
        }

        if ((features & VirtioFeatures.Version1) == 0)
        {
            WriteStatus(VirtioStatus.Failed);
            return false;
        }

        WriteFeatures(features);
        WriteStatus(VirtioStatus.Acknowledge | VirtioStatus.Driver | VirtioStatus.FeaturesOk);
        if ((ReadStatus() & VirtioStatus.FeaturesOk) == 0)
        {
            WriteStatus(VirtioStatus.Failed);
            return false;
        }

        return true;
    }

    /// <summary>The queues are ready: the device may begin.</summary>
    internal void Start()
    {
        byte features = IsLegacy ? (byte)0 : VirtioStatus.FeaturesOk;
        WriteStatus((byte)(VirtioStatus.Acknowledge | VirtioStatus.Driver | features | VirtioStatus.DriverOk));
    }
}
