using System;
using System.Buffers.Binary;

namespace NetBoot.Uefi.Interop.DevicePaths;

/// <summary>
/// Goes through the nodes of a device path up to its End node, which is not among them:
/// <c>foreach (DevicePathNode node in new DevicePathReader(path))</c>. Ends early at a node whose length is wrong.
/// </summary>
public ref struct DevicePathReader
{
    private ReadOnlySpan<byte> _rest;
    private ReadOnlySpan<byte> _current;

    /// <param name="path">Nodes; an End node is optional (a list of nodes without one is read to its last byte).</param>
    public DevicePathReader(ReadOnlySpan<byte> path)
    {
        _rest = path;
        _current = default;
    }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly DevicePathReader GetEnumerator() => this;

    /// <summary>The node that <see cref="MoveNext"/> went to.</summary>
    public readonly DevicePathNode Current => new(_current);

    /// <summary>Goes to the next node; false at the end, and at a node whose length is wrong.</summary>
    public bool MoveNext()
    {
        if (_rest.Length < DevicePath.HeaderSize || DevicePath.IsEnd(_rest[0], _rest[1]))
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(_rest.Slice(2));
        if (length < DevicePath.HeaderSize || length > _rest.Length)
        {
            return false;
        }

        _current = _rest.Slice(0, length);
        _rest = _rest.Slice(length);
        return true;
    }
}
