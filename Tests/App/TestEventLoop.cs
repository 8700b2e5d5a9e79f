using NetBoot.Boot.App;
using NetBoot.Boot.App.Consoles;

namespace NetBoot.Tests.App;

/// <summary>A clock that goes on by a millisecond each turn, and Ctrl-C from the terminal.</summary>
internal sealed class TestEventLoop(Terminal terminal) : ApplicationEventLoop
{
    private ulong _now = 1_000_000;

    public override ulong Now => _now;

    /// <summary>What is polled each turn.</summary>
    public NetBoot.NetworkStack.Sockets.Network? Network { get; set; }

    /// <summary>Turns taken.</summary>
    public int Turns { get; private set; }

    /// <summary>Stops a script that would not end: Turn answers false after so many.</summary>
    public int MaximumTurns { get; set; } = 1_000_000;

    public override bool RunOnce()
    {
        _now += 1000;
        Network?.Poll(_now);
        Progress?.Update(_now);
        return ++Turns < MaximumTurns && !terminal.WasInterrupted();
    }

    public void Advance(ulong microseconds) => _now += microseconds;
}
