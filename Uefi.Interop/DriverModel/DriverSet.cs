using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop.DriverModel;

/// <summary>
/// The drivers of one image, as firmware sees them: a driver image's for as long as it is loaded, the application's while it runs. They hear
/// here that boot services end, also those that have no device.
/// </summary>
public sealed unsafe class DriverSet : FaultDomain
{
    private readonly Driver[] _drivers;
    private readonly DriverBinding?[] _bindings;
    private readonly EFI_HANDLE[] _handles;
    private Event? _exitBootServices;

    /// <param name="drivers">At least one; they live in the arena of the set, or in one that lives longer.</param>
    public DriverSet(Driver[] drivers)
    {
        _drivers = drivers;
        _bindings = new DriverBinding?[drivers.Length];
        _handles = new EFI_HANDLE[drivers.Length];
    }

    /// <inheritdoc/>
    public override string Name => "drivers";

    /// <summary>The handles of the installed drivers, for <see cref="Controllers.Connect"/>.</summary>
    public EFI_HANDLE[] Handles => _handles;

    /// <summary>
    /// Makes the drivers known to firmware: the first on the image's own handle, the others on new ones. Nothing is connected yet. On
    /// failure nothing is left. It allocates from the current arena.
    /// </summary>
    public EFI_STATUS Install()
    {
        _exitBootServices = Event.Create(
            EVT.EVT_SIGNAL_EXIT_BOOT_SERVICES, EFI_TPL.TPL_NOTIFY, this, OnExitBootServices, out EFI_STATUS eventStatus);
        if (_exitBootServices is null)
        {
            return eventStatus;
        }

        for (int i = 0; i < _drivers.Length; i++)
        {
            DriverBinding? binding = DriverBinding.Create(_drivers[i]);
            EFI_STATUS status = binding is null
                ? EFI_STATUS.EFI_OUT_OF_RESOURCES
                : binding.Install(i == 0 ? Firmware.ImageHandle : default);
            if (status.IsError)
            {
                binding?.Free();
                Uninstall();
                return status;
            }

            _bindings[i] = binding;
            _handles[i] = _drivers[i].Handle;
        }

        foreach (Driver driver in _drivers)
        {
            EFI_STATUS status = driver.PublishRoots();
            if (status.IsError)
            {
                Uninstall();
                return status;
            }
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>
    /// Stops every controller that the drivers have started, and takes the drivers away. Either all of it happens, or, when somebody
    /// will not let a controller or a driver go, the drivers stay, and firmware connects again what was disconnected. Once ExitBootServices
    /// has begun they stay.
    /// </summary>
    public EFI_STATUS Uninstall()
    {
        if (Firmware.IsExitingBootServices)
        {
            return EFI_STATUS.EFI_ACCESS_DENIED;
        }

        EFI_STATUS status = StopAll();
        for (int i = _drivers.Length; i-- > 0 && !status.IsError;)
        {
            status = _drivers[i].WithdrawRoots();
        }

        for (int i = _bindings.Length; i-- > 0 && !status.IsError;)
        {
            status = _bindings[i] is null ? EFI_STATUS.EFI_SUCCESS : _bindings[i]!.Uninstall();
            if (status.IsError)
            {
                while (++i < _bindings.Length)
                {
                    _bindings[i]?.Install(_handles[i]);
                }
            }
        }

        if (status.IsError)
        {
            foreach (Driver driver in _drivers)
            {
                driver.PublishRoots();
            }

            ReconnectAll();
            return status;
        }

        for (int i = 0; i < _bindings.Length; i++)
        {
            _bindings[i]?.Free();
            _bindings[i] = null;
        }

        _exitBootServices?.Dispose();
        _exitBootServices = null;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>
    /// Has firmware connect whatever the drivers know: it decides who drives what, ours among all while they are installed.
    /// </summary>
    public void ReconnectAll()
    {
        foreach (Driver driver in _drivers)
        {
            using PoolBuffer<EFI_HANDLE> controllers = driver.LocateControllers();
            foreach (EFI_HANDLE controller in controllers.Span)
            {
                if (driver.Recognizes(controller))
                {
                    Controllers.Connect(controller, default, recursive: true);
                }
            }
        }
    }

    private void OnExitBootServices() => Firmware.IsExitingBootServices = true;

    // Until none has anything: what one stops may give a controller back (an emulated NIC), which another one of ours then gets.
    private EFI_STATUS StopAll()
    {
        for (Driver? driver = FindBusy(); driver is not null; driver = FindBusy())
        {
            EFI_HANDLE controller = driver.FirstStarted;
            EFI_STATUS status = Controllers.Disconnect(controller, driver.Handle);
            if (status.IsError || driver.FirstStarted == controller)
            {
                return status.IsError ? status : EFI_STATUS.EFI_ACCESS_DENIED;
            }
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    private Driver? FindBusy()
    {
        foreach (Driver driver in _drivers)
        {
            if (!driver.FirstStarted.IsNull)
            {
                return driver;
            }
        }

        return null;
    }
}
