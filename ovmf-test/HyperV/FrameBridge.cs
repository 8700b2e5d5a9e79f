using System;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Threading;
using Tests.HyperV;

namespace OvmfTest.HyperV;

/// <summary>
/// The wire between a network device of the host model and a QEMU network back end (<c>-netdev stream</c>): frames behind their length, a
/// big-endian word.
/// </summary>
internal sealed class FrameBridge : IDisposable
{
    private const int LargestFrame = 65536;
    private const int BatchSize = 32;

    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly BlockingCollection<byte[]> outgoing = [];
    private readonly Thread reader;
    private readonly Thread writer;
    private NetvspDevice? device;
    private Socket? peer;

    /// <param name="path">Where QEMU connects to, from now on.</param>
    public FrameBridge(string path)
    {
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        reader = new Thread(Read) { IsBackground = true };
        writer = new Thread(Write) { IsBackground = true };
    }

    /// <summary>Plugs the adapter in.</summary>
    public void Start(NetvspDevice adapter)
    {
        device = adapter;
        device.Transmitted = frame => outgoing.Add(frame); // by a thread of its own: QEMU reads nothing while its guest stands
        reader.Start();
    }

    /// <summary>Called when frames are on their way to the guest.</summary>
    public Action? Delivered { get; set; }

    public void Dispose()
    {
        outgoing.CompleteAdding();
        listener.Dispose();
        peer?.Dispose();
        if (device != null)
        {
            reader.Join();
        }
    }

    private void Read()
    {
        byte[] buffer = new byte[LargestFrame * 4];
        int filled = 0;
        List<byte[]> frames = [];
        try
        {
            peer = listener.Accept();
            writer.Start();
            for (int count; (count = peer.Receive(buffer.AsSpan(filled))) > 0;)
            {
                filled += count;
                int at = 0;
                while (filled - at >= 4 && BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(at)) is var length && filled - at - 4 >= length)
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
            device!.Deliver([.. frames]);
            frames.Clear();
            Delivered?.Invoke();
        }
    }

    private void Write()
    {
        byte[] length = new byte[4];
        try
        {
            foreach (byte[] frame in outgoing.GetConsumingEnumerable())
            {
                BinaryPrimitives.WriteInt32BigEndian(length, frame.Length);
                peer!.Send([length, frame], SocketFlags.None);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The machine is gone.
        }
    }
}
