using System;
using NetBoot.NicDrivers;
using NetBoot.Tests.Models.Devices;
using static NetBoot.Tests.Fuzz.Drivers.NicClient;

namespace NetBoot.Tests.Fuzz.Drivers;

/// <summary>The driver of a NIC whose input is steps: a byte that names a <see cref="Request"/> or, behind those, what the device does.</summary>
internal abstract class NicTarget : FuzzTarget
{
    /// <summary>The first of the device's steps.</summary>
    protected const byte FirstStep = (byte)Request.Count;

    /// <summary>No driver waits longer than this for one thing that it is asked for, its start among them, in microseconds.</summary>
    protected abstract ulong LongestWait { get; }

    /// <summary>Takes the input's steps, to its end. The driver is started by the first request, and stopped at the end.</summary>
    /// <param name="reader">The input.</param>
    /// <param name="restart">The last step that there is, which stops the driver: the next request starts it again.</param>
    /// <param name="start">Starts the driver; null when it would not.</param>
    /// <param name="act">What the device does.</param>
    /// <param name="after">What is looked at after each step, and at the end.</param>
    protected void RunSteps(FuzzReader reader, byte restart, Func<Nic?> start, Action<byte> act, Action? after = null)
    {
        Nic? nic = null;
        NicClient? client = null;
        while (!reader.IsEmpty)
        {
            byte step = (byte)(reader.Byte() % (restart + 1));
            ulong before = DeviceFirmware.Waited;
            if (step == restart)
            {
                nic?.Dispose();
                (nic, client) = (null, null);
            }
            else if (step >= FirstStep)
            {
                act(step);
            }
            else
            {
                nic ??= start();
                client ??= nic is null ? null : Open(nic);
                client?.Do((Request)step, reader);
            }

            ulong waited = DeviceFirmware.Waited - before;
            FuzzFinding.Unless(waited <= LongestWait, $"step {step} waited for {waited} microseconds");
            after?.Invoke();
        }

        nic?.Dispose();
        after?.Invoke();
    }

    private static NicClient Open(Nic nic)
    {
        NicClient client = new(nic);
        client.Open();
        return client;
    }
}
