using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Xen.Store;

/// <summary>
/// The guest's client of xenstore (Xen, docs/misc/xenstore.txt): nodes, directories, transactions and watches. Each operation runs at
/// TPL_NOTIFY, since the devices of the bus share the one ring. Watches and transactions have owners, so that what one device leaves
/// behind can be taken away.
/// </summary>
internal sealed class XenStore : XenStoreConnection
{
    private const int MaximumWatches = 32;
    private const int MaximumTransactions = 8;
    private const int MaximumPath = 520;
    private const int MaximumListing = 1 << 20;
    private const int MaximumRestarts = 8;

    private sealed class Watch
    {
        public readonly byte[] Path = new byte[MaximumPath]; // Its zero byte included.
        public int PathLength;
        public ushort Owner; // 0: free.
        public uint Token;
        public bool HasChanged;
    }

    private struct Transaction
    {
        public ushort Owner; // 0: free.
        public uint Number;
    }

    private readonly Watch[] _watches = new Watch[MaximumWatches];
    private readonly Transaction[] _transactions = new Transaction[MaximumTransactions];
    private uint _lastToken;

    public XenStore(XenStoreRing ring)
        : base(ring)
    {
        _lastToken = (uint)Machine.ReadCounter(); // What an earlier user has watched is not ours.
        for (int i = 0; i < MaximumWatches; i++)
        {
            _watches[i] = new Watch();
        }
    }

    /// <summary>Reads a node.</summary>
    /// <param name="transaction">Its number, or 0.</param>
    /// <param name="directory">The path of a directory, or nothing; a relative one is below the guest's own.</param>
    /// <param name="name">The node below it, or nothing.</param>
    /// <param name="value">Where it goes; as much as there is room for.</param>
    /// <param name="length">How long it is; 0 after a failure.</param>
    /// <returns>EFI_BUFFER_TOO_SMALL, and what <see cref="XenDevice"/> lists; so in all operations.</returns>
    public EFI_STATUS Read(uint transaction, ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name, Span<byte> value, out int length)
    {
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        Begin(XenStoreOperation.Read, transaction);
        AppendPath(directory, name);
        EFI_STATUS status = Exchange(value, out length);
        Firmware.RestoreTpl(tpl);
        return status;
    }

    /// <summary>Writes a node; see <see cref="Read"/>.</summary>
    public EFI_STATUS Write(uint transaction, ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        Begin(XenStoreOperation.Write, transaction);
        AppendPath(directory, name);
        Append(value);
        EFI_STATUS status = Exchange(out _);
        Firmware.RestoreTpl(tpl);
        return status;
    }

    /// <summary>Removes a node with all that is below it; see <see cref="Read"/>.</summary>
    public EFI_STATUS Remove(uint transaction, ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name)
    {
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        Begin(XenStoreOperation.Remove, transaction);
        AppendPath(directory, name);
        EFI_STATUS status = Exchange(out _);
        Firmware.RestoreTpl(tpl);
        return status;
    }

    /// <summary>The names in a directory, each ended by a zero byte; asked for in parts when they are too many for one answer.</summary>
    public EFI_STATUS List(uint transaction, ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name, Span<byte> names, out int length)
    {
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        Begin(XenStoreOperation.Directory, transaction);
        AppendPath(directory, name);
        EFI_STATUS status = Exchange(names, out length);
        if (Error == XenStoreError.E2BIG)
        {
            status = EFI_STATUS.EFI_ABORTED;
            for (int tries = 0; tries < MaximumRestarts && status == EFI_STATUS.EFI_ABORTED; tries++)
            {
                status = ListInParts(transaction, directory, name, names, out length);
            }
        }

        Firmware.RestoreTpl(tpl);
        return status;
    }

