using NetBoot.BusDrivers.Vmbus.Host;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus.Bus;

/// <summary>The GPADLs of all channels but those of their rings.</summary>
internal sealed unsafe class GpadlTable(Connection connection)
{
    private const int Capacity = 256;

    private readonly Gpadl[] _entries = new Gpadl[Capacity];

    /// <summary>Shows the host memory. When <paramref name="pages"/> is null, the bus allocates it.</summary>
    public EFI_STATUS Create(Channel owner, ref byte* pages, nuint count, out uint number)
    {
        number = 0;
        int free = Find(null, 0);
        if (free < 0)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        byte* own = null;
        if (pages == null)
        {
            own = PageMemory.Allocate(count);
            if (own == null)
            {
                return EFI_STATUS.EFI_OUT_OF_RESOURCES;
            }
        }

        byte* memory = own != null ? own : pages;
        EFI_STATUS status = connection.CreateGpadl(owner.Offer.Channel, memory, (int)count, out uint created);
        if (status.IsError)
        {
            if (status != EFI_STATUS.EFI_TIMEOUT)
            {
                PageMemory.Free(own, count); // After a time-out the host may still come to it.
            }

            return status;
        }

        _entries[free] = new Gpadl { Number = created, Epoch = connection.Epoch, Owner = owner, Pages = own, PageCount = count };
        pages = memory;
        number = created;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>The host gives the memory back, and the bus frees its own, unless everything must stay where it is.</summary>
    public EFI_STATUS Destroy(Channel owner, uint number, bool keepMemory = false)
    {
        int index = number == 0 ? -1 : Find(owner, number);
        return index < 0 ? EFI_STATUS.EFI_INVALID_PARAMETER : Destroy(ref _entries[index], keepMemory);
    }

    /// <summary>Does so for all that a channel has left.</summary>
    public void DestroyAll(Channel owner, bool keepMemory = false)
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            if (_entries[i].Number != 0 && _entries[i].Owner == owner)
            {
                Destroy(ref _entries[i], keepMemory);
            }
        }
    }

    private EFI_STATUS Destroy(ref Gpadl entry, bool keepMemory)
    {
        EFI_STATUS status = EFI_STATUS.EFI_SUCCESS;
        if (entry.Epoch == connection.Epoch && connection.Check())
        {
            status = connection.TearDownGpadl(entry.Owner!.Offer.Channel, entry.Number, entry.Owner.IsRescinded);
        }

        if (!status.IsError && !keepMemory)
        {
            PageMemory.Free(entry.Pages, entry.PageCount);
        }

        entry = default;
        return status;
    }

    private int Find(Channel? owner, uint number)
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            if (_entries[i].Number == number && _entries[i].Owner == owner)
            {
                return i;
            }
        }

        return -1;
    }
}
