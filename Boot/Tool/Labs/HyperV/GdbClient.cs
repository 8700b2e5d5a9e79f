using System;
using System.IO;
using System.Net.Sockets;
using System.Text;

namespace NetBoot.Boot.Tool.Labs.HyperV;

/// <summary>
/// The little of GDB's remote protocol that serving breakpoints needs (GDB manual, appendix E), over QEMU's stub. For one thread, but
/// for <see cref="Interrupt"/>.
/// </summary>
internal sealed class GdbClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] _buffer = new byte[16384];
    private int _next;
    private int _end;

    /// <summary>Connects, which stops the guest.</summary>
    public GdbClient(string path) => _socket.Connect(new UnixDomainSocketEndPoint(path));

    /// <summary>Lets the guest run.</summary>
    public void Continue() => Send("c");

    /// <summary>Asks a running guest to stop; from any thread.</summary>
    public void Interrupt() => _socket.Send([3]);

    /// <summary>Waits for the guest to stop.</summary>
    /// <returns>Whether at a breakpoint (or after a step), and not since it was interrupted.</returns>
    /// <exception cref="IOException">QEMU has ended.</exception>
    public bool WaitForStop()
    {
        string stop = Receive();
        if (stop.StartsWith('W'))
        {
            throw new IOException("QEMU has ended.");
        }

        return stop.Length >= 3 && stop[0] is 'T' or 'S'
            ? stop.AsSpan(1, 2) is "05"
            : throw new ToolError($"QEMU's GDB stub says '{stop}' where a stop was expected.");
    }

    /// <summary>Executes one instruction.</summary>
    public void Step()
    {
        Send("s");
        WaitForStop();
    }

    public void SetBreakpoint(ulong address) => Ask($"Z0,{address:x},1", "OK");

    public void ClearBreakpoint(ulong address) => Ask($"z0,{address:x},1", "OK");

    /// <summary>The processor's general registers, as its kind of <see cref="GuestRegisters"/> reads them.</summary>
    public byte[] ReadRegisters()
    {
        Send("g");
        return Convert.FromHexString(Receive());
    }

    public void WriteRegisters(GuestRegisters registers) => Ask("G" + Convert.ToHexStringLower(registers.Bytes), "OK");

    public void Dispose() => _socket.Dispose();

    private void Ask(string request, string expected)
    {
        Send(request);
        string answer = Receive();
        if (answer != expected)
        {
            throw new ToolError($"QEMU's GDB stub answers '{answer}' to '{(request.Length > 40 ? request[..40] : request)}'.");
        }
    }

    private void Send(string packet)
    {
        int sum = 0;
        foreach (char c in packet)
        {
            sum += c;
        }

        _socket.Send(Encoding.ASCII.GetBytes($"${packet}#{(byte)sum:x2}"));
    }

    private string Receive()
    {
        while (Next() != '$') // before it are acknowledgements; QEMU takes the next request for ours
        {
        }

        StringBuilder text = new();
        for (char c = Next(); c != '#'; c = Next())
        {
            if (c == '*') // the character before it, repeated
            {
                text.Append(text[^1], Next() - 29);
            }
            else
            {
                text.Append(c);
            }
        }

        Next();
        Next(); // a stream socket needs no checksum
        return text.ToString();
    }

    private char Next()
    {
        if (_next == _end)
        {
            _next = 0;
            _end = _socket.Receive(_buffer);
            if (_end == 0)
            {
                throw new IOException("QEMU has ended.");
            }
        }

        return (char)_buffer[_next++];
    }
}
