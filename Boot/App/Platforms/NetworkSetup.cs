using System;
using System.Collections.Generic;
using NetBoot.Boot.App.Consoles;
using NetBoot.BusDrivers;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Links;
using NetBoot.NicDrivers;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// Brings up the app's interfaces: in full mode on the drivers inside the image, which take the NICs that they know from the firmware's
/// drivers for as long as the app runs; and on every other SNP that there is. On hardware that no hypervisor presents, a NIC of which another
/// driver makes a network already is left to it: ours have not been tried on every card.
/// </summary>
/// <param name="drivers">Null for an image without drivers.</param>
/// <param name="list">The drivers of the set.</param>
/// <param name="takesAll">Whether the machine's NICs are a hypervisor's, so that none is left.</param>
public sealed unsafe class NetworkSetup(DriverSet? drivers, Driver[] list, bool takesAll)
{
    private const byte NetworkClass = 2;
    private const uint ClassOffset = 0x0B;
    private const int ReasonRoom = 256; // Characters.

    private readonly List<Taken> _taken = [];
    private Terminal? _terminal;
    private bool _takesAll = takesAll;
    private bool _isInstalled;

    private struct Taken
    {
        public Driver Driver;
        public EFI_HANDLE Controller;
    }

    /// <summary>Puts drivers and NICs together; says on the terminal which NIC could not be taken.</summary>
    public Error? Connect(Terminal terminal)
    {
        if (drivers is null)
        {
            ConnectIdle();
            return null;
        }

        _isInstalled = true; // From the first driver on: whatever ends this halfway, they are taken away.
        EFI_STATUS status = drivers.Install();
        if (status.IsError)
        {
            _isInstalled = false;
            return new Error(status, TextBuilder.Format($"the drivers cannot be installed: {status}"));
        }

        _terminal = terminal;
        Reclaim(terminal);
        ConnectIdle();
        return null;
    }

    /// <summary>
    /// Takes every NIC that the drivers inside the image know and do not have: at the start, and after an image ran that may have driven
    /// them itself, as another full-mode app does.
    /// </summary>
    public void Reclaim(Terminal terminal)
    {
        if (!_isInstalled || drivers is null)
        {
            return;
        }

        foreach (Driver driver in list)
        {
            using PoolBuffer<EFI_HANDLE> controllers = driver.LocateControllers();
            foreach (EFI_HANDLE controller in controllers.Span)
            {
                if (driver.Recognizes(controller) && !IsOurs(controller) && MayTake(controller, driver))
                {
                    TakeOver(controller, driver, drivers.Handles, terminal);
                }
            }
        }
    }

    /// <summary>Takes the NICs that were left to other drivers too. The links on them are closed, and find them again by their paths.</summary>
    public Error? TakeAll(Terminal terminal)
    {
        if (!_isInstalled)
        {
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, "there are no drivers inside this image");
        }

