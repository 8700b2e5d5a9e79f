using System;
using NetworkStack;
using Uefi.Interop;
using Uefi.Interop.DevicePaths;
using Uefi.Interop.DriverModel;
using Uefi.Interop.Raw;

namespace Boot.App;

/// <summary>
/// Brings up the app's interfaces: in full mode on the drivers inside the image, which take the NICs that they know from the firmware's
/// drivers for as long as the app runs; and on every other SNP that there is.
/// </summary>
public sealed unsafe class NetworkSetup(DriverSet? drivers, Driver[] list)
{
    private const byte NetworkClass = 2;
    private const uint ClassOffset = 0x0B;

    private bool _isInstalled;

    /// <summary>Puts drivers and NICs together; says on the terminal which NIC could not be taken.</summary>
    public Error? Connect(Terminal terminal)
    {
        if (drivers is null)
        {
            ConnectIdle();
            return null;
        }
        EFI_STATUS status = drivers.Install();
        if (status.IsError)
        {
            return new Error(status, Text.Format($"the drivers cannot be installed: {new StatusText(status)}"));
        }
        _isInstalled = true;
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
                if (driver.Recognizes(controller) && !IsOurs(controller) && (driver.TakesOver || driver.FindAgent(controller).IsNull))
                {
                    TakeOver(controller, driver, drivers.Handles, terminal);
                }
            }
        }
    }

    /// <summary>Makes an interface of every SNP; the one with the given address comes first, and is net0.</summary>
    public static void AddInterfaces(Session session, MacAddress? first)
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
        session.Settings.LastOpened = session.Interfaces.Count > 0 ? session.Interfaces[0].Nic.Name : null;
    }

    /// <summary>Takes the drivers away, and lets the firmware drive its NICs again.</summary>
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
        foreach (Driver driver in list)
        {
            using PoolBuffer<EFI_HANDLE> controllers = driver.LocateControllers();
            foreach (EFI_HANDLE controller in controllers.Span)
            {
                if (driver.Recognizes(controller))
                {
                    Controllers.Connect(controller, default, recursive: true);
                }
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

    /// <summary>Takes a NIC from whoever drives it. What cannot be taken is used through the driver that has it.</summary>
    private static void TakeOver(EFI_HANDLE controller, Driver driver, ReadOnlySpan<EFI_HANDLE> ours, Terminal terminal)
    {
        Controllers.Release(controller); // nothing to release is no failure, and a driver that stays makes connecting fail
        EFI_STATUS status = Controllers.Connect(controller, ours, recursive: false);
        if (status.IsError)
        {
            terminal.WriteLine(Text.Format($"{driver.Name}: the firmware's driver keeps its device: {new StatusText(status)}"));
        }
    }

    /// <summary>Connects network devices that nobody drives: the firmware connects only what its boot options need.</summary>
    private static void ConnectIdle()
    {
        using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<EFI_PCI_IO_PROTOCOL>();
        foreach (EFI_HANDLE handle in handles.Span)
        {
            EFI_PCI_IO_PROTOCOL* io = Firmware.Get<EFI_PCI_IO_PROTOCOL>(handle);
            byte classCode = 0;
            if (io != null && !io->Pci.Read(io, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint8, ClassOffset, 1, &classCode).IsError &&
                classCode == NetworkClass && Controllers.FindDriver<EFI_PCI_IO_PROTOCOL>(handle).IsNull)
            {
                Controllers.Connect(handle, default, recursive: true);
            }
        }
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
        EFI_HANDLE controller = FindController(handle);
        EFI_PCI_IO_PROTOCOL* io = controller.IsNull ? null : Firmware.Get<EFI_PCI_IO_PROTOCOL>(controller);
        nuint segment = 0;
        nuint bus = 0;
        nuint device = 0;
        nuint function = 0;
        bool isPci = io != null && !io->GetLocation(io, &segment, &bus, &device, &function).IsError;
        NetworkInterface nic = new(Text.Format($"net{session.Interfaces.Count}"), new SnpLink(handle));
        session.Add(new BootInterface(nic, ModelOf(controller))
        {
            IsPci = isPci,
            BusLocation = (uint)((segment << 16) | (bus << 8) | (device << 3) | function),
        });
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

    /// <summary>The PCI function that an SNP's device path leads through, or a null handle.</summary>
    private static EFI_HANDLE FindController(EFI_HANDLE handle)
    {
        EFI_DEVICE_PATH_PROTOCOL* path = Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle);
        EFI_GUID guid = EFI_PCI_IO_PROTOCOL.Guid;
        EFI_HANDLE controller = default;
        bool found = path != null && !Firmware.BootServices->LocateDevicePath(&guid, &path, &controller).IsError;
        return found ? controller : default;
    }

    /// <summary>What the controller's driver calls it.</summary>
    private static string ModelOf(EFI_HANDLE controller)
    {
        EFI_HANDLE driver = controller.IsNull ? default : Controllers.FindDriver<EFI_PCI_IO_PROTOCOL>(controller);
        EFI_COMPONENT_NAME2_PROTOCOL* names = driver.IsNull ? null : Firmware.Get<EFI_COMPONENT_NAME2_PROTOCOL>(driver);
        if (names == null)
        {
            return "network device";
        }
        char* name = null;
        ReadOnlySpan<byte> language = "en\0"u8;
        fixed (byte* english = language)
        {
            if (names->GetControllerName(names, controller, default, english, &name).IsError || name == null)
            {
                name = null;
                names->GetDriverName(names, english, &name);
            }
        }
        int length = 0;
        while (name != null && name[length] != '\0' && length < 80)
        {
            length++;
        }
        return length == 0 ? "network device" : new string(new ReadOnlySpan<char>(name, length));
    }
}
