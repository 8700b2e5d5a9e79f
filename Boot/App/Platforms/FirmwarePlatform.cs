using System;
using System.Collections.Generic;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Settings;
using NetBoot.BusDrivers;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Streams.Tls;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>The machine as UEFI firmware shows it.</summary>
public sealed unsafe class FirmwarePlatform(EFI_LOADED_IMAGE_PROTOCOL* self, NetworkSetup setup, FaultDomain domain) : Platform
{
    private const ushort MachineArm64 = 0xAA64;
    private const int MaximumSmbios = 1 << 20;
    private const ulong BootToFirmwareUi = 1;
    private const ulong RouterPatience = 5_000_000; // Microseconds: a test of an address, a router's answer, and another test.

    private NetworkKeeper? _keeper;

    /// <summary>What the app needs to fetch, and to lend the network to images that it starts.</summary>
    public Session? Session { get; set; }

    /// <inheritdoc/>
    public override string Architecture => IsArm64 ? "arm64" : "x86_64";

    /// <inheritdoc/>
    public override ushort DhcpArchitecture => IsArm64 ? (ushort)11 : (ushort)7;

    /// <inheritdoc/>
    public override ulong UnixTime
    {
        get
        {
            EFI_TIME time = default;
            return Firmware.RuntimeServices->GetTime(&time, null).IsError ? 0 : Seconds(time);
        }
    }

    /// <inheritdoc/>
    public override Error? SetUnixTime(ulong seconds)
    {
        CalendarTime now = new((long)seconds);
        EFI_TIME time = new()
        {
            Year = (ushort)now.Year,
            Month = (byte)now.Month,
            Day = (byte)now.Day,
            Hour = (byte)now.Hour,
            Minute = (byte)now.Minute,
            Second = (byte)now.Second,
            TimeZone = EFI_TIME.EFI_UNSPECIFIED_TIMEZONE,
        };
        EFI_STATUS status = Firmware.RuntimeServices->SetTime(&time);
        return status.IsError ? new Error(status, TextBuilder.Format($"the machine's clock cannot be set: {status}")) : null;
    }

    /// <inheritdoc/>
    public override ulong MemorySize
    {
        get
        {
            using MemoryMap map = MemoryMap.Read();
            return map.MemorySize;
        }
    }

    /// <inheritdoc/>
    public override bool HasTls => TlsStreamMaker.IsPossible;

    /// <inheritdoc/>
    public override bool IsSecureBoot
    {
        get
        {
            EFI_GUID vendor = EFI_VARIABLE.EFI_GLOBAL_VARIABLE;
            byte value = 0;
            nuint size = 1;
            fixed (char* name = "SecureBoot\0")
            {
                return !Firmware.RuntimeServices->GetVariable(name, &vendor, null, &size, &value).IsError && value == 1;
            }
        }
    }

    private bool IsArm64 => ExecutableFile.Machine(new ReadOnlySpan<byte>(self->ImageBase, (int)Math.Min(self->ImageSize, int.MaxValue))) == MachineArm64;

    /// <inheritdoc/>
    public override byte* AllocatePages(ulong count, bool isReserved = false)
    {
        ulong address = 0;
        EFI_MEMORY_TYPE type = isReserved ? EFI_MEMORY_TYPE.EfiReservedMemoryType : EFI_MEMORY_TYPE.EfiLoaderData;
        EFI_STATUS status = Firmware.BootServices->AllocatePages(EFI_ALLOCATE_TYPE.AllocateAnyPages, type, (nuint)count, &address);
        return status.IsError ? null : (byte*)address;
    }

    /// <inheritdoc/>
    public override void FreePages(byte* pages, ulong count) => Firmware.BootServices->FreePages((ulong)pages, (nuint)count);

    /// <inheritdoc/>
    public override byte* AllocateGrowingPages(ulong count)
    {
        using MemoryMap map = MemoryMap.Read();
        ulong address = map.FindRoom(count);
        return address != 0 && TryAllocateAt(address, count) ? (byte*)address : AllocatePages(count);
    }

    /// <inheritdoc/>
    public override bool TryExtendPages(byte* pages, ulong count, ulong more) => TryAllocateAt((ulong)pages + count * PageSize, more);

    /// <inheritdoc/>
    public override byte* FindMemory(ulong address, ulong length)
    {
        using MemoryMap map = MemoryMap.Read();
        return map.Contains(address, length) ? (byte*)address : null;
    }

    /// <inheritdoc/>
    public override void ListFolder(ResourceUri folder, List<string> names) =>
        FirmwareFile.List(self->DeviceHandle, PercentEncoding.Decode(folder.Path), names);

