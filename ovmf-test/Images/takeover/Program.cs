using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Threading;
using NetBoot.BusDrivers;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.takeover;

/// <summary>
/// takeover.efi: does what some operating systems' loaders do while a boot program still works. At a sign of the test's it resets the
/// synthetic interrupt controller, makes it its own, connects to VMBus and reads the offers; the connection that was there is gone.
/// </summary>
/// <remarks>With numbers of its own from the hypervisor's specification, and nothing of the bus driver's.</remarks>
internal static unsafe class Program
{
    private const uint CommandLeaf = 0x4E42_0000; // the test's sign, in EAX
    private const uint GuestOsId = 0x4000_0000;
    private const uint Hypercall = 0x4000_0001;
    private const uint Scontrol = 0x4000_0080;
    private const uint Siefp = 0x4000_0082;
    private const uint Simp = 0x4000_0083;
    private const uint Eom = 0x4000_0084;
    private const uint Sint2 = 0x4000_0092;
    private const ulong Period = 20 * 10_000; // 20 ms
    private const int Patience = 10_000; // of 100 µs

    private static EFI_SYSTEM_TABLE* s_table;
    private static EFI_EVENT s_timer;
    private static byte* s_pages;

    private static byte* HypercallPage => s_pages;

    private static byte* MessagePage => s_pages + 4096;

    private static byte* PostPage => s_pages + 8192;

    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* system) => ImageEntry.RunResident("takeover", image, system, &Main);

    private static EFI_STATUS Main(EFI_HANDLE image, EFI_SYSTEM_TABLE* system)
    {
        s_table = system;
        Span<uint> leaf = stackalloc uint[4];
        Processor.Cpuid(0x4000_0001, 0, leaf);
        ulong address = 0;
        EFI_EVENT created;
        if (leaf[0] != 0x3123_7648 ||
            s_table->BootServices->AllocatePages(EFI_ALLOCATE_TYPE.AllocateAnyPages, EFI_MEMORY_TYPE.EfiBootServicesData, 3, &address).IsError ||
            s_table->BootServices->CreateEvent(EVT.EVT_TIMER | EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_CALLBACK, &Tick, null, &created).IsError ||
            s_table->BootServices->SetTimer(created, EFI_TIMER_DELAY.TimerPeriodic, Period).IsError)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        s_pages = (byte*)address;
        s_timer = created;
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static void Tick(EFI_EVENT self, void* context)
    {
        Span<uint> leaf = stackalloc uint[4];
        Processor.Cpuid(CommandLeaf, 0, leaf);
        if (leaf[0] == 1)
        {
            s_table->BootServices->CloseEvent(s_timer);

            // An operating system's loader is alone: nobody's timer looks at the bus meanwhile.
            nuint before = s_table->BootServices->RaiseTPL(EFI_TPL.TPL_NOTIFY);
            int offers = TakeOver();
            s_table->BootServices->RestoreTPL(before);
            Print(offers > 0 ? "\r\ntakeover: connected, and has offers\r\n" : "\r\ntakeover: failed\r\n");
        }
    }

    private static int TakeOver()
    {
        Processor.WriteMsr(Sint2, 1 << 16);
        Processor.WriteMsr(Siefp, 0);
        Processor.WriteMsr(Simp, 0);
        Processor.WriteMsr(Scontrol, 0);
        Processor.WriteMsr(Hypercall, 0);
        Processor.WriteMsr(GuestOsId, 0);

        new Span<byte>(s_pages, 3 * 4096).Clear();
        Processor.WriteMsr(GuestOsId, 0x0001_040A_0000_0000); // Microsoft, Windows NT
        Processor.WriteMsr(Hypercall, (ulong)HypercallPage | 1);
        Processor.WriteMsr(Simp, (ulong)MessagePage | 1);
        Processor.WriteMsr(Sint2, 0x2_0051);
        Processor.WriteMsr(Scontrol, 1);

        Post(14, 40, 0x0003_0000); // INITIATE_CONTACT
        if (Take() is not 15)
        {
            return 0;
        }

        Post(3, 8, 0); // REQUEST_OFFERS
        int offers = 0;
        while (Take() is 1)
        {
            offers++;
        }

        return offers;
    }

    private static void Post(uint type, int size, uint first)
    {
        Span<byte> page = new(PostPage, 256);
        page.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(page, 1); // the connection
        BinaryPrimitives.WriteUInt32LittleEndian(page.Slice(8), 1); // a message of VMBus
        BinaryPrimitives.WriteInt32LittleEndian(page.Slice(12), size);
        BinaryPrimitives.WriteUInt32LittleEndian(page.Slice(16), type);
        BinaryPrimitives.WriteUInt32LittleEndian(page.Slice(24), first);
        Processor.HyperVCall(HypercallPage, 0x5C, (ulong)PostPage, 0);
    }

    /// <summary>Waits for a message, and takes it; its type, 0 when none comes.</summary>
    private static uint Take()
    {
        uint* slot = (uint*)(MessagePage + (2 * 256));
        for (int i = 0; i < Patience; i++)
        {
            if (Volatile.Read(ref *slot) != 0)
            {
                uint type = slot[4];
                Volatile.Write(ref *slot, 0);
                Processor.WriteMsr(Eom, 0);
                return type;
            }

            s_table->BootServices->Stall(100);
        }

        return 0;
    }

    private static void Print(string text)
    {
        fixed (char* characters = text)
        {
            s_table->ConOut->OutputString(s_table->ConOut, characters);
        }
    }
}