    /// <param name="owner">Whose it is; not 0.</param>
    /// <param name="transaction">Its number, not 0.</param>
    public EFI_STATUS BeginTransaction(ushort owner, out uint transaction)
    {
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        EFI_STATUS status = EFI_STATUS.EFI_OUT_OF_RESOURCES;
        ReadOnlySpan<byte> answer = default;
        ref Transaction free = ref Find(0, 0, out bool isFound);
        transaction = 0;
        if (isFound)
        {
            Begin(XenStoreOperation.TransactionStart, 0);
            Append((byte)0);
            status = Exchange(out answer);
        }

        if (!status.IsError)
        {
            bool isNumber = XenNumber.TryParse(answer, out ulong number) && number is > 0 and <= uint.MaxValue;
            status = isNumber ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_PROTOCOL_ERROR;
            transaction = isNumber ? (uint)number : 0;
            free.Owner = isNumber ? owner : (ushort)0;
            free.Number = transaction;
        }

        Firmware.RestoreTpl(tpl);
        return status;
    }

    /// <summary>Whether the transaction is one of the owner's; 0, which is none, is everybody's.</summary>
    public bool Owns(ushort owner, uint transaction)
    {
        Find(owner, transaction, out bool isFound);
        return isFound || transaction == 0;
    }

    /// <summary>Ends a transaction, whatever the status.</summary>
    /// <returns>EFI_ABORTED when it collided with another; EFI_INVALID_PARAMETER when the owner has no such transaction.</returns>
    public EFI_STATUS EndTransaction(ushort owner, uint transaction, bool commit)
    {
        ref Transaction found = ref Find(owner, transaction, out bool isFound);
        if (!isFound)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        found = default;
        Begin(XenStoreOperation.TransactionEnd, transaction);
        Append(commit ? "T\0"u8 : "F\0"u8);
        EFI_STATUS status = Exchange(out _);
        Firmware.RestoreTpl(tpl);
        return status;
    }

    /// <param name="owner">Whose it is; not 0.</param>
    /// <param name="directory">As in <see cref="Read"/>.</param>
    /// <param name="name">As in <see cref="Read"/>.</param>
    /// <param name="watch">Its number.</param>
    /// <returns>EFI_OUT_OF_RESOURCES when too much is watched.</returns>
    public EFI_STATUS AddWatch(ushort owner, ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name, out uint watch)
    {
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        Begin(XenStoreOperation.Watch, 0);
        AppendPath(directory, name);
        EFI_STATUS status = EFI_STATUS.EFI_OUT_OF_RESOURCES;
        watch = 0;
        if (Payload.Length <= MaximumPath && Find(0, 0) is Watch free)
        {
            free.PathLength = Payload.Length;
            Payload.CopyTo(free.Path);
            free.Token = ++_lastToken == 0 ? ++_lastToken : _lastToken;
            free.HasChanged = false;
            free.Owner = owner; // Before the store knows: its first event may come with the answer.
            Append(free.Token);
            status = Exchange(out _);
            free.Owner = status.IsError ? (ushort)0 : owner;
            free.Token = status.IsError ? 0 : free.Token;
            watch = free.Token;
        }

        Firmware.RestoreTpl(tpl);
        return status;
    }

    /// <summary>Whether what is watched has changed since this was last asked.</summary>
    /// <returns>EFI_NOT_READY when not; EFI_INVALID_PARAMETER when the owner has no such watch.</returns>
    public EFI_STATUS CheckWatch(ushort owner, uint watch)
    {
        if (watch == 0 || Find(owner, watch) is not Watch found)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        Receive();
        bool hasChanged = found.HasChanged;
        found.HasChanged = false;
        Firmware.RestoreTpl(tpl);
        return hasChanged ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_NOT_READY;
    }

    /// <summary>Ends a watch, whatever the status.</summary>
    public EFI_STATUS RemoveWatch(ushort owner, uint watch)
    {
        if (watch == 0 || Find(owner, watch) is not Watch found)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        found.Owner = 0;
        found.Token = 0;
        Begin(XenStoreOperation.Unwatch, 0);
        Append(new ReadOnlySpan<byte>(found.Path, 0, found.PathLength));
        Append(watch);
        EFI_STATUS status = Exchange(out _);
        Firmware.RestoreTpl(tpl);
        return status;
    }

