using System;
using System.Linq;
using System.Runtime.InteropServices;
using NetBoot.Tests.Models.Devices;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Nics;

/// <summary>
/// A card with its driver on simulated firmware, and a client of its SNP. Each call has to end in time; at the end, nothing may be left
/// behind.
/// </summary>
internal sealed unsafe class DrivenCard : IDisposable
{
    private const int FrameSize = 100;
    private const int BufferSize = 2048;

    // A card that reads as zeros does not tell that it is gone: a wait for it takes its time, in steps of 10 us.
    private const int MaximumAccesses = 150_000;
    private static readonly TimeSpan s_maximumTime = TimeSpan.FromSeconds(1.5);

    private readonly SimulatedFirmware _firmware = new();
    private readonly SimulatedNic _card;
    private readonly EFI_HANDLE _controller;
    private readonly Footprint _footprint;
    private readonly DriverSet _drivers;
    private readonly byte* _buffer = (byte*)NativeMemory.AllocZeroed(BufferSize);

    public DrivenCard(SimulatedNic card, Driver driver)
    {
        _card = card;
        _card.Clock = () => (ulong)_firmware.Elapsed.TotalMicroseconds;
        _controller = _firmware.Install(_firmware.CreateController(SimulatedPath.Pci(3)), card.Protocol);
        _footprint = new Footprint(_firmware);
        _drivers = new DriverSet([driver]);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, _drivers.Install());
    }

    private EFI_SIMPLE_NETWORK_PROTOCOL* Network => _firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(_firmware.Children(_controller)[0]);

    public void Dispose()
    {
        if (!_firmware.HasExitedBootServices)
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, _drivers.Uninstall());
            _footprint.ExpectUnchanged("The driver");
        }

        NativeMemory.Free(_buffer);
        _firmware.Dispose();
    }

    /// <summary>To the state that a call is made for, with a frame received and one sent where that can be.</summary>
    public void Prepare(NicCall call)
    {
        NicCall[] before = call switch
        {
            NicCall.Connect => [],
            NicCall.Start => [NicCall.Connect],
            NicCall.Initialize or NicCall.Stop => [NicCall.Connect, NicCall.Start],
            _ => [NicCall.Connect, NicCall.Start, NicCall.Initialize, NicCall.ReceiveFilters, NicCall.Transmit],
        };
        foreach (NicCall each in before)
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, Make(each));
        }

        Assert.Equal(before.Contains(NicCall.Initialize), _card.Receive(Frame()));
    }

    /// <summary>Makes a call, whose status has to be one that its specification has for a NIC that has failed, or does not know it yet.</summary>
    public EFI_STATUS Call(NicCall call)
    {
        TimeSpan before = _firmware.Elapsed;
        int accesses = _card.RegisterReads + _card.RegisterWrites;
        EFI_STATUS status = Make(call);
        bool isDocumented = status == EFI_STATUS.EFI_DEVICE_ERROR || call switch
        {
            NicCall.Connect => status == EFI_STATUS.EFI_SUCCESS || status == EFI_STATUS.EFI_NOT_FOUND,
            NicCall.NvData => status == EFI_STATUS.EFI_UNSUPPORTED,
            NicCall.Transmit or NicCall.Receive or NicCall.WaitForPacket => status == EFI_STATUS.EFI_SUCCESS || status == EFI_STATUS.EFI_NOT_READY,
            _ => status == EFI_STATUS.EFI_SUCCESS,
        };
        Assert.True(isDocumented, $"{call}: status {status.Value:x}");
        Assert.InRange(_card.RegisterReads + _card.RegisterWrites - accesses, 0, MaximumAccesses);
        Assert.InRange(_firmware.Elapsed - before, TimeSpan.Zero, s_maximumTime);
        return status;
    }

    /// <summary>A client that does not know yet: it goes on, learns that there is no link, resets, gives up, and tries once more.</summary>
    public void GoOn()
    {
        if (_firmware.HasExitedBootServices || _firmware.Children(_controller).Count == 0)
        {
            return;
        }

        if (Network->Mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized)
        {
            for (int i = 0; i < 300; i++)
            {
                Call(NicCall.Transmit);
                Call(NicCall.GetStatus);
                Call(NicCall.WaitForPacket);
                Call(NicCall.Receive);
            }

            Assert.Equal(Network->Mode->MediaPresentSupported != 0 ? 0 : 1, Network->Mode->MediaPresent);
            for (NicCall call = NicCall.ReceiveFilters; call < NicCall.Reset; call++)
            {
                Call(call);
            }

            Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, Call(NicCall.Reset));
        }

        if (Network->Mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped)
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, Call(NicCall.Start));
        }

        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, Call(NicCall.Initialize));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Call(NicCall.Stop));
    }

    private byte[] Frame()
    {
        byte[] frame = new byte[FrameSize];
        frame.AsSpan(0, 6).Fill(0xFF);
        return frame;
    }

    private EFI_STATUS Make(NicCall call)
    {
        switch (call)
        {
            case NicCall.Connect:
                return _firmware.Connect(_controller);
            case NicCall.Disconnect:
                return _firmware.Disconnect(_controller);
            case NicCall.ExitBootServices:
                return _firmware.ExitBootServices();
            default:
                break;
        }

        const uint UnicastAndBroadcast =
            EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST | EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST;
        EFI_SIMPLE_NETWORK_PROTOCOL* network = Network;
        EFI_MAC_ADDRESS address = network->Mode->PermanentAddress;
        EFI_NETWORK_STATISTICS statistics;
        EFI_IP_ADDRESS group = default;
        *(byte*)&group = 0xE0;
        nuint size = call == NicCall.Statistics ? (nuint)sizeof(EFI_NETWORK_STATISTICS) : BufferSize;
        uint interrupts;
        void* sent;
        Frame().CopyTo(new Span<byte>(_buffer, BufferSize));
        return call switch
        {
            NicCall.Start => network->Start(network),
            NicCall.Initialize => network->Initialize(network, 0, 0),
            NicCall.ReceiveFilters => network->ReceiveFilters(network, UnicastAndBroadcast, 0, 0, 0, null),
            NicCall.StationAddress => network->StationAddress(network, 0, &address),
            NicCall.Statistics => network->Statistics(network, 0, &size, &statistics),
            NicCall.MCastIpToMac => network->MCastIpToMac(network, 0, &group, &address),
            NicCall.NvData => network->NvData(network, 1, 0, 2, _buffer),
            NicCall.Transmit => network->Transmit(network, 0, FrameSize, _buffer, null, null, null),
            NicCall.GetStatus => network->GetStatus(network, &interrupts, &sent),
            NicCall.WaitForPacket => _firmware.BootServices->CheckEvent(network->WaitForPacket),
            NicCall.Receive => network->Receive(network, null, &size, _buffer, null, null, null),
            NicCall.Reset => network->Reset(network, 0),
            NicCall.Shutdown => network->Shutdown(network),
            NicCall.Stop => network->Stop(network),
            _ => throw new ArgumentOutOfRangeException(nameof(call)),
        };
    }
}
