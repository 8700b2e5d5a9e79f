using NetBoot.Boot.App.Consoles;
using NetBoot.NetworkStack.Sockets;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// The app's clock and round: the network at every turn, the keyboard every 10 ms (asking for a key costs more than a frame), and the
/// firmware's watchdog once a minute, so that it only bites when the app hangs. While nothing comes, the processor rests between rounds.
/// </summary>
public sealed unsafe class FirmwareEventLoop : ApplicationEventLoop
{
    /// <summary>What the boot manager sets for every boot option: five minutes (UEFI 2.10, 3.1.2).</summary>
    private const uint WatchdogSeconds = 300;

    /// <summary>The first code that is not the firmware's own (UEFI 2.10, 7.5.1).</summary>
    private const ulong WatchdogCode = 0x10000;

    private const ulong WatchdogInterval = 60_000_000;
    private const ulong KeyInterval = 10_000;

    /// <summary>
    /// So long without a frame, and a round waits for the firmware's timer, which ticks each 10 ms or so. No round trip of a path is as long: what
    /// a server sends at full rate would not find room in a card's ring meanwhile.
    /// </summary>
    private const ulong QuietTime = 250_000;

    private readonly Terminal _terminal;
    private readonly Network _network;
    private readonly Clock _clock;
    private ulong _nextKey;
    private ulong _nextWatchdog;
    private ulong _receivedFrames;
    private ulong _lastFrame;

    /// <summary>Calibrates the clock, which may take some milliseconds, and arms the watchdog.</summary>
    public FirmwareEventLoop(Terminal terminal, Network network)
    {
        _terminal = terminal;
        _network = network;
        _clock = Clock.Calibrate();
        _lastFrame = Now;
        HoldWatchdog();
    }

    /// <inheritdoc/>
    public override ulong Now => _clock.Now;

    /// <inheritdoc/>
    public override bool RunOnce()
    {
        ulong now = Now;
        _network.Poll(now);
        Progress?.Update(now);
        if (now < _nextKey)
        {
            return true;
        }

        _nextKey = now + KeyInterval;
        if (now >= _nextWatchdog)
        {
            HoldWatchdog();
        }

        if (_terminal.WasInterrupted())
        {
            return false;
        }

        ulong received = _network.ReceivedFrames;
        if (received != _receivedFrames)
        {
            _receivedFrames = received;
            _lastFrame = now;
        }
        else if (now - _lastFrame >= QuietTime)
        {
            Firmware.WaitForTick();
            _nextKey = 0;
        }

        return true;
    }

    /// <inheritdoc/>
    public override void HoldWatchdog()
    {
        Firmware.BootServices->SetWatchdogTimer(WatchdogSeconds, WatchdogCode, 0, null);
        _nextWatchdog = Now + WatchdogInterval;
    }
}
