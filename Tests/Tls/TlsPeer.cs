using System;
using System.Collections.Generic;
using NetBoot.Boot.Tool.Certificates;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Protocols;
using Xunit;

namespace NetBoot.Tests.Tls;

/// <summary>A server's end of TLS, by OpenSSL.</summary>
internal sealed unsafe class TlsPeer : IPeerRecords, IDisposable
{
    private static readonly int[] s_sizes = [1, 16_000, 700, 2, 4096, 16_384];

    private readonly nint _context;
    private readonly nint _ssl;
    private readonly nint _in = LibSsl.NewMemoryBio();
    private readonly nint _out = LibSsl.NewMemoryBio();
    private readonly List<byte> _waiting = [];
    private bool _isOpen;
    private bool _isEnding;
    private int _records;

    public TlsPeer(TestCertificate certificate, int minimum = LibSsl.Version12, int maximum = LibSsl.Version13)
    {
        _context = LibSsl.NewContext(LibSsl.ServerMethod());
        LibSsl.ControlContext(_context, LibSsl.SetMinimumVersion, minimum, 0);
        LibSsl.ControlContext(_context, LibSsl.SetMaximumVersion, maximum, 0);
        _ssl = LibSsl.New(_context);
        LibSsl.SetSecurityLevel(_ssl, 0);
        LibSsl.SetBios(_ssl, _in, _out);
        LibSsl.SetServer(_ssl);
        nint parsed = LibSsl.ParseCertificate(certificate.Der);
        Assert.Equal(1, LibSsl.UseCertificate(_ssl, parsed));
        LibSsl.FreeCertificate(parsed);
        Assert.True(LibSsl.UseKey(_ssl, System.Text.Encoding.ASCII.GetBytes(certificate.KeyPem)));
        for (TestCertificate? above = certificate.Issuer; above?.Issuer is not null; above = above.Issuer)
        {
            LibSsl.Control(_ssl, LibSsl.AddChainCertificate, 0, LibSsl.ParseCertificate(above.Der));
        }
    }

    public bool HasClientCertificate
    {
        get
        {
            nint certificate = LibSsl.PeerCertificate(_ssl);
            LibSsl.FreeCertificate(certificate);
            return certificate != 0;
        }
    }

    public nint Ssl => _ssl;

    /// <summary>The handshake is over; new keys make it no other.</summary>
    public bool IsOpen => _isOpen |= LibSsl.IsInitFinished(_ssl) == 1;

    /// <summary>Microseconds that each step of the handshake takes.</summary>
    public ulong Delay { get; init; }

    /// <summary>It answers nothing.</summary>
    public bool IsSilent { get; set; }

    /// <summary>May change what is sent, as an attacker would.</summary>
    public Func<byte[], byte[]>? OnSend { get; set; }

    /// <summary>Which host the client's hello names.</summary>
    public string? ClientName { get; private set; }

    /// <summary>Demands a certificate of the client's, from an authority.</summary>
    public void Trust(TestCertificate authority)
    {
        nint parsed = LibSsl.ParseCertificate(authority.Der);
        LibSsl.AddCertificate(LibSsl.Store(_context), parsed);
        LibSsl.FreeCertificate(parsed);
        LibSsl.SetVerify(_ssl, LibSsl.VerifyRequired, 0);
    }

    public byte[] Receive(PeerTcp connection, byte[] piece)
    {
        fixed (byte* bytes = piece)
        {
            LibSsl.WriteBio(_in, bytes, piece.Length);
        }

        if (IsSilent)
        {
            return [];
        }

        if (!IsOpen)
        {
            LibSsl.DoHandshake(_ssl);
        }

        byte[] buffer = new byte[16_384];
        List<byte> clear = [];
        fixed (byte* bytes = buffer)
        {
            for (int count = LibSsl.Read(_ssl, bytes, buffer.Length); count > 0; count = LibSsl.Read(_ssl, bytes, buffer.Length))
            {
                clear.AddRange(buffer.AsSpan(0, count));
            }
        }

        ClientName ??= System.Runtime.InteropServices.Marshal.PtrToStringAnsi(LibSsl.ServerName(_ssl, 0));
        if (Delay > 0 && !IsOpen)
        {
            connection.After(Delay, () => Flush(connection));
        }
        else
        {
            Flush(connection);
        }

        return [.. clear];
    }

    public void Send(PeerTcp connection, ReadOnlySpan<byte> data)
    {
        if (!IsOpen)
        {
            _waiting.AddRange(data);
            return;
        }

        while (!data.IsEmpty)
        {
            int size = Math.Min(data.Length, s_sizes[_records++ % s_sizes.Length]);
            fixed (byte* bytes = data)
            {
                Assert.Equal(size, LibSsl.Write(_ssl, bytes, size));
            }

            data = data[size..];
        }

        SendPending(connection);
    }

    public void Finish(PeerTcp connection)
    {
        _isEnding = true;
        if (IsOpen)
        {
            LibSsl.Shutdown(_ssl);
            SendPending(connection);
            connection.FinishRaw();
        }
    }

    /// <summary>Sends what OpenSSL has to be sent.</summary>
    public void SendPending(PeerTcp connection)
    {
        byte[] bytes = LibSsl.Drain(_out);
        connection.SendRaw(OnSend is null || bytes.Length == 0 ? bytes : OnSend(bytes));
    }

    public void Dispose()
    {
        LibSsl.Free(_ssl);
        LibSsl.FreeContext(_context);
    }

    private void Flush(PeerTcp connection)
    {
        SendPending(connection);
        if (IsOpen && _waiting.Count > 0)
        {
            byte[] waiting = [.. _waiting];
            _waiting.Clear();
            Send(connection, waiting);
        }

        if (IsOpen && _isEnding)
        {
            Finish(connection);
        }
    }
}
