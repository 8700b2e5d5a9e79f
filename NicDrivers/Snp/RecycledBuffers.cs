namespace NetBoot.NicDrivers.Snp;

/// <summary>
/// The transmit buffers that are their clients' again, until GetStatus has told of each (UEFI 2.10, 24.1.13), oldest first. When it is
/// full, nothing more is transmitted until a client asks.
/// </summary>
internal sealed class RecycledBuffers
{
    public const int Capacity = 128;

    private readonly nint[] _buffers = new nint[Capacity];
    private uint _added;
    private uint _taken;

    public bool IsFull => _added - _taken == Capacity;

    /// <summary>Not when <see cref="IsFull"/>.</summary>
    public void Add(nint buffer) => _buffers[_added++ % Capacity] = buffer;

    /// <summary>The oldest buffer, which is then forgotten, or 0.</summary>
    public nint Take() => _added == _taken ? 0 : _buffers[_taken++ % Capacity];

    public void Clear() => _taken = _added;
}
