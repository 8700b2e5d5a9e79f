using System;
using System.IO;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Labs;

/// <summary>
/// Guests of real hypervisor interfaces on a machine without virtualisation: QEMU emulates a processor with AMD's SVM, a Linux in it (the
/// outer guest) has KVM, and QEMU there runs one inner guest at a time with KVM's Hyper-V or Xen interface.
/// </summary>
/// <remarks>
/// The outer guest starts once and mounts this machine's temporary folder at the same path, so that an inner guest's options mean the same
/// as any machine's. The inner guest reaches servers of the outer one at slirp's usual address.
/// </remarks>
public sealed class NestedLab : IAsyncDisposable
{
    /// <summary>How often QEMU's emulation may abort before that is taken for more than its known weakness (see <see cref="KernelModule"/>).</summary>
    private const int Attempts = 3;

    private static readonly TimeSpan s_outerLimit = TimeSpan.FromMinutes(3);

    /// <summary>Now and then an inner guest never begins. A firmware that has printed nothing by then prints nothing.</summary>
    private static readonly TimeSpan s_longestSilence = TimeSpan.FromSeconds(45);

    private readonly LabRoot _root;
    private OuterGuest? _outer;

    private NestedLab(LabRoot root)
    {
        _root = root;
    }

    public LabRoot Root => _root;

    /// <summary>Makes the root if need be. The outer guest starts with the first inner one.</summary>
    public static async Task<NestedLab> CreateAsync(Action<string> report) => new(await LabRoot.EnsureAsync(report).ConfigureAwait(false));

    /// <summary>
    /// Starts an inner guest, takes it through <paramref name="steps"/> and ends it. All of it again if the emulator itself aborts, or the firmware prints
    /// nothing at all, with which nothing of ours has to do.
    /// </summary>
    /// <param name="options">Makes the guest's options, with <see cref="Root"/>'s firmware. Its files are in the temporary folder.</param>
    /// <param name="steps">What to wait for and to check.</param>
    public async Task RunAsync(Func<VirtualMachineOptions> options, Func<NestedMachine, Task> steps)
    {
        for (int attempt = 1; ; attempt++)
        {
            if (_outer is not { IsOver: false })
            {
                _outer = await OuterGuest.StartAsync(_root, s_outerLimit).ConfigureAwait(false);
            }

            bool isSilent = true;
            try
            {
                await using NestedMachine machine = await NestedMachine.StartAsync(_outer, options()).ConfigureAwait(false);
                await machine.Serial.WaitForAsync(".", s_longestSilence).ConfigureAwait(false);
                isSilent = false;
                await steps(machine).ConfigureAwait(false);
                return;
            }
            catch (Exception) when (attempt < Attempts && (isSilent || _outer.HasAborted))
            {
                // Once more, in a new outer guest where the old one is over.
            }
        }
    }

    /// <summary>Where the inner guest finds a file of this machine's temporary folder: the outer guest serves it all over HTTP.</summary>
    public static string Uri(string path) => $"http://{UserNetwork.Host}/{Path.GetRelativePath(Path.GetTempPath(), path)}";

    public async ValueTask DisposeAsync()
    {
        if (_outer != null)
        {
            await _outer.DisposeAsync().ConfigureAwait(false);
        }
    }
}
