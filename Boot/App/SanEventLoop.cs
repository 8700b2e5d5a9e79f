using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Sockets;

namespace NetBoot.Boot.App;

/// <summary>
/// What turns while a disk over the network is waited for: beside a command the application's own loop, in a call of the firmware's the network alone.
/// Nobody's keys are read there.
/// </summary>
public sealed class SanEventLoop(ApplicationEventLoop application, Network network) : EventLoop
{
    /// <inheritdoc/>
    public override ulong Now => application.Now;

    /// <summary>A command of the application waits.</summary>
    public bool IsOfCommand { get; set; }

    /// <inheritdoc/>
    public override bool RunOnce()
    {
        if (IsOfCommand)
        {
            return application.RunOnce();
        }

        network.Poll(application.Now);
        return true;
    }
}
