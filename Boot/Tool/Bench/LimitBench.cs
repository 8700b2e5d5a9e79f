using System;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Bench;

/// <summary>
/// The most that any stack on our driver could reach: full frames that the tests' agent takes from SNP and drops, while this process sends as fast
/// as QEMU takes them. What it costs the guest to wait for them does not count.
/// </summary>
internal static class LimitBench
{
    private const int FrameSize = 1514;

    /// <summary>What a segment with timestamps carries of a file: so a limit is compared with a download.</summary>
    private const int FileBytes = 1448;

    /// <summary>How often the agent wakes up for nothing.</summary>
    private const int WakeUps = 100;

    /// <summary>As tables and <c>--only</c> say it.</summary>
    public static string Name(CardFamily family) => $"limit {family.Image}";

    /// <returns>MiB of a file that such frames would carry, for each second of the guest's processor.</returns>
    /// <exception cref="ToolError">The agent failed.</exception>
    public static async Task<double> MeasureAsync(CardFamily family)
    {
        int frames = (2 * family.BenchSize << 20) / FileBytes;
        using TemporaryDirectory directory = new();
        string path = directory.Combine("frames");
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        SystemPartition partition = new(Architecture.X64, directory.CreateDirectory("esp"));
        partition.Add(Repository.Image(Architecture.X64, "agent.efi"), "agent.efi");
        partition.AddDriver(Repository.Image(Architecture.X64, family.Image + ".efi"));
        await using VirtualMachine machine = await VirtualMachine.StartAsync(new VirtualMachineOptions
        {
            SystemPartition = partition.Root,
            Variables = store =>
            {
                partition.WriteVariables(store);
                store.AddBoot("agent", MachinePath.VirtualFatPartition().FilePath(@"\agent.efi"), $"drop {frames}");
            },
            Nics = [new GuestNic { Model = family.Cards[0].Device, Network = new FrameSource(path) }],
            Limit = TimeSpan.FromMinutes(4),
        });
        using Socket peer = await listener.AcceptAsync();
        _ = ReadAsync(peer);
        await machine.Serial.WaitForAsync("agent: wakes up for nothing");
        double before = await machine.ProcessorSecondsAsync();
        await machine.Serial.WaitForAsync("agent: drops from now on");
        double wakeUp = (await machine.ProcessorSecondsAsync() - before) / WakeUps;
        Task sending = SendAsync(peer);
        await machine.Serial.WaitForAsync("agent: begins");
        before = await machine.ProcessorSecondsAsync();
        GroupCollection end = (await machine.Serial.WaitForAsync(@"agent: ends with (\d+) frames of (\d+) times", TimeSpan.FromMinutes(3))).Groups;
        double seconds = await machine.ProcessorSecondsAsync() - before - (int.Parse(end[2].Value) * wakeUp);
        peer.Dispose();
        await sending;
        return double.Parse(end[1].Value) * FileBytes / (1 << 20) / seconds;
    }

    private static async Task SendAsync(Socket peer)
    {
        const int count = 256;
        byte[] frames = new byte[count * (4 + FrameSize)];
        for (int i = 0; i < count; i++)
        {
            Span<byte> frame = frames.AsSpan(i * (4 + FrameSize), 4 + FrameSize);
            BinaryPrimitives.WriteInt32BigEndian(frame, FrameSize);
            MacText.Numbered(0).Bytes.CopyTo(frame[4..]);
            frame[10] = 0x02; // from a station that is nobody's
            BinaryPrimitives.WriteUInt16BigEndian(frame[16..], 0x88B5); // IEEE 802: for local experiments
        }

        await Task.Yield();
        try
        {
            while (true)
            {
                await peer.SendAsync(frames);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It has had enough.
        }
    }

    /// <summary>What the firmware says to the network meanwhile.</summary>
    private static async Task ReadAsync(Socket peer)
    {
        byte[] buffer = new byte[65536];
        try
        {
            while (await peer.ReceiveAsync(buffer) > 0)
            {
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The machine is gone.
        }
    }

    private sealed class FrameSource(string path) : NetworkBackend
    {
        public override string Arguments => FrameSocket.Arguments(path);
    }
}