    /// <inheritdoc/>
    public override Error? Fetch(ResourceUri uri, DownloadTarget to, FetchOptions options) => uri.Scheme == "file"
        ? FirmwareFile.Read(self->DeviceHandle, PercentEncoding.Decode(uri.Path), to, Session!.EventLoop)
        : Session!.FetchClient.Run(uri, to, options);

    /// <inheritdoc/>
    public override Error? Start(Image image, ImageRegistry images)
    {
        Session session = Session!;
        BootInterface? from = session.FindInterface("netX");
        List<BootInterface> lent = SuspendInterfaces(session);
        Error? error;
        using (NetworkLoan loan = new(session, lent, domain))
        {
            bool isForShim = images.Shim is not null && (images.ShimOptions & ShimOptions.AllowPxe) != 0;
            if (isForShim || !ExecutableFile.IsLinux(image.Content.Span)) // It has a stack of its own.
            {
                loan.Give();
            }

            error = null;
            using DeviceTreeTable? tree = images.DeviceTree is Image blob ? DeviceTreeTable.Install(blob, out error) : null;
            error ??= ImageStarter.Start(
                image, images, loan.DeviceOf(from, image.Uri), NetworkLoan.HttpPathOf(from, image.Uri), self->DeviceHandle, domain, session.Terminal);
        }

        ResumeInterfaces(session);
        return error;
    }

    /// <inheritdoc/>
    public override Error? BootLocal(LocalBootRequest request)
    {
        Session session = Session!;
        SuspendInterfaces(session);
        Error? error = MakeBoot(session).Run(request);
        ResumeInterfaces(session);
        return error;
    }

    /// <inheritdoc/>
    public override Error? Show(SanDrive drive)
    {
        Session session = Session!;
        EFI_STATUS status;
        if (drive.Device is RamDisk memory)
        {
            RegisteredRamDisk? registered;
            using (drive.Arena.Enter())
            {
                registered = RegisteredRamDisk.Register(memory, out status);
            }

            drive.Shown = registered;
            if (registered is not null)
            {
                Controllers.Connect(registered.Handle, default, recursive: true);
                return null;
            }

            session.Terminal.WriteLine(status == EFI_STATUS.EFI_UNSUPPORTED
                ? "The operating system will not see it: the firmware has no RAM disks (EFI_RAM_DISK_PROTOCOL)"
                : TextBuilder.Format($"The operating system will not see it: the firmware does not take it as a RAM disk: {status}"));
        }

        _keeper ??= NetworkKeeper.Create(session.Network, session.EventLoop, domain, out _);
        if (_keeper is null)
        {
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, "out of memory");
        }

        ReadOnlySpan<byte> parent = default;
        foreach (BootInterface each in session.Interfaces)
        {
            if (parent.IsEmpty && drive.Device.Uses(each.Interface) && !each.Handle.IsNull)
            {
                parent = NetworkLoan.PathOf(each);
            }
        }

        SanBlockIo? shown;
        using (drive.Arena.Enter())
        {
            shown = SanBlockIo.Install(drive.Device, parent, session.Network, _keeper, domain, out status);
        }

        drive.Shown = shown;
        if (shown is null)
        {
            return new Error(status, TextBuilder.Format($"the disk cannot be shown to the firmware: {status}"));
        }