    /// <summary>Ends all watches and transactions of an owner, or of everybody (0). After a time-out the rest is left as it is.</summary>
    public void EndAll(ushort owner)
    {
        EFI_STATUS status = EFI_STATUS.EFI_SUCCESS;
        for (int i = 0; i < MaximumTransactions && status != EFI_STATUS.EFI_TIMEOUT; i++)
        {
            Transaction each = _transactions[i];
            if (each.Owner != 0 && (owner == 0 || each.Owner == owner))
            {
                status = EndTransaction(each.Owner, each.Number, false);
            }
        }

        for (int i = 0; i < MaximumWatches && status != EFI_STATUS.EFI_TIMEOUT; i++)
        {
            Watch each = _watches[i];
            if (each.Owner != 0 && (owner == 0 || each.Owner == owner))
            {
                status = RemoveWatch(each.Owner, each.Token);
            }
        }
    }

    // The path that changed and our token, each ended by a zero byte.
    protected override void OnEvent(ReadOnlySpan<byte> payload)
    {
        int end = payload.IndexOf((byte)0);
        if (end < 0 || !XenNumber.TryParse(payload.Slice(end + 1), out ulong token))
        {
            return;
        }

        foreach (Watch each in _watches)
        {
            each.HasChanged |= each.Owner != 0 && each.Token == token;
        }
    }

    private ref Transaction Find(ushort owner, uint number, out bool isFound)
    {
        for (int i = 0; i < MaximumTransactions; i++)
        {
            if (_transactions[i].Owner == owner && _transactions[i].Number == number)
            {
                isFound = true;
                return ref _transactions[i];
            }
        }

        isFound = false;
        return ref _transactions[0];
    }

    private Watch? Find(ushort owner, uint token)
    {
        foreach (Watch each in _watches)
        {
            if (each.Owner == owner && each.Token == token)
            {
                return each;
            }
        }

        return null;
    }

    /// <returns>EFI_ABORTED when the directory changed in the meantime.</returns>
    private EFI_STATUS ListInParts(
        uint transaction, ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name, Span<byte> names, out int length)
    {
        Span<byte> generation = stackalloc byte[XenNumber.MaximumDigits];
        int generationLength = 0;
        int offset = 0;
        length = 0;
        while (offset < MaximumListing)
        {
            Begin(XenStoreOperation.DirectoryPart, transaction);
            AppendPath(directory, name);
            Append((uint)offset);
            EFI_STATUS status = Exchange(out ReadOnlySpan<byte> answer);
            if (status.IsError)
            {
                return status;
            }

            // The directory's generation, its children from the offset on, and behind the last one an empty name.
            int end = answer.IndexOf((byte)0);
            if (end < 0 || end > generation.Length || end + 1 == answer.Length || answer[answer.Length - 1] != 0)
            {
                return EFI_STATUS.EFI_PROTOCOL_ERROR;
            }

            if (offset == 0)
            {
                generationLength = end;
                answer.Slice(0, end).CopyTo(generation);
            }
            else if (!answer.Slice(0, end).SequenceEqual(generation.Slice(0, generationLength)))
            {
                return EFI_STATUS.EFI_ABORTED;
            }

            ReadOnlySpan<byte> part = answer.Slice(end + 1);
            bool isLast = part.Length == 1 || part[part.Length - 2] == 0;
            part = isLast ? part.Slice(0, part.Length - 1) : part;
            CopyTo(names, part, offset);
            offset += part.Length;
            if (isLast)
            {
                length = offset;
                return offset > names.Length ? EFI_STATUS.EFI_BUFFER_TOO_SMALL : EFI_STATUS.EFI_SUCCESS;
            }
        }

        return EFI_STATUS.EFI_PROTOCOL_ERROR;
    }

    /// <summary>As the other one, with the answer in the caller's room, as far as it goes.</summary>
    private EFI_STATUS Exchange(Span<byte> room, out int length)
    {
        EFI_STATUS status = Exchange(out ReadOnlySpan<byte> answer);
        length = status.IsError ? 0 : answer.Length;
        return status.IsError ? status : CopyTo(room, answer, 0);
    }

    private static EFI_STATUS CopyTo(Span<byte> destination, ReadOnlySpan<byte> source, int offset)
    {
        Span<byte> room = destination.Slice(Math.Min(offset, destination.Length));
        source.Slice(0, Math.Min(source.Length, room.Length)).CopyTo(room);
        return source.Length > room.Length ? EFI_STATUS.EFI_BUFFER_TOO_SMALL : EFI_STATUS.EFI_SUCCESS;
    }
}
