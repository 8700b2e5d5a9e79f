using NetBoot.Boot.App.Consoles;
using NetBoot.NetworkStack;

namespace NetBoot.Boot.App;

/// <summary>What turns while the app waits: the network, the progress of a download, the watchdog, and Ctrl-C.</summary>
public abstract class ApplicationEventLoop : EventLoop
{
    /// <summary>The download that runs, if its progress is to be seen.</summary>
    public Progress? Progress { get; set; }

    /// <summary>Gives what runs next the firmware's whole time before its watchdog bites.</summary>
    public virtual void HoldWatchdog()
    {
    }

    /// <summary>Waits so many microseconds; false when the user interrupted.</summary>
    public bool Wait(ulong microseconds)
    {
        ulong started = Now;
        do
        {
            if (!RunOnce())
            {
                return false;
            }
        }
        while (Now - started < microseconds);
        return true;
    }
}
