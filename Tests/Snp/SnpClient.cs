using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Snp;

/// <summary>A client of an SNP: every member with spans and arrays for pointers. Buffers that it sends stay where they are.</summary>
internal sealed unsafe class SnpClient(EFI_SIMPLE_NETWORK_PROTOCOL* snp) : IDisposable
{
    private const int BufferSize = 2048;

    private readonly byte* _buffers = (byte*)System.Runtime.InteropServices.NativeMemory.AllocZeroed(BufferSize * 512);
    private int _next;

    public EFI_SIMPLE_NETWORK_PROTOCOL* Snp => snp;
    public ref EFI_SIMPLE_NETWORK_MODE Mode => ref *snp->Mode;
    public MacAddress CurrentAddress => Address(ref Mode.CurrentAddress);

    public EFI_STATUS Start() => snp->Start(snp);
    public EFI_STATUS Stop() => snp->Stop(snp);
    public EFI_STATUS Initialize() => snp->Initialize(snp, 0, 0);
    public EFI_STATUS Reset() => snp->Reset(snp, 0);
    public EFI_STATUS Shutdown() => snp->Shutdown(snp);

    public EFI_STATUS ReceiveFilters(uint enable, uint disable, bool reset = false, params MacAddress[] groups)
    {
        EFI_MAC_ADDRESS* list = stackalloc EFI_MAC_ADDRESS[groups.Length + 1];
        for (int i = 0; i < groups.Length; i++)
        {
            groups[i].CopyTo(new Span<byte>(list + i, 6));
        }

        return snp->ReceiveFilters(snp, enable, disable, reset ? (byte)1 : (byte)0, (nuint)groups.Length, list);
    }

    public EFI_STATUS StationAddress(bool reset, MacAddress? address)
    {
        EFI_MAC_ADDRESS value = default;
        address?.CopyTo(new Span<byte>(&value, 6));
        return snp->StationAddress(snp, reset ? (byte)1 : (byte)0, address is null ? null : &value);
    }

    public EFI_NETWORK_STATISTICS Statistics()
    {
        EFI_NETWORK_STATISTICS table;
        nuint size = (nuint)sizeof(EFI_NETWORK_STATISTICS);
        EFI_STATUS status = snp->Statistics(snp, 0, &size, &table);
        Xunit.Assert.Equal(EFI_STATUS.EFI_SUCCESS, status);
        return table;
    }

    public uint Interrupts()
    {
        uint interrupts = 0xFFFF_FFFF;
        Xunit.Assert.Equal(EFI_STATUS.EFI_SUCCESS, snp->GetStatus(snp, &interrupts, null));
        return interrupts;
    }

    public nint Recycled()
    {
        void* buffer = (void*)1;
        Xunit.Assert.Equal(EFI_STATUS.EFI_SUCCESS, snp->GetStatus(snp, null, &buffer));
        return (nint)buffer;
    }

    /// <summary>Sends from a buffer of its own, which is what GetStatus must come back with.</summary>
    public EFI_STATUS Transmit(ReadOnlySpan<byte> frame, out nint buffer)
    {
        byte* memory = _buffers + (_next++ % 512) * BufferSize;
        frame.CopyTo(new Span<byte>(memory, BufferSize));
        buffer = (nint)memory;
        return snp->Transmit(snp, 0, (nuint)frame.Length, memory, null, null, null);
    }

    public EFI_STATUS Receive(out byte[] frame, int room = BufferSize)
    {
        byte* memory = stackalloc byte[BufferSize];
        nuint size = (nuint)room;
        EFI_STATUS status = snp->Receive(snp, null, &size, memory, null, null, null);
        frame = status.IsError ? [] : new ReadOnlySpan<byte>(memory, (int)size).ToArray();
        return status;
    }

    public static MacAddress Address(ref EFI_MAC_ADDRESS address)
    {
        fixed (EFI_MAC_ADDRESS* pointer = &address)
        {
            return new MacAddress(new ReadOnlySpan<byte>(pointer, 6));
        }
    }

    public static byte[] Frame(MacAddress destination, int length = 60, byte fill = 0xA5)
    {
        byte[] frame = new byte[length];
        frame.AsSpan().Fill(fill);
        destination.CopyTo(frame);
        new MacAddress([2, 0, 0, 0, 0, 1]).CopyTo(frame.AsSpan(6));
        frame[12] = 0x08;
        frame[13] = 0x00;
        return frame;
    }

    public void Dispose() => System.Runtime.InteropServices.NativeMemory.Free(_buffers);
}
