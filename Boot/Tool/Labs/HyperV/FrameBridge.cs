using System;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Threading;
using NetBoot.Tests.Models.HyperV;

namespace NetBoot.Boot.Tool.Labs.HyperV;

/// <summary>
/// The wire between a network device of the host model and a QEMU network back end (<c>-netdev stream</c>): frames behind their length, a
/// big-endian word.
/// </summary>
internal sealed class FrameBridge : IDisposable
{
    private const int LargestFrame = 65536;
    private const int BatchSize = 32;

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly BlockingCollection<byte[]> _outgoing = [];
    private readonly Thread _reader;
    private readonly Thread _writer;
    private NetvspDevice? _device;
    private Socket? _peer;

    /// <param name="path">Where QEMU connects to, from now on.</param>
    public FrameBridge(string path)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(1);
        _reader = new Thread(Read) { IsBackground = true };
        _writer = new Thread(Write) { IsBackground = true };
    }

    /// <summary>Plugs the adapter in.</summary>
    public void Start(NetvspDevice adapter)
    {
        _device = adapter;
        _device.Transmitted = frame => _outgoing.Add(frame); // by a thread of its own: QEMU reads nothing while its guest stands
        _reader.Start();
    }

    /// <summary>Called when frames are on their way to the guest.</summary>
    public Action? Delivered { get; set; }

    public void Dispose()
    {
        _outgoing.CompleteAdding();
        _listener.Dispose();
        _peer?.Dispose();
        if (_device != null)
        {
            _reader.Join();
        }
    }

    private void Read()
    {
        byte[] buffer = new byte[LargestFrame * 4];
        int filled = 0;
        List<byte[]> frames = [];
        try
        {
            _peer = _listener.Accept();
            _writer.Start();
            for (int count; (count = _peer.Receive(buffer.AsSpan(filled))) > 0;)
            {
                filled += count;
                int at = 0;
                while (filled - at >= 4 && BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(at)) is int length && filled - at - 4 >= length)
                {
                    frames.Add(buffer.AsSpan(at + 4, length).ToArray());
                    at += 4 + length;
                    if (frames.Count == BatchSize)
                    {
                        Deliver(frames);
                    }
                }

                Deliver(frames);
                buffer.AsSpan(at, filled - at).CopyTo(buffer);
                filled -= at;
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The machine is gone.
        }
    }

    private void Deliver(List<byte[]> frames)
    {
        if (frames.Count != 0)
        {
            _device!.Deliver([.. frames]);
            frames.Clear();
            Delivered?.Invoke();
        }
    }

    private void Write()
    {
        byte[] length = new byte[4];
        try
        {
            foreach (byte[] frame in _outgoing.GetConsumingEnumerable())
            {
                BinaryPrimitives.WriteInt32BigEndian(length, frame.Length);
                _peer!.Send([length, frame], SocketFlags.None);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The machine is gone.
        }
    }
}