        Controllers.Connect(shown.Handle, default, recursive: true); // A disk without partitions is one too.
        return null;
    }

    /// <inheritdoc/>
    public override void Hide(SanDrive drive)
    {
        drive.Shown?.Dispose();
        drive.Shown = null;
        if (Session!.San.Count == 0)
        {
            _keeper?.Dispose();
            _keeper = null;
        }
    }

    /// <inheritdoc/>
    public override EFI_STATUS AddAcpiTable(ReadOnlySpan<byte> table, out nuint key) => AcpiTableInstaller.Install(table, out key);

    /// <inheritdoc/>
    public override void RemoveAcpiTable(nuint key) => AcpiTableInstaller.Uninstall(key);

    /// <inheritdoc/>
    public override Error? BootSan(SanDrive drive, LocalBootRequest request)
    {
        Session session = Session!;
        List<BootInterface> lent = SuspendInterfaces(session);
        Error? error;
        using (NetworkLoan loan = new(session, lent, domain))
        {
            loan.Give();
            error = MakeBoot(session).RunHooked(((ShownDisk)drive.Shown!).Handle, request);
        }

        ResumeInterfaces(session);
        return error;
    }

    /// <inheritdoc/>
    public override bool IsRefused(Image image) => ImageStarter.IsRefused(image);

    /// <inheritdoc/>
    public override Error? VerifySignature(Image image, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> root) =>
        FirmwareSignatures.Verify(image, signature, root);

    /// <inheritdoc/>
    public override bool TryFindPciFunction(uint from, out uint found)
    {
        using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<EFI_PCI_IO_PROTOCOL>();
        bool isFound = false;
        found = 0;
        foreach (EFI_HANDLE handle in handles.Span)
        {
            EFI_PCI_IO_PROTOCOL* io = Firmware.Get<EFI_PCI_IO_PROTOCOL>(handle);
            if (io != null && NetworkSetup.TryGetLocation(io, out uint address) && address >= from && (!isFound || address < found))
            {
                isFound = true;
                found = address;
            }
        }

        return isFound;
    }

    private static bool TryAllocateAt(ulong address, ulong count) => !Firmware.BootServices->AllocatePages(
        EFI_ALLOCATE_TYPE.AllocateAddress, EFI_MEMORY_TYPE.EfiLoaderData, (nuint)count, &address).IsError;

    private LocalBoot MakeBoot(Session session)
    {
        List<EFI_HANDLE> hooked = new(session.San.Count);
        for (int i = 0; i < session.San.Count; i++)
        {
            if (session.San[i].Shown is ShownDisk shown)
            {
                hooked.Add(shown.Handle);
            }
        }

        return new LocalBoot(self, session.Images, domain, session.Terminal, IsArm64 ? @"\EFI\BOOT\BOOTAA64.EFI" : @"\EFI\BOOT\BOOTX64.EFI", hooked);
    }

    /// <summary>Closes the interfaces, and returns them; those that lead to disks stay open, and go on.</summary>
    private List<BootInterface> SuspendInterfaces(Session session)
    {
        session.FlushLog();
        List<BootInterface> lent = new(session.Interfaces.Count);
        SuspendInterfaces(session, areVlans: true, lent); // Before their trunks, which close them.
        SuspendInterfaces(session, areVlans: false, lent);
        session.EventLoop.HoldWatchdog();
        if (lent.Count < session.Interfaces.Count)
        {
            session.FetchClient.CloseIdle(); // Nobody would look after its connections.
            _keeper?.Begin();
        }

        return lent;
    }

    private static void SuspendInterfaces(Session session, bool areVlans, List<BootInterface> lent)
    {
        foreach (BootInterface bootInterface in session.Interfaces)
        {
            if (bootInterface.Trunk is not null == areVlans && !session.San.Uses(bootInterface))
            {
                bootInterface.Suspend();
                lent.Add(bootInterface);
            }
        }
    }

    private void ResumeInterfaces(Session session)
    {
        _keeper?.End();
        setup.Reclaim(session.Terminal);
        foreach (BootInterface bootInterface in session.Interfaces)
        {
            Error? lost = bootInterface.Resume();
            if (lost is not null)
            {
                session.Terminal.WriteLine(TextBuilder.Format($"{bootInterface.Interface.Name}: {lost.Message}"));
            }
        }

        session.EventLoop.HoldWatchdog();
        WaitForRouters(session);
    }

    // Addresses of IPv6 are not given back with the interface: its link may be another now (RFC 4862, 5.4).
    private static void WaitForRouters(Session session)
    {
        ulong until = session.EventLoop.Now + RouterPatience;
        bool isWanting = true;
        while (isWanting && session.EventLoop.Now < until)
        {
            isWanting = false;
            foreach (BootInterface each in session.Interfaces)
            {
                isWanting |= each.LacksIPv6;
            }

            isWanting = isWanting && session.EventLoop.RunOnce();
        }
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> GetSmbios(out int version) => ReadSmbios(out version);

    internal static ReadOnlySpan<byte> ReadSmbios(out int version)
    {
        EFI_GUID guid3 = EFI_CONFIGURATION_TABLE_GUID.SMBIOS3_TABLE_GUID;
        EFI_GUID guid2 = EFI_CONFIGURATION_TABLE_GUID.SMBIOS_TABLE_GUID;
        byte* entry = FindTable(guid3);
        int size = 24;
        if (entry == null)
        {
            entry = FindTable(guid2);
            size = 31;
        }

        version = 0;
        if (entry == null || !Smbios.TryReadEntryPoint(new ReadOnlySpan<byte>(entry, size), out ulong address, out uint length, out version))
        {
            return default;
        }

        return new ReadOnlySpan<byte>((void*)address, (int)Math.Min(length, MaximumSmbios));
    }

    /// <inheritdoc/>
    public override bool TryCpuid(uint leaf, uint subleaf, Span<uint> registers)
    {
        Processor.Cpuid(leaf, subleaf, registers);
        return !Processor.IsAArch64;
    }

    /// <inheritdoc/>
    public override bool TryReadPci(uint function, int offset, Span<byte> bytes)
    {
        using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<EFI_PCI_IO_PROTOCOL>();
        foreach (EFI_HANDLE handle in handles.Span)
        {
            EFI_PCI_IO_PROTOCOL* io = Firmware.Get<EFI_PCI_IO_PROTOCOL>(handle);
            if (io != null && NetworkSetup.TryGetLocation(io, out uint location) && location == function)
            {
                fixed (byte* target = bytes)
                {
                    return !io->Pci.Read(io, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint8, (uint)offset, (nuint)bytes.Length, target).IsError;
                }
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public override byte[]? ReadUsb(int number, int text) => UsbDevices.Read(number, text);

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> FindAcpiTable(ReadOnlySpan<byte> signature, int index) => AcpiTables.Find(signature, index);

    /// <inheritdoc/>
    public override bool TryGetMemoryRegion(int index, out ulong start, out ulong length)
    {
        using MemoryMap map = MemoryMap.Read();
        return map.TryGetRegion(index, out start, out length);
    }

    /// <inheritdoc/>
    public override byte[]? GetVariable(ReadOnlySpan<char> name, EFI_GUID? vendor) => FirmwareVariables.Get(name, vendor);

    /// <inheritdoc/>
    public override Error? SetVariable(ReadOnlySpan<char> name, EFI_GUID vendor, ReadOnlySpan<byte> value) =>
        FirmwareVariables.Set(name, vendor, value);

    /// <inheritdoc/>
    public override Error? TakeNics(Terminal terminal) => setup.TakeAll(terminal);

    /// <inheritdoc/>
    public override Error? Reset(PlatformReset reset)
    {
        if (reset == PlatformReset.ToSetup && !RequestSetup())
        {
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, "the firmware has no way to be asked for its setup");
        }

        EFI_RESET_TYPE type = reset switch
        {
            PlatformReset.Warm => EFI_RESET_TYPE.EfiResetWarm,
            PlatformReset.Off => EFI_RESET_TYPE.EfiResetShutdown,
            _ => EFI_RESET_TYPE.EfiResetCold,
        };
        Firmware.RuntimeServices->ResetSystem(type, EFI_STATUS.EFI_SUCCESS, 0, null);
        return new Error(EFI_STATUS.EFI_DEVICE_ERROR, "the firmware did not reset");
    }

    /// <summary>Sets a bit of OsIndications (UEFI 2.10, 8.5.4), if the firmware knows it.</summary>
    private static bool RequestSetup()
    {
        EFI_GUID vendor = EFI_VARIABLE.EFI_GLOBAL_VARIABLE;
        ulong value = 0;
        nuint size = sizeof(ulong);
        fixed (char* supported = "OsIndicationsSupported\0", indications = "OsIndications\0")
        {
            if (Firmware.RuntimeServices->GetVariable(supported, &vendor, null, &size, &value).IsError || (value & BootToFirmwareUi) == 0)
            {
                return false;
            }

            size = sizeof(ulong);
            if (Firmware.RuntimeServices->GetVariable(indications, &vendor, null, &size, &value).IsError)
            {
                value = 0;
            }

            value |= BootToFirmwareUi;
            const uint Attributes = EFI_VARIABLE.EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE.EFI_VARIABLE_BOOTSERVICE_ACCESS |
                EFI_VARIABLE.EFI_VARIABLE_RUNTIME_ACCESS;
            return !Firmware.RuntimeServices->SetVariable(indications, &vendor, Attributes, sizeof(ulong), &value).IsError;
        }
    }

    internal static byte* FindTable(EFI_GUID guid)
    {
        EFI_SYSTEM_TABLE* table = Firmware.SystemTable;
        for (nuint i = 0; table->ConfigurationTable != null && i < table->NumberOfTableEntries; i++)
        {
            if (table->ConfigurationTable[i].VendorGuid == guid)
            {
                return (byte*)table->ConfigurationTable[i].VendorTable;
            }
        }

        return null;
    }

    /// <summary>Seconds since 1970 of a date of the Gregorian calendar.</summary>
    public static ulong Seconds(EFI_TIME time)
    {
        long seconds = CalendarTime.ToUnixTime(time.Year, time.Month, time.Day, time.Hour, time.Minute, time.Second);
        if (time.TimeZone != EFI_TIME.EFI_UNSPECIFIED_TIMEZONE)
        {
            seconds += time.TimeZone * 60;
        }

        return (ulong)Math.Max(0, seconds);
    }
}
