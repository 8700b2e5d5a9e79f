using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Storvsc;

/// <summary>
/// A started SCSI controller: EFI_EXT_SCSI_PASS_THRU_PROTOCOL on the channel's own handle, whose children are the firmware's SCSI bus
/// driver's.
/// </summary>
internal sealed unsafe class StorvscDevice : Device
{
    private StorChannel? _channel;
    private ScsiPassThru? _passThru;
    private bool _isInstalled;

    private StorvscDevice(EFI_HANDLE controller, EFI_GUID instance)
        : base(controller) => ControllerName = TextBuilder.Format($"Hyper-V SCSI Controller {{{instance}}}");

    public override string Name => ControllerName;

    /// <summary>With the instance as Windows shows it.</summary>
    public override string ControllerName { get; }

    public override string ChildName => "SCSI device";

    /// <summary>Sets the controller up, and publishes it.</summary>
    /// <param name="controller">The channel's handle.</param>
    /// <param name="channel">Closed; it is the device's from now on, also when this fails.</param>
    /// <param name="status">Why there is no device; nothing is left then.</param>
    public static StorvscDevice? Create(EFI_HANDLE controller, VmbusChannel channel, out EFI_STATUS status)
    {
        StorvscDevice device = new(controller, channel.InstanceId);
        status = device.Start(channel);
        if (status.IsError)
        {
            device.Dispose();
            return null;
        }

        return device;
    }

    private EFI_STATUS Start(VmbusChannel channel)
    {
        _channel = StorChannel.Create(channel, this, out EFI_STATUS status);
        if (_channel is null)
        {
            return status;
        }

        _passThru = ScsiPassThru.Create(this, _channel, out status);
        if (_passThru is null)
        {
            return status;
        }

        EFI_HANDLE handle = Controller;
        status = Firmware.Install(ref handle, _passThru.Protocol);
        _isInstalled = !status.IsError;
        return status;
    }

    public override bool HasChild(EFI_HANDLE child) => false;

    public override bool CanStartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining) => false;

    public override EFI_STATUS StartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining) => EFI_STATUS.EFI_SUCCESS;

    public override EFI_STATUS StopChild(EFI_HANDLE child) => EFI_STATUS.EFI_NOT_FOUND;

    /// <summary>Takes the protocol away; firmware stops its SCSI bus driver before.</summary>
    public override EFI_STATUS StopChildren()
    {
        EFI_STATUS status = _isInstalled ? Firmware.Uninstall(Controller, _passThru!.Protocol) : EFI_STATUS.EFI_SUCCESS;
        _isInstalled = _isInstalled && status.IsError;
        return status;
    }

    public override EFI_STATUS Diagnose(EFI_HANDLE child, ref TextBuilder text)
    {
        text.AppendLiteral("Storage protocol ");
        text.AppendFormatted((uint)_channel!.Version >> 8);
        text.Append('.');
        text.AppendFormatted(_channel.Version & 0xFFu);
        text.AppendLiteral(", bytes in a request: ");
        text.AppendFormatted(_channel.MaximumTransfer);
        return EFI_STATUS.EFI_SUCCESS;
    }

    public override void Dispose()
    {
        _channel?.Dispose();
        _channel = null;
        _passThru?.Dispose();
        _passThru = null;
    }

    protected override void Quiesce() => _channel?.Stop(Firmware.IsExitingBootServices);
}
