using System;
using NetBoot.NicDrivers.Pci;
using NetBoot.NicDrivers.Snp;
using NetBoot.NicDrivers.Twins;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers;

/// <summary>
/// A started NIC: the hardware, and one child handle with the device path (the controller's and a MAC node), EFI_SIMPLE_NETWORK_PROTOCOL
/// and EFI_ADAPTER_INFORMATION_PROTOCOL. When the driver came from the card's option ROM with an application beside it, that is a second child.
/// </summary>
internal sealed unsafe class NicDevice(Driver driver, EFI_HANDLE controller, Nic nic) : Device(controller)
{
    private const byte Ethernet = 1; // IfType, RFC 3232's ARP hardware type.

    private readonly ProtocolSet _protocols = new(3);
    private SimpleNetwork? _network;
    private EFI_DEVICE_PATH_PROTOCOL* _path;
    private TwinReservation? _twins;
    private RomApplication? _application;
    private Event? _repair;
    private bool _hasChild;

    public override string Name => ChildName;
    public override string ControllerName => nic.Model;
    public override string ChildName { get; } = TextBuilder.Format($"{nic.Model} {nic.PermanentAddress}");

    /// <summary>Makes the protocols that the child will have. After a failure, <see cref="Dispose"/> takes the rest away.</summary>
    public EFI_STATUS Initialize(TwinDriver? twins)
    {
        ReadOnlySpan<byte> parent = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(Controller));
        if (parent.IsEmpty)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        _path = new DevicePathBuilder().Path(parent).Mac(PathAddress, PathInterfaceType).ToPool();
        if (_path == null)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        _network = SimpleNetwork.Create(this, nic, out EFI_STATUS status);
        if (_network is null)
        {
            return status;
        }

        if (nic.NeedsRepair)
        {
            _repair = Event.Create(EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_CALLBACK, this, nic.Repair, out status);
            if (_repair is null)
            {
                return status;
            }
        }

        _protocols.Add(_path);
        _protocols.Add(_network.AdapterInformation);
        _protocols.Add(_network.Protocol);
        if (twins is not null)
        {
            _twins = TwinReservation.Create(twins, nic.PermanentAddress, _network.Protocol, out status);
        }

        return status;
    }

    /// <summary>Makes the application in the option ROM the second child, when there is one.</summary>
    public void AddApplication(EFI_PCI_IO_PROTOCOL* io) =>
        _application = RomApplication.Find(driver, this, io, TextBuilder.Format($"NetBoot {nic.PermanentAddress}"));

    /// <summary>What opening the NIC came to: one that does not work leaves its emulated twin to others.</summary>
    public void OnOpened(EFI_STATUS status)
    {
        _twins?.SetWorks(!status.IsError);
        if (status.IsError)
        {
            _repair?.Signal();
        }
    }

    public override bool HasChild(EFI_HANDLE child) => (_hasChild && child == _protocols.Handle) || IsApplication(child);

    public override bool CanStartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining) =>
        (!_hasChild && IsOurs(remaining)) || (_application is { IsThere: false } application && (remaining == null || application.IsNode(remaining)));

    public override EFI_STATUS StartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        if (_application is not null && (_application.IsNode(remaining) || (_hasChild && remaining == null)))
        {
            return _application.Start();
        }

        if (!IsOurs(remaining))
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        if (_hasChild)
        {
            return EFI_STATUS.EFI_ALREADY_STARTED;
        }

        if (_twins is not null)
        {
            // A twin is taken only for a NIC that works, and before anybody is shown both.
            OnOpened(nic.Open(nic.PermanentAddress));
            nic.Close();
        }

        // Whoever is notified of the new protocols finds the child in its parent's open list.
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        EFI_STATUS status = _protocols.Install(default);
        if (!status.IsError)
        {
            status = driver.OpenForChild(Controller, _protocols.Handle);
            _hasChild = !status.IsError || _protocols.Uninstall().IsError;
        }

        Firmware.RestoreTpl(tpl);
        if (!_hasChild)
        {
            _twins?.SetWorks(false);
        }
        else if (remaining == null)
        {
            _application?.Start(); // a boot option less is no reason to have no network
        }

        return status;
    }

    public override EFI_STATUS StopChild(EFI_HANDLE child)
    {
        if (IsApplication(child))
        {
            return _application!.Stop();
        }

        driver.CloseForChild(Controller, child);
        EFI_STATUS status = _protocols.Uninstall();
        if (status.IsError)
        {
            driver.OpenForChild(Controller, child);
            return status;
        }

        _hasChild = false;
        _network!.Close();
        _twins?.SetWorks(false);
        return EFI_STATUS.EFI_SUCCESS;
    }

    public override EFI_STATUS StopChildren()
    {
        EFI_STATUS status = _application is null ? EFI_STATUS.EFI_SUCCESS : _application.Stop();
        return _hasChild && !status.IsError ? StopChild(_protocols.Handle) : status;
    }

    public override void Dispose()
    {
        _repair?.Dispose();
        _repair = null;
        _network?.Dispose();
        _network = null;
        nic.Dispose();
        _application?.Dispose();
        _application = null;
        _twins?.Dispose();
        _twins = null;
        Pool.Free(_path);
        _path = null;
    }

    /// <summary>Whether the node is one of a network interface: its type and its length say so.</summary>
    public static bool IsMacNode(EFI_DEVICE_PATH_PROTOCOL* node) =>
        node->Type == EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH && node->SubType == MAC_ADDR_DEVICE_PATH.MSG_MAC_ADDR_DP &&
        (node->Length[0] | (node->Length[1] << 8)) == sizeof(MAC_ADDR_DEVICE_PATH);

    protected override void Quiesce()
    {
        nic.Quiesce();
        _twins?.SetWorks(false);
    }

    private bool IsApplication(EFI_HANDLE child) => _application is not null && _application.Is(child);

    private bool IsOurs(EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        if (remaining == null)
        {
            return true;
        }

        if (!IsMacNode(remaining))
        {
            return false;
        }

        MAC_ADDR_DEVICE_PATH* node = (MAC_ADDR_DEVICE_PATH*)remaining;
        return node->IfType == PathInterfaceType &&
            new MacAddress(new ReadOnlySpan<byte>(node->MacAddress.Addr, MacAddress.Size)) == PathAddress;
    }

    private MacAddress PathAddress => nic.IsPathAnonymous ? default : nic.PermanentAddress;

    private byte PathInterfaceType => nic.IsPathAnonymous ? (byte)0 : Ethernet;
}
