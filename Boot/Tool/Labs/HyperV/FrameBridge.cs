using System;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Tests.Models.HyperV;

namespace NetBoot.Boot.Tool.Labs.HyperV;

/// <summary>The wire between a network device of the host model and a QEMU network back end.</summary>
/// <param name="path">Where QEMU connects to, from now on.</param>
internal sealed class FrameBridge(string path) : IDisposable
{
    private readonly FrameSocket _socket = new(path);

    /// <summary>Plugs the adapter in.</summary>
    public void Start(NetvspDevice adapter)
    {
        adapter.Transmitted = _socket.Send;
        _socket.Start(frames =>
        {
            adapter.Deliver([.. frames]);
            Delivered?.Invoke();
        });
    }

    /// <summary>Called when frames are on their way to the guest.</summary>
    public Action? Delivered { get; set; }

    public void Dispose() => _socket.Dispose();
}
