using System;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Threading;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>
/// The other end of a QEMU network back end (<c>-netdev stream</c>): frames behind their length, a big-endian word, on a local socket.
/// </summary>
internal sealed class FrameSocket : IDisposable
{
    private const int LargestFrame = 65536;
    private const int BatchSize = 32;

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly BlockingCollection<byte[]> _outgoing = [];
    private readonly Thread _reader;
    private readonly Thread _writer;
    private Action<IReadOnlyList<byte[]>>? _received;
    private Action? _connected;
    private Socket? _peer;

    /// <param name="path">Where QEMU connects to, from now on.</param>
    public FrameSocket(string path)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(1);
        _reader = new Thread(Read) { IsBackground = true };
        _writer = new Thread(Write) { IsBackground = true };
    }

    /// <summary>The argument of <c>-netdev</c> that connects to a path, less its id.</summary>
    public static string Arguments(string path) => $"stream,server=off,addr.type=unix,addr.path={path}";

    /// <summary>Lets frames through; what is called runs on the reader's thread.</summary>
    /// <param name="received">Called with frames in the order in which they came; they are the callee's.</param>
    /// <param name="connected">Called once QEMU is there, before any frame.</param>
    public void Start(Action<IReadOnlyList<byte[]>> received, Action? connected = null)
    {
        _received = received;
        _connected = connected;
        _reader.Start();
    }

    /// <summary>Sends a frame, by a thread of its own: QEMU reads nothing while its guest stands.</summary>
    public void Send(byte[] frame) => _outgoing.Add(frame);

    public void Dispose()
    {
        _outgoing.CompleteAdding();
        _listener.Dispose();
        _peer?.Dispose();
        if (_received != null)
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
            _connected?.Invoke();
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
            _received!([.. frames]);
            frames.Clear();
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
