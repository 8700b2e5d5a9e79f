using System;
using System.Linq;
using NetBoot.BusDrivers.Xen;
using NetBoot.NicDrivers.Netfront;
using NetBoot.NicDrivers.Twins;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Models.Xen;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>Network interfaces that are not there from the beginning, or not to the end.</summary>
[Collection("Firmware")]
public sealed unsafe class NetfrontPlugTests : IDisposable
{
    private readonly SimulatedFirmware _firmware = new();
    private readonly SimulatedXen _xen;
    private readonly Footprint _footprint;
    private readonly DriverSet _drivers;

    public NetfrontPlugTests()
    {
        _xen = new SimulatedXen(_firmware);
        _footprint = new Footprint(_firmware);
        TwinDriver twins = new();
        _drivers = new DriverSet([twins, new TwinNetworkDriver(twins), new XenBusDriver(), new NetfrontDriver(twins)]);
        Assert.True(_drivers.Install().IsSuccess);
    }

    public void Dispose()
    {
        Assert.True(_drivers.Uninstall().IsSuccess);
        _footprint.ExpectUnchanged("The drivers");
        Assert.Empty(_xen.Grants.Granted);
        Assert.Empty(_xen.Channels.Open);
        Assert.Empty(_xen.Store.GuestWatches);
        _xen.Dispose();
        _firmware.Dispose();
    }

    private void Connect() => _firmware.Connect(_xen.Controller, recursive: true);

    private void Wait(double seconds = 1) => _firmware.Advance(TimeSpan.FromSeconds(seconds));

    private EFI_HANDLE Network => _firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>().SingleOrDefault();

    private SnpClient Open()
    {
        SnpClient client = new(_firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(Network));
        client.Start();
        client.Initialize();
        client.ReceiveFilters(8, 0);
        return client;
    }

    private static void ExpectTraffic(SnpClient client, SimulatedNetback back)
    {
        byte[] frame = new byte[300];
        new Random(1).NextBytes(frame);
        Assert.True(client.Transmit(frame, out _).IsSuccess);
        Assert.Equal(frame, back.Sent[^1]);
        Assert.True(back.Receive(frame));
        Assert.True(client.Receive(out byte[] received).IsSuccess);
        Assert.Equal(frame, received);
    }

    [Theory]
    [InlineData(NetbackKind.Linux)]
    [InlineData(NetbackKind.Qemu)]
    public void Interface_ThatIsAttached_Works_AndGoesWhenItIsDetached_AlsoWhileReceiving(NetbackKind kind)
    {
        Connect();
        for (int i = 0; i < 30; i++)
        {
            SimulatedNetback back = new(_xen, kind: kind);
            Wait();
            using (SnpClient client = Open())
            {
                ExpectTraffic(client, back);
                for (int frame = 0; frame < 20; frame++)
                {
                    Assert.True(back.Receive(new byte[60]));
                }

                back.Detach();
                for (int poll = 0; poll < 100 && !Network.IsNull; poll++)
                {
                    client.Receive(out _);
                    Wait(0.1);
                }
            }

            Assert.True(Network.IsNull);
            Assert.False(back.IsConnected);
            Assert.Empty(back.Nodes.FrontendNames);
            Assert.Empty(_xen.Grants.Granted);
            Assert.Empty(_xen.Channels.Open);
        }
    }

    [Theory]
    [InlineData(NetbackKind.Linux)]
    [InlineData(NetbackKind.Qemu)]
    public void Interface_WhoseBackendComesLater_HasNoLinkUntilThen(NetbackKind kind)
    {
        SimulatedNetback back = new(_xen, kind: kind) { IsAsleep = true };
        back.Nodes.BackendState = SimulatedNetback.Initialising;
        Connect();
        using SnpClient client = new(_firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(Network));
        client.Start();
        Assert.True(client.Initialize().IsError);
        back.IsAsleep = false;
        back.Nodes.BackendState = SimulatedNetback.InitWait;
        back.Follow();
        Assert.True(client.Initialize().IsSuccess);
        client.ReceiveFilters(8, 0);
        ExpectTraffic(client, back);
    }

    /// <summary>The backend's domain dies, and the toolstack takes both ends away, at the nth thing that the guest asks the store.</summary>
    [Theory]
    [InlineData(NetbackKind.Linux)]
    [InlineData(NetbackKind.Qemu)]
    public void Interface_ThatIsTornAway_InTheMiddleOfAnything_LeavesNothing(NetbackKind kind)
    {
        Connect();
        bool isTorn = true;
        for (int nth = 0; isTorn; nth++)
        {
            SimulatedNetback back = new(_xen, kind: kind);
            int requests = 0;
            isTorn = false;
            _xen.Store.Fail = _ =>
            {
                if (requests++ == nth)
                {
                    isTorn = true;
                    back.Vanish();
                    back.Nodes.Remove();
                }

                return null;
            };
            TimeSpan before = _firmware.Elapsed;
            Wait();
            Use(back);
            Assert.InRange(_firmware.Elapsed - before, TimeSpan.Zero, TimeSpan.FromSeconds(30));
            _xen.Store.Fail = null;
            if (!isTorn)
            {
                back.Vanish();
                back.Nodes.Remove();
            }

            Wait(2);
            Assert.True(Network.IsNull);
            Assert.Empty(_xen.Grants.Granted);
            Assert.Empty(_xen.Channels.Open);
        }
    }

    // As long as it is there: it may go with each call.
    private void Use(SimulatedNetback back)
    {
        byte[] frame = new byte[60];
        Action<SnpClient>[] calls =
        [
            client => client.Start(),
            client => client.Initialize(),
            client => client.ReceiveFilters(8, 0),
            client => client.Transmit(frame, out _),
            _ => back.Receive(frame),
            client => client.Receive(out _),
            client => client.Reset(),
            client => client.Shutdown(),
            client => client.Stop(),
        ];
        SnpClient? client = null;
        foreach (Action<SnpClient> call in calls)
        {
            if (!Network.IsNull)
            {
                client ??= new SnpClient(_firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(Network));
                call(client);
            }
        }

        client?.Dispose();
    }
}
