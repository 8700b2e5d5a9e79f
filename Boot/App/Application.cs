using System;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Platforms;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.NetworkStack.Sockets;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>The boot application: what its images' entry points call.</summary>
public sealed unsafe class Application : FaultDomain
{
    /// <summary>For the end, which must come when there is no memory left too: drivers are taken away then. In bytes.</summary>
    private const int EndRoom = 32 * 1024;

    private Application()
    {
    }

    public override string Name => "NetBoot";

    /// <summary>Runs the app to its end.</summary>
    /// <param name="image">As firmware gave it.</param>
    /// <param name="table">As firmware gave it.</param>
    /// <param name="createDrivers">Makes the drivers inside the image; null for an image that uses the SNPs that are there.</param>
    /// <returns>What the script or the shell ended with; never a success for the firmware's boot manager.</returns>
    public static EFI_STATUS Main(EFI_HANDLE image, EFI_SYSTEM_TABLE* table, delegate*<Driver[]> createDrivers)
    {
        if (!Firmware.Initialize(image, table))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Arena? last = Arena.TryCreate(EndRoom);
        if (last is null)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        MainArguments arguments = new() { CreateDrivers = createDrivers, Last = last };
        using (last.Enter())
        {
            arguments.Application = new Application();
        }

        EFI_STATUS status = FirmwareEntry.Run(arguments.Application, 0, ref arguments, &Run);

        // After a fault too: the firmware frees the image when it returns, and must find none of its functions installed.
        FirmwareEntry.Undo(arguments.Application, 0, ref arguments, &CloseSession);
        FirmwareEntry.Undo(arguments.Application, 0, ref arguments, &Disconnect);
        arguments.Arena?.Dispose();
        last.Dispose();
        return status;
    }

    private struct MainArguments
    {
        public Application Application;
        public Arena Last;
        public Arena? Arena;
        public delegate*<Driver[]> CreateDrivers;
        public NetworkSetup? Setup;
        public Session? Session;
    }

    private static EFI_STATUS Run(ref MainArguments arguments)
    {
        arguments.Arena = Arena.Create();
        using (arguments.Arena.Enter())
        {
            EFI_LOADED_IMAGE_PROTOCOL* loaded = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(Firmware.ImageHandle);
            if (loaded == null)
            {
                return EFI_STATUS.EFI_UNSUPPORTED;
            }

            BootOrigin origin = BootOrigin.Find(loaded);
            Driver[] drivers = arguments.CreateDrivers == null ? [] : arguments.CreateDrivers();
            bool takesAll = Hypervisor.IsPresent(FirmwarePlatform.ReadSmbios(out _));
            NetworkSetup setup = new(drivers.Length == 0 ? null : new DriverSet(drivers), drivers, takesAll);
            arguments.Setup = setup;
            FirmwareTerminal terminal = new(Firmware.SystemTable);
            Error? error = setup.Connect(terminal);
            if (error is not null)
            {
                terminal.WriteLine(error.Message);
            }

            FirmwarePlatform platform = new(loaded, setup, arguments.Application);
            Network network = new(FirmwareEntropy.CreateRandomSource());
            Session session = new(platform, terminal, new FirmwareEventLoop(terminal, network), network);
            platform.Session = session;
            arguments.Session = session;
            session.WorkingUri.Set(origin.Uri);
            session.OwnUri.Set(origin.Uri);
            NetworkSetup.AddInterfaces(session, origin.Mac, origin.VlanId);
            UseLease(session, origin);
            ReadOnlySpan<byte> own = new(loaded->ImageBase, (int)Math.Min(loaded->ImageSize, int.MaxValue));
            session.UseImage(own);
            byte[] script = EmbeddedSection.Find(own, EmbeddedSection.Script).ToArray();
            EFI_STATUS status = new StartUp(session, origin.CommandLine, script) { Family = origin.Family }.Run();
            session.San.End();
            session.FlushLog();
            return Leave(loaded, status);
        }
    }

    /// <summary>
    /// What the app's parent gets. Where that is the firmware's boot manager, for which there is no handle (UEFI 2.10, 9.1.1), a success becomes a failure:
    /// after a success boot managers show their menu (UEFI 2.10, 3.1.1), and what scripts mean by "exit" is the next boot option.
    /// </summary>
    private static EFI_STATUS Leave(EFI_LOADED_IMAGE_PROTOCOL* loaded, EFI_STATUS status) =>
        status.IsSuccess && loaded->ParentHandle.IsNull ? EFI_STATUS.EFI_NOT_FOUND : status;

    private static EFI_STATUS CloseSession(ref MainArguments arguments)
    {
        if (arguments.Session is Session session)
        {
            using (arguments.Last.Enter())
            {
                session.Terminal.Restore();
                session.San.Dispose();
                foreach (BootInterface bootInterface in session.Interfaces)
                {
                    bootInterface.Close();
                }

                session.Dispose();
            }
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    private static EFI_STATUS Disconnect(ref MainArguments arguments)
    {
        using (arguments.Last.Enter())
        {
            arguments.Setup?.Disconnect();
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>
    /// Goes on with the lease of the firmware's PXE: no server is asked again for what it just gave. One for another NIC is left alone.
    /// </summary>
    private static void UseLease(Session session, BootOrigin origin)
    {
        if (origin.Lease is not DhcpLease lease)
        {
            return;
        }

        BootInterface? bootInterface = session.Interfaces.Count > 0 ? session.Interfaces[0] : null;
        if (bootInterface is null || origin.Mac is not MacAddress mac || bootInterface.Interface.Link.Address != mac ||
            lease.Ack.MacAddress != mac || session.Open(bootInterface) is not null ||
            lease.ApplyTo(bootInterface.Interface) is not null)
        {
            lease.Dispose();
            return;
        }

        if (origin.ClientIdentifier is byte[] identifier)
        {
            DhcpOptions options = session.DescribeClient(bootInterface, 0, wantsBootFile: false);
            options.ClientIdentifier = identifier;
            bootInterface.Dhcp!.Adopt(session.EventLoop, options);
        }
    }
}
