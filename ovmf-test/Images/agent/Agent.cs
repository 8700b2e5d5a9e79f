using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>
/// The tests' hand inside a machine: its load options name one task, its console reports it in lines that the tests read.
/// </summary>
/// <remarks>
/// It uses the raw layer only, so that the layers under test do not report on themselves. The last line of a task is
/// <c>agent: done, N passed, N failed</c>; then the machine powers off, or boots its next option when the word <c>then</c> stands before the task.
/// </remarks>
public static unsafe class Agent
{
    public static EFI_HANDLE Image { get; private set; }

    public static EFI_SYSTEM_TABLE* SystemTable { get; private set; }

    public static EFI_BOOT_SERVICES* BootServices => SystemTable->BootServices;

    private static int s_passed;
    private static int s_failed;

    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    public static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunApplication("agent", image, table, &Main);

    private static EFI_STATUS Main(EFI_HANDLE image, EFI_SYSTEM_TABLE* table)
    {
        Image = image;
        SystemTable = table;
        BootServices->SetWatchdogTimer(0, 0, 0, null);
        bool goesOn = Run();
        Line($"agent: done, {s_passed} passed, {s_failed} failed");
        if (goesOn)
        {
            return EFI_STATUS.EFI_ABORTED; // what makes firmware try the next
        }

        table->RuntimeServices->ResetSystem(EFI_RESET_TYPE.EfiResetShutdown, EFI_STATUS.EFI_SUCCESS, 0, null);
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>Counts and reports one expectation.</summary>
    public static void Check(bool holds, string what)
    {
        if (holds)
        {
            s_passed++;
        }
        else
        {
            s_failed++;
            Line($"agent: FAILED {what}");
        }
    }

    /// <summary>Counts and reports the status that a call gave.</summary>
    public static void Check(EFI_STATUS actual, EFI_STATUS expected, string what)
    {
        if (actual == expected)
        {
            s_passed++;
        }
        else
        {
            s_failed++;
            Line($"agent: FAILED {what}: status {(ulong)actual.Value & 0xFF}, expected {(ulong)expected.Value & 0xFF}");
        }
    }

    /// <summary>Prints a line on the firmware's console.</summary>
    public static void Line(ref LineText text)
    {
        text.AppendLiteral("\r\n");
        text.Print(SystemTable->ConOut);
    }

    /// <summary>Opens a protocol without becoming its agent; null when it is not there.</summary>
    public static T* Get<T>(EFI_HANDLE handle)
        where T : unmanaged, IProtocol
    {
        EFI_GUID guid = T.Guid;
        void* found = null;
        return BootServices->OpenProtocol(handle, &guid, &found, Image, default, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_GET_PROTOCOL).IsSuccess
            ? (T*)found : null;
    }

    /// <summary>All handles with a protocol, in a pool buffer that the caller frees.</summary>
    public static EFI_HANDLE* Locate<T>(out int count)
        where T : unmanaged, IProtocol
    {
        EFI_GUID guid = T.Guid;
        nuint number = 0;
        EFI_HANDLE* handles = null;
        EFI_STATUS status = BootServices->LocateHandleBuffer(EFI_LOCATE_SEARCH_TYPE.ByProtocol, &guid, null, &number, &handles);
        count = status.IsSuccess ? (int)number : 0;
        return handles;
    }

    /// <summary>
    /// The NICs' own SNP handles, whose device path ends in the MAC node: the firmware's PXE and HTTP boot publish the same interface
    /// again on children of theirs.
    /// </summary>
    public static EFI_HANDLE* LocateNics(out int count)
    {
        EFI_HANDLE* handles = Locate<EFI_SIMPLE_NETWORK_PROTOCOL>(out int all);
        count = 0;
        for (int i = 0; i < all; i++)
        {
            if (EndsInMac(Get<EFI_DEVICE_PATH_PROTOCOL>(handles[i])))
            {
                handles[count++] = handles[i];
            }
        }

        return handles;
    }

    /// <summary>Keeps the network controllers alone on a list of PCI functions.</summary>
    /// <returns>How many are left.</returns>
    public static int KeepNics(EFI_HANDLE* controllers, int count)
    {
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            EFI_PCI_IO_PROTOCOL* pci = Get<EFI_PCI_IO_PROTOCOL>(controllers[i]);
            uint classCode = 0;
            pci->Pci.Read(pci, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint32, 8, 1, &classCode);
            if (classCode >> 24 == 2)
            {
                controllers[kept++] = controllers[i];
            }
        }

        return kept;
    }

    /// <summary>Pages of the types that can be had by AllocatePages.</summary>
    public static long FreePages()
    {
        const int capacity = 48 * 1024;
        byte* map = stackalloc byte[capacity];
        nuint size = capacity, key, stride;
        uint version;
        Check(BootServices->GetMemoryMap(&size, (EFI_MEMORY_DESCRIPTOR*)map, &key, &stride, &version), EFI_STATUS.EFI_SUCCESS, "GetMemoryMap");
        long pages = 0;
        for (nuint at = 0; at + stride <= size; at += stride)
        {
            EFI_MEMORY_DESCRIPTOR* descriptor = (EFI_MEMORY_DESCRIPTOR*)(map + at);
            if (descriptor->Type == EFI_MEMORY_TYPE.EfiConventionalMemory)
            {
                pages += (long)descriptor->NumberOfPages;
            }
        }

        return pages;
    }

