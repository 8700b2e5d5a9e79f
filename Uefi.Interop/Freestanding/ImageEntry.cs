using System.Runtime.CompilerServices;
using Internal.Runtime;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>What an image's EfiMain is made of: it makes C# ready, then runs the image.</summary>
public static unsafe class ImageEntry
{
    /// <summary>
    /// An application: runs <paramref name="main"/> and gives back all memory that `new` took. A fault answers EFI_DEVICE_ERROR.
    /// </summary>
    public static EFI_STATUS RunApplication(
        string name, EFI_HANDLE image, EFI_SYSTEM_TABLE* table, delegate*<EFI_HANDLE, EFI_SYSTEM_TABLE*, EFI_STATUS> main)
    {
        if (!Begin(image, table))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        EFI_STATUS status = CallMain(name, image, table, main);
        ArenaMemory.Free(ArenaMemory.Image);
        return status;
    }

    /// <summary>
    /// A boot-service driver image without drivers of the driver model: runs <paramref name="main"/> and stays, unless that fails. A fault
    /// answers EFI_DEVICE_ERROR.
    /// </summary>
    public static EFI_STATUS RunResident(
        string name, EFI_HANDLE image, EFI_SYSTEM_TABLE* table, delegate*<EFI_HANDLE, EFI_SYSTEM_TABLE*, EFI_STATUS> main)
    {
        if (!Begin(image, table))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        EFI_STATUS status = CallMain(name, image, table, main);
        if (status.IsError)
        {
            ArenaMemory.Free(ArenaMemory.Image);
        }

        return status;
    }

    /// <summary>A boot-service driver image: installs its drivers and stays.</summary>
    public static EFI_STATUS RunDriver(string name, EFI_HANDLE image, EFI_SYSTEM_TABLE* table, delegate*<Driver[]> create) =>
        Begin(image, table) ? CallDriver(name, image, table, create) : EFI_STATUS.EFI_INVALID_PARAMETER;

    /// <summary>Memory first, then the static fields. False when the tables are not there, or not UEFI's.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Begin(EFI_HANDLE image, EFI_SYSTEM_TABLE* table)
    {
        if (!Firmware.Initialize(image, table))
        {
            return false;
        }

        ArenaMemory.Initialize(table->BootServices);
        ArenaMemory.Image = ArenaMemory.Create();
        ArenaMemory.Current = ArenaMemory.Image;
        Statics.Initialize();
        Arena.Adopt(ArenaMemory.Image);
        return true;
    }

    // Apart from the above, since static fields must not be touched before they are there.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static EFI_STATUS CallMain(
        string name, EFI_HANDLE image, EFI_SYSTEM_TABLE* table, delegate*<EFI_HANDLE, EFI_SYSTEM_TABLE*, EFI_STATUS> main)
    {
        Firmware.ImageName = name;
        MainArguments arguments = new() { Image = image, Table = table, Main = main };
        if (!Machine.TryCall(ref arguments, &CallMain, out EFI_STATUS status, out Fault fault))
        {
            FaultReport.Write(fault, "application");
        }

        return status;
    }

    private static EFI_STATUS CallMain(ref MainArguments arguments) => arguments.Main(arguments.Image, arguments.Table);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static EFI_STATUS CallDriver(string name, EFI_HANDLE image, EFI_SYSTEM_TABLE* table, delegate*<Driver[]> create)
    {
        Firmware.ImageName = name;
        return DriverImage.Start(image, table, create);
    }

    private struct MainArguments
    {
        public EFI_HANDLE Image;
        public EFI_SYSTEM_TABLE* Table;
        public delegate*<EFI_HANDLE, EFI_SYSTEM_TABLE*, EFI_STATUS> Main;
    }
}
