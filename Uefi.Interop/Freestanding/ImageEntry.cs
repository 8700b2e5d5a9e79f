using System.Runtime.CompilerServices;
using Internal.Runtime;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>What an image's EfiMain is made of: it makes C# ready, then runs the image.</summary>
public static unsafe class ImageEntry
{
    /// <summary>What the largest image needs for its static fields and its drivers, so that neither is made halfway, in bytes.</summary>
    private const nuint ImageRoom = 16 * 1024;

    /// <summary>
    /// An application: runs <paramref name="main"/> and gives back all memory that `new` took. A fault answers EFI_DEVICE_ERROR.
    /// </summary>
    public static EFI_STATUS RunApplication(
        string name, EFI_HANDLE image, EFI_SYSTEM_TABLE* table, delegate*<EFI_HANDLE, EFI_SYSTEM_TABLE*, EFI_STATUS> main)
    {
        Arguments arguments = new() { Name = name, Image = image, Table = table, Main = main };
        return RunApplication(ref arguments, &CallMain);
    }

    /// <summary>
    /// An ordinary program: an application whose Main takes words, those of its command line, and answers a number, which is the status (a
    /// negative one is an error for firmware). The entry point that the build makes of Main calls this.
    /// </summary>
    public static EFI_STATUS RunProgram(string name, EFI_HANDLE image, EFI_SYSTEM_TABLE* table, delegate*<string[], int> main)
    {
        Arguments arguments = new() { Name = name, Image = image, Table = table, Main = main };
        return RunApplication(ref arguments, &CallProgramWithArguments);
    }

    /// <summary>The same for a Main that takes no words.</summary>
    public static EFI_STATUS RunProgram(string name, EFI_HANDLE image, EFI_SYSTEM_TABLE* table, delegate*<int> main)
    {
        Arguments arguments = new() { Name = name, Image = image, Table = table, Main = main };
        return RunApplication(ref arguments, &CallProgram);
    }

    /// <summary>
    /// A boot-service driver image without drivers of the driver model: runs <paramref name="main"/> and stays, unless that fails. A fault
    /// answers EFI_DEVICE_ERROR.
    /// </summary>
    public static EFI_STATUS RunResident(
        string name, EFI_HANDLE image, EFI_SYSTEM_TABLE* table, delegate*<EFI_HANDLE, EFI_SYSTEM_TABLE*, EFI_STATUS> main)
    {
        Arguments arguments = new() { Name = name, Image = image, Table = table, Main = main };
        return RunResident(ref arguments, &CallMain);
    }

    /// <summary>A boot-service driver image: installs its drivers and stays.</summary>
    public static EFI_STATUS RunDriver(string name, EFI_HANDLE image, EFI_SYSTEM_TABLE* table, delegate*<Driver[]> create)
    {
        Arguments arguments = new() { Name = name, Image = image, Table = table, Main = create };
        return RunResident(ref arguments, &CallDriver);
    }

    private static EFI_STATUS RunApplication(ref Arguments arguments, delegate*<ref Arguments, EFI_STATUS> body)
    {
        EFI_STATUS status = Begin(ref arguments);
        if (status.IsError)
        {
            return status;
        }

        status = Call(ref arguments, body);
        ArenaMemory.Free(ArenaMemory.Image);
        return status;
    }

    private static EFI_STATUS RunResident(ref Arguments arguments, delegate*<ref Arguments, EFI_STATUS> body)
    {
        EFI_STATUS status = Begin(ref arguments);
        if (status.IsError)
        {
            return status;
        }

        status = Call(ref arguments, body);
        if (status.IsError)
        {
            ArenaMemory.Free(ArenaMemory.Image);
        }

        return status;
    }

    /// <summary>
    /// Memory first, then the static fields. EFI_INVALID_PARAMETER when the tables are not there, or not UEFI's; on failure nothing is left.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static EFI_STATUS Begin(ref Arguments arguments)
    {
        if (!Firmware.Initialize(arguments.Image, arguments.Table))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        ArenaMemory.Initialize(arguments.Table->BootServices);
        ArenaMemory.Image = ArenaMemory.Create(ImageRoom);
        if (ArenaMemory.Image == null)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        ArenaMemory.Current = ArenaMemory.Image;
        if (!Machine.TryCall(ref arguments, &InitializeStatics, out EFI_STATUS status, out _))
        {
            ArenaMemory.Free(ArenaMemory.Image);
        }

        return status;
    }

    private static EFI_STATUS InitializeStatics(ref Arguments arguments)
    {
        Statics.Initialize();
        Arena.Adopt(ArenaMemory.Image);
        return EFI_STATUS.EFI_SUCCESS;
    }

    // Apart from the above, since static fields must not be touched before they are there.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static EFI_STATUS Call(ref Arguments arguments, delegate*<ref Arguments, EFI_STATUS> body)
    {
        Firmware.ImageName = arguments.Name;
        if (!Machine.TryCall(ref arguments, body, out EFI_STATUS status, out Fault fault))
        {
            FaultReport.Write(fault, "image");
        }

        return status;
    }

    private static EFI_STATUS CallMain(ref Arguments arguments) =>
        ((delegate*<EFI_HANDLE, EFI_SYSTEM_TABLE*, EFI_STATUS>)arguments.Main)(arguments.Image, arguments.Table);

    private static EFI_STATUS CallProgram(ref Arguments arguments) => new((nuint)(nint)((delegate*<int>)arguments.Main)());

    private static EFI_STATUS CallProgramWithArguments(ref Arguments arguments) =>
        new((nuint)(nint)((delegate*<string[], int>)arguments.Main)(ProgramArguments.Of(arguments.Image)));

    private static EFI_STATUS CallDriver(ref Arguments arguments) =>
        DriverImage.Start(arguments.Image, arguments.Table, (delegate*<Driver[]>)arguments.Main);

    private ref struct Arguments
    {
        public string Name;
        public EFI_HANDLE Image;
        public EFI_SYSTEM_TABLE* Table;
        public void* Main; // As the body takes it.
    }
}
