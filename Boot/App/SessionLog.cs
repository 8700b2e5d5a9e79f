using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Settings;
using NetBoot.NetworkStack.Protocols.Syslog;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App;

/// <summary>What the terminal's log says, as messages for the server that the setting syslog names. They look as iPXE's, which servers' rules know.</summary>
/// <param name="session">Has the settings.</param>
internal sealed class SessionLog(Session session) : ISyslogSource, IDisposable
{
    private const int MaximumName = 255; // RFC 1123, 2.1

    private readonly ConsoleLog _log = session.Terminal.Log;
    private readonly Arena _scratch = Arena.Create();
    private readonly byte[] _header = new byte[32 + 2 * MaximumName];
    private int _headerLength;
    private IPv4Address _server;
    private ulong _state = ulong.MaxValue; // of what decides on server and names

    /// <summary>Has the settings read again.</summary>
    public void Invalidate() => _state = ulong.MaxValue;

    public bool HasLine => _log.LinesEnd > Position;

    public ulong Position { get; set; }

    public IPv4Address Server
    {
        get
        {
            ulong state = session.Settings.Changes;
            bool isConfigured = false;
            for (int i = 0; i < session.Interfaces.Count; i++)
            {
                isConfigured |= session.Interfaces[i].Interface.IsConfigured;
                state = state * 31 + session.Interfaces[i].Interface.Address.Value;
            }

            if (!isConfigured)
            {
                return default;
            }

            if (state != _state)
            {
                _state = state;
                using (_scratch.Enter())
                {
                    ReadSettings();
                }

                _scratch.Reset();
            }

            return _server;
        }
    }

    public int TakeLine(Span<byte> message)
    {
        _header.AsSpan(0, _headerLength).CopyTo(message);
        ulong position = Position;
        int length = _log.ReadLine(ref position, message.Slice(_headerLength));
        Position = position;
        return _headerLength + length;
    }

    public void Dispose() => _scratch.Dispose();

    private void ReadSettings()
    {
        bool isSet = session.Settings.TryFetch(SettingName.Predefined("syslog"), out ReadOnlySpan<byte> value, out _);
        Span<IPAddress> server = stackalloc IPAddress[1];
        _server = isSet && InterfaceBlock.ReadAddresses(value, AddressFamily.IPv4, server) > 0 ? server[0].IPv4 : default;

        // RFC 3164, 4.1: kernel's, informational; no time. iPXE begins its messages so.
        _headerLength = 0;
        Append("<6>", 3);
        string host = session.Settings.Format("hostname");
        string domain = session.Settings.Format("domain");
        Append(host, MaximumName);
        Append(domain.Length > 0 ? "." : "", 1);
        Append(domain, MaximumName);
        Append(host.Length + domain.Length > 0 ? " ipxe: " : "ipxe: ", 7);
    }

    private void Append(string text, int maximum)
    {
        for (int i = 0; i < text.Length && i < maximum; i++)
        {
            _header[_headerLength++] = (byte)(text[i] is >= ' ' and <= '~' ? text[i] : '?');
        }
    }
}
