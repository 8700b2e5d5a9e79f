using System;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Bench;

/// <summary>A download by a command that is typed at the prompt of NetBoot or iPXE: all but Enter, from which on is measured.</summary>
internal static class TypedDownload
{
    /// <param name="serial">Of a machine that starts the application with a script that says <c>shell</c>.</param>
    /// <param name="peer">Whose prompt it is.</param>
    /// <param name="fetch">The command that fetches.</param>
    /// <param name="processorSeconds">What the processor that counts has worked until now.</param>
    /// <param name="configure">The command that gets an address.</param>
    /// <returns>The processor's seconds.</returns>
    /// <exception cref="ToolError">The download failed.</exception>
    public static async Task<double> MeasureAsync(
        SerialConsole serial, string peer, string fetch, Func<Task<double>> processorSeconds, string configure = "dhcp")
    {
        await TypeAsync(serial, peer, configure, $"{fetch} && echo bench: ${{none}}end || echo bench: ${{none}}failed");
        await serial.WaitForAsync(@"none\}failed");
        double before = await processorSeconds();
        await serial.SendAsync("\r");
        string last = (await serial.WaitForAsync(@"bench: (end|failed)\r*\n", TimeSpan.FromMinutes(3))).Value;
        double after = await processorSeconds();
        if (last.Contains("failed", StringComparison.Ordinal))
        {
            throw new ToolError($"{peer} could not do this: {fetch}.{serial.Tail()}");
        }

        return after - before;
    }

    /// <summary>Waits for the prompt, has it get an address, and types a command.</summary>
    /// <param name="serial">As above.</param>
    /// <param name="peer">Whose prompt it is.</param>
    /// <param name="configure">The command that gets an address.</param>
    /// <param name="command">Run at once if it ends with a carriage return.</param>
    public static async Task TypeAsync(SerialConsole serial, string peer, string configure, string command)
    {
        string prompt = peer == Peers.Ipxe ? "iPXE> " : "NetBoot> ";
        if (peer == Peers.Ipxe)
        {
            // Debian 13's runs the script; Debian 12's knows of none.
            if ((await serial.WaitForAsync("Press Ctrl-B|(?=iPXE> )")).Length > 0)
            {
                await serial.SendAsync("\x02");
            }
        }

        await serial.WaitForAsync(prompt);
        await serial.SendAsync($"{configure} && echo bench: ${{none}}ready\r"); // so that what is typed is not what is printed
        await serial.WaitForAsync($@"bench: ready[\s\S]*{prompt}");
        await serial.SendAsync(command);
    }
}
