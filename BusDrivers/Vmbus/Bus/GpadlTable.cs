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

        _entries[free] = new Gpadl { Number = created, Owner = owner, Pages = own, PageCount = count };
        pages = memory;
        number = created;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>
    /// Takes memory back, which ends the number whatever the answer; the bus frees its own. Memory that is not ours again stays allocated for good.
    /// </summary>
    /// <returns>EFI_SUCCESS: it is ours; EFI_TIMEOUT: the host may still write there; EFI_INVALID_PARAMETER: there is no such number.</returns>
    public EFI_STATUS Destroy(Channel owner, uint number)
    {
        int index = number == 0 ? -1 : Find(owner, number);
        return index < 0 ? EFI_STATUS.EFI_INVALID_PARAMETER : Destroy(ref _entries[index]);
    }

    /// <summary>Does so for all that a channel has left.</summary>
    public void DestroyAll(Channel owner)
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            if (_entries[i].Number != 0 && _entries[i].Owner == owner)
            {
                Destroy(ref _entries[i]);
            }
        }
    }

    private EFI_STATUS Destroy(ref Gpadl entry)
    {
        Gpadl taken = entry;
        entry = default;
        if (!connection.TakeBack(taken.Owner!.Offer.Channel, taken.Number, taken.Owner.IsRescinded))
        {
            return EFI_STATUS.EFI_TIMEOUT;
        }

        PageMemory.Free(taken.Pages, taken.PageCount);
        return EFI_STATUS.EFI_SUCCESS;
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