        _takesAll = true;
        Reclaim(terminal);
        return null;
    }

    /// <summary>Makes an interface of every SNP.</summary>
    /// <param name="session">Gets them.</param>
    /// <param name="first">The address of the one that comes first, and is net0.</param>
    /// <param name="vlanId">The VLAN on it whose interface comes before all; 0 for none.</param>
    public static void AddInterfaces(Session session, MacAddress? first, int vlanId)
    {
        using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<EFI_SIMPLE_NETWORK_PROTOCOL>();
        foreach (EFI_HANDLE handle in handles.Span)
        {
            if (IsOfMac(handle, first))
            {
                Add(session, handle);
            }
        }

        foreach (EFI_HANDLE handle in handles.Span)
        {
            if (!IsOfMac(handle, first))
            {
                Add(session, handle);
            }
        }

        if (vlanId != 0 && session.Interfaces.Count > 0 && session.Interfaces[0].Interface.Link.Address == first)
        {
            Error? error = session.CreateVlan(session.Interfaces[0], (uint)vlanId, 0);
            if (error is null)
            {
                session.Prefer(session.Interfaces[session.Interfaces.Count - 1]);
            }
            else
            {
                session.Terminal.WriteLine(error.Message);
            }
        }

        session.Settings.LastOpened = session.Interfaces.Count > 0 ? session.Interfaces[0].Interface.Name : null;
    }

    /// <summary>Takes the drivers away, and lets the firmware drive its NICs again; says on the terminal which NIC it does not.</summary>
    public void Disconnect()
    {
        if (!_isInstalled || drivers is null)
        {
            return;
        }

        if (drivers.Uninstall().IsError)
        {
            return;
        }

        _isInstalled = false;
        drivers.ReconnectAll();
        foreach (Taken taken in _taken)
        {
            if (Firmware.IsHandle(taken.Controller) && taken.Driver.FindAgent(taken.Controller).IsNull)
            {
                _terminal?.WriteLine(TextBuilder.Format(
                    $"{taken.Driver.Name}: the driver that had the device before does not take it back; restart before it is used"));
            }
        }
    }

    /// <summary>Whether one of the image's drivers has the controller, be it only to keep it from being driven.</summary>
    private bool IsOurs(EFI_HANDLE controller)
    {
        foreach (Driver driver in list)
        {
            if (driver.Drives(controller))
            {
                return true;
            }
        }

        return false;
    }

    private bool MayTake(EFI_HANDLE controller, Driver driver) => driver.FindAgent(controller).IsNull ||
        (driver.TakesOver && (_takesAll || !NicController.HasNetwork(controller)));

    /// <summary>Takes a NIC from whoever drives it. What cannot be taken is used through the driver that has it.</summary>
    private void TakeOver(EFI_HANDLE controller, Driver driver, ReadOnlySpan<EFI_HANDLE> ours, Terminal terminal)
    {
        bool isTaken = !driver.FindAgent(controller).IsNull;
        NicController.Release(controller); // nothing to release is no failure, and a driver that stays makes connecting fail
        EFI_STATUS status = Controllers.Connect(controller, ours, recursive: false);
        if (status.IsError)
        {
            TextBuilder reason = new(stackalloc char[ReasonRoom]);
            bool isKnown = driver.Diagnose(controller, default, ref reason) == EFI_STATUS.EFI_DEVICE_ERROR;
            terminal.WriteLine(isKnown
                ? TextBuilder.Format($"{driver.Name}: {reason.Written}")
                : TextBuilder.Format($"{driver.Name}: the firmware's driver keeps its device: {status}"));
        }
        else if (isTaken)
        {
            _taken.Add(new Taken { Driver = driver, Controller = controller });
        }
    }

    /// <summary>
    /// Connects network devices that nobody drives, and what hangs on the buses that are not PCI: the firmware connects only what its boot
    /// options need.
    /// </summary>
    private static void ConnectIdle()
    {
        BusRoots.ConnectAll();
        using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<EFI_PCI_IO_PROTOCOL>();
        foreach (EFI_HANDLE handle in handles.Span)
        {
            if (IsNetworkCard(handle) && Controllers.FindDriver<EFI_PCI_IO_PROTOCOL>(handle).IsNull)
            {
                Controllers.Connect(handle, default, recursive: true);
            }
        }
    }

    /// <summary>Whether a handle is a PCI function of the network class (PCI Code and ID Assignment 1.11, 1.3).</summary>
    internal static bool IsNetworkCard(EFI_HANDLE handle)
    {
        EFI_PCI_IO_PROTOCOL* io = Firmware.Get<EFI_PCI_IO_PROTOCOL>(handle);
        byte classCode = 0;
        return io != null && !io->Pci.Read(io, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint8, ClassOffset, 1, &classCode).IsError &&
            classCode == NetworkClass;
    }

    private static bool IsOfMac(EFI_HANDLE handle, MacAddress? mac) =>
        mac is MacAddress wanted &&
        BootOrigin.FindMac(DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle))) is MacAddress found && found == wanted;

    private static void Add(Session session, EFI_HANDLE handle)
    {
        EFI_SIMPLE_NETWORK_PROTOCOL* snp = Firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(handle);
        if (snp == null || snp->Mode == null || snp->Mode->HwAddressSize != MacAddress.Size || IsAlias(handle))
        {
            return;
        }

        for (int i = 0; i < session.Interfaces.Count; i++)
        {
            // edk2's PXE puts the NIC's SNP on its own child handles too, which go away when its stack is disconnected.
            if (Firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(session.Interfaces[i].Handle) == snp)
            {
                return;
            }
        }

        EFI_HANDLE controller = ParentOf(handle);
        EFI_PCI_IO_PROTOCOL* io = controller.IsNull ? null : Firmware.Get<EFI_PCI_IO_PROTOCOL>(controller);
        uint location = 0;
        bool isPci = io != null && TryGetLocation(io, out location);
        NetworkInterface netif = new(TextBuilder.Format($"net{session.Interfaces.Count}"), new SnpLink(handle));
        session.Add(new BootInterface(netif, ModelOf(handle))
        {
            IsPci = isPci,
            BusLocation = location,
            PciId = isPci ? ReadPciId(io) : 0,
        });
    }

    /// <summary>A PCI function's segment, bus, device and function: 16, 8, 5 and 3 bits.</summary>
    internal static bool TryGetLocation(EFI_PCI_IO_PROTOCOL* io, out uint location)
    {
        nuint segment = 0;
        nuint bus = 0;
        nuint device = 0;
        nuint function = 0;
        bool isKnown = !io->GetLocation(io, &segment, &bus, &device, &function).IsError;
        location = (uint)((segment << 16) | (bus << 8) | (device << 3) | function);
        return isKnown;
    }

    /// <summary>Vendor and device (PCI Local Bus 3.0, 6.2.1), the vendor first; all ones when the device does not answer.</summary>
    private static uint ReadPciId(EFI_PCI_IO_PROTOCOL* io)
    {
        uint id = uint.MaxValue;
        io->Pci.Read(io, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint32, 0, 1, &id);
        return (id << 16) | (id >> 16);
    }

    /// <summary>
    /// Whether the path goes on after its MAC node: the firmware's PXE and HTTP boot put the SNP of the NIC below on their own handles.
    /// </summary>
    private static bool IsAlias(EFI_HANDLE handle)
    {
        bool hasMac = false;
        bool goesOn = false;
        foreach (DevicePathNode node in new DevicePathReader(DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle))))
        {
            goesOn = hasMac;
            hasMac |= node.Is(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, MAC_ADDR_DEVICE_PATH.MSG_MAC_ADDR_DP);
        }

        return goesOn;
    }

    /// <summary>What the NIC's driver calls the controller that an SNP is of; any bus may be below.</summary>
    private static string ModelOf(EFI_HANDLE handle)
    {
        EFI_HANDLE controller = ParentOf(handle);
        using PoolBuffer<EFI_HANDLE> drivers = Firmware.LocateHandles<EFI_COMPONENT_NAME2_PROTOCOL>();
        ReadOnlySpan<byte> language = "en\0"u8;
        fixed (byte* english = language)
        {
            foreach (EFI_HANDLE driver in drivers.Span)
            {
                EFI_COMPONENT_NAME2_PROTOCOL* names = Firmware.Get<EFI_COMPONENT_NAME2_PROTOCOL>(driver);
                char* name = null;
                if (controller.IsNull || names == null || names->GetControllerName == null)
                {
                    continue;
                }

                // The driver of the NIC, not of the bus that it is on: it knows the SNP as its child. Drivers are known (edk2's
                // VirtioKeyboardDxe) that have the same name for everything.
                if (Controllers.HasChild(controller, driver, handle) &&
                    !names->GetControllerName(names, controller, handle, english, &name).IsError && name != null)
                {
                    name = null;
                    names->GetControllerName(names, controller, default, english, &name);
                    if (name != null)
                    {
                        return TextOf(name);
                    }
                }
            }

            EFI_HANDLE other = controller.IsNull ? default : Controllers.FindDriver<EFI_PCI_IO_PROTOCOL>(controller);
            EFI_COMPONENT_NAME2_PROTOCOL* otherNames = other.IsNull ? null : Firmware.Get<EFI_COMPONENT_NAME2_PROTOCOL>(other);
            char* found = null;
            if (otherNames != null && otherNames->GetControllerName(otherNames, controller, default, english, &found).IsError)
            {
                found = null;
                otherNames->GetDriverName(otherNames, english, &found);
            }

            return found == null ? "network device" : TextOf(found);
        }
    }

    private static string TextOf(char* text)
    {
        int length = 0;
        while (text[length] != '\0' && length < 80)
        {
            length++;
        }

        return length == 0 ? "network device" : new string(new ReadOnlySpan<char>(text, length));
    }

    /// <summary>The handle whose path is that of the SNP's without the MAC node, or a null handle.</summary>
    private static EFI_HANDLE ParentOf(EFI_HANDLE handle)
    {
        EFI_DEVICE_PATH_PROTOCOL* path = Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle);
        DevicePathBuilder parent = new();
        foreach (DevicePathNode node in new DevicePathReader(DevicePath.Measure(path)))
        {
            if (node.Is(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, MAC_ADDR_DEVICE_PATH.MSG_MAC_ADDR_DP))
            {
                break;
            }

            parent.Node(node.Type, node.SubType, node.Data);
        }

        return parent.Nodes.IsEmpty ? default : Firmware.Find<EFI_DEVICE_PATH_PROTOCOL>(parent.ToArray());
    }
}