    /// <summary>A number in decimal digits.</summary>
    public static int Number(ReadOnlySpan<char> digits)
    {
        int number = 0;
        foreach (char digit in digits)
        {
            number = (number * 10) + (digit - '0');
        }

        return number;
    }

    private static bool EndsInMac(EFI_DEVICE_PATH_PROTOCOL* path)
    {
        bool mac = false;
        for (byte* node = (byte*)path; node != null && node[0] != 0x7F; node += node[2] | (node[3] << 8))
        {
            mac = node[0] == 3 && node[1] == 11;
        }

        return mac;
    }

    /// <summary>Makes firmware of this one that has no TLS.</summary>
    private static void TakeTls()
    {
        EFI_HANDLE* handles = Locate<EFI_TLS_SERVICE_BINDING_PROTOCOL>(out int count);
        Check(count == 1, "the firmware has TLS");
        EFI_GUID guid = EFI_TLS_SERVICE_BINDING_PROTOCOL.Guid;
        for (int i = 0; i < count; i++)
        {
            EFI_TLS_SERVICE_BINDING_PROTOCOL* binding = Get<EFI_TLS_SERVICE_BINDING_PROTOCOL>(handles[i]);
            Check(BootServices->UninstallProtocolInterface(handles[i], &guid, binding), EFI_STATUS.EFI_SUCCESS, "UninstallProtocolInterface");
        }

        BootServices->FreePool(handles);
    }

    /// <returns>Whether the machine shall go on to its next boot option.</returns>
    private static bool Run()
    {
        EFI_LOADED_IMAGE_PROTOCOL* self = Get<EFI_LOADED_IMAGE_PROTOCOL>(Image);
        ReadOnlySpan<char> options = new(self->LoadOptions, (int)(self->LoadOptionsSize / 2));
        ReadOnlySpan<char> verb = Word(ref options);
        if (verb.EndsWith(".efi"))
        {
            verb = Word(ref options); // A boot program says first what the image is called.
        }

        bool goesOn = verb.SequenceEqual("then");
        if (goesOn)
        {
            verb = Word(ref options);
        }

        Line($"agent: task {verb}");
        if (verb.SequenceEqual("snp"))
        {
            SnpTask.Run();
        }
        else if (verb.SequenceEqual("cycle"))
        {
            CycleTask.Run(self->DeviceHandle, Word(ref options), Word(ref options));
        }
        else if (verb.SequenceEqual("memory"))
        {
            MemoryTask.Run(self->DeviceHandle, Word(ref options));
        }
        else if (verb.SequenceEqual("exit"))
        {
            ReadOnlySpan<char> name = Word(ref options);
            ReadOnlySpan<char> times = Word(ref options);
            ExitTask.Run(self->DeviceHandle, name, times, options.Slice(1));
        }
        else if (verb.SequenceEqual("drop"))
        {
            DropTask.Run(Word(ref options));
        }
        else if (verb.SequenceEqual("disk"))
        {
            DiskTask.Run(Word(ref options), Word(ref options));
        }
        else if (verb.SequenceEqual("files"))
        {
            FilesTask.Run(options);
        }
        else if (verb.SequenceEqual("pages"))
        {
            Line($"agent: {FreePages()} pages are free");
        }
        else if (verb.SequenceEqual("quiet"))
        {
            QuietTask.Run();
        }
        else if (verb.SequenceEqual("link"))
        {
            LinkTask.Run();
        }
        else if (verb.SequenceEqual("unplug"))
        {
            UnplugTask.Run();
        }
        else if (verb.SequenceEqual("hyperv"))
        {
            HypervisorTask.HyperV();
        }
        else if (verb.SequenceEqual("xen"))
        {
            HypervisorTask.Xen();
        }
        else if (verb.SequenceEqual("balloon"))
        {
            BalloonTask.Run();
        }
        else if (verb.SequenceEqual("netfront"))
        {
            NetfrontTask.Run(Word(ref options));
        }
        else if (verb.SequenceEqual("vmbus"))
        {
            VmbusTask.Run();
        }
        else if (verb.SequenceEqual("conduit"))
        {
            ConduitTask.Run(Word(ref options));
        }
        else if (verb.SequenceEqual("notls"))
        {
            TakeTls();
        }
        else
        {
            Check(false, "a known task");
        }

        return goesOn;
    }

    /// <summary>Takes the next word off a command line that spaces separate and a zero may end.</summary>
    public static ReadOnlySpan<char> Word(ref ReadOnlySpan<char> line)
    {
        while (line.Length != 0 && line[0] == ' ')
        {
            line = line.Slice(1);
        }

        int length = 0;
        while (length < line.Length && line[length] != ' ' && line[length] != '\0')
        {
            length++;
        }

        ReadOnlySpan<char> word = line.Slice(0, length);
        line = line.Slice(length);
        return word;
    }
}
