using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Sockets;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Network;

/// <summary>Writes down what a connection tells its owner.</summary>
public sealed class RecordingTcpHandler : StreamHandler
{
    public bool IsConnected { get; private set; }
    public List<byte> Data { get; } = [];
    public int DataCalls { get; private set; }
    public int ClosedCalls { get; private set; }
    public bool IsClosed => ClosedCalls > 0;
    public Error? Error { get; private set; }
    public Action? Connected { get; set; }
    public Action? DataArrived { get; set; }
    public Action? Closed { get; set; }

    public override void OnConnected()
    {
        IsConnected = true;
        Connected?.Invoke();
    }

    public override void OnData(ReadOnlySpan<byte> data)
    {
        DataCalls++;
        Data.AddRange(data);
        DataArrived?.Invoke();
    }

    public override void OnClosed(Error? error)
    {
        ClosedCalls++;
        Error = error;
        Closed?.Invoke();
    }
}
