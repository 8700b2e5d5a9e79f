using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Protocols.Syslog;

/// <summary>A log whose lines a <see cref="SyslogClient"/> sends. All of it is asked often, and allocates nothing.</summary>
public interface ISyslogSource
{
    /// <summary>Whether there is a whole line that was not taken.</summary>
    bool HasLine { get; }

    /// <summary>Where they are to be sent; 0.0.0.0 for nowhere.</summary>
    IPv4Address Server { get; }

    /// <summary>Where the next line begins; may be set back to what it was.</summary>
    ulong Position { get; set; }

    /// <summary>Writes the next line as a message, and goes on to the one behind it.</summary>
    /// <param name="message">Room for <see cref="SyslogClient.MaximumMessage"/> bytes; what does not fit is the next line.</param>
    /// <returns>The message's length.</returns>
    int TakeLine(Span<byte> message);
}
