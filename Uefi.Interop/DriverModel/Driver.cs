using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop.DriverModel;

/// <summary>
/// A driver of the UEFI driver model (UEFI 2.10, 11.1): what EFI_DRIVER_BINDING_PROTOCOL does, for every driver of ours. A driver
/// derives from <see cref="Driver{T}"/> and says which controllers it knows and how to make a <see cref="Device"/> of one.
/// </summary>
/// <remarks>
/// Bus and hybrid drivers too: a started controller may have any number of children, also none (Start with an end node), and Start
/// comes again for more of them. A fault in here takes the driver out of service: it starts nothing more, and still stops.
/// </remarks>
public abstract unsafe class Driver : FaultDomain
{
    private const uint ByDriver = EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER;
    private const uint Exclusive = EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_EXCLUSIVE;

    private StartedController? _first;

    /// <summary>The higher one is asked first. 0x10 is what the drivers of platforms have; theirs may be higher by override.</summary>
    public virtual uint Version => 0x20;

    /// <summary>
    /// Whether a started controller is held against drivers that open theirs exclusively, which takes it from whoever has it only BY_DRIVER
    /// (UEFI 2.10, 7.3.9).
    /// </summary>
    protected virtual bool IsExclusive => false;

    /// <summary>The most bytes that making a device takes of its arena: they are there before anything of it is begun.</summary>
    protected virtual int DeviceRoom => 12 * 1024;

    /// <summary>The handle of our EFI_DRIVER_BINDING_PROTOCOL: the agent of all that the driver opens.</summary>
    public EFI_HANDLE Handle { get; internal set; }

    /// <summary>Whether the controller is one that this driver knows, whoever drives it now.</summary>
    public abstract bool Recognizes(EFI_HANDLE controller);

    /// <summary>Whether the driver has started the controller, and not stopped it.</summary>
    public bool Drives(EFI_HANDLE controller) => Find(controller) is { IsComplete: true };

    /// <summary>
    /// Whether the application may ever take a controller from the driver that has it. Not so for a bus that firmware needs itself, nor where
    /// that driver could not take it back.
    /// </summary>
    public virtual bool TakesOver => true;

    /// <summary>The agent that has the controller's protocol open BY_DRIVER, this driver or another, or a null handle.</summary>
    public abstract EFI_HANDLE FindAgent(EFI_HANDLE controller);

    /// <summary>The handles that carry the protocol which the driver consumes. The caller disposes the buffer.</summary>
    public abstract PoolBuffer<EFI_HANDLE> LocateControllers();

    /// <summary>Whether the node could be of a child of this driver's devices; type and length are enough.</summary>
    protected abstract bool IsChildNode(EFI_DEVICE_PATH_PROTOCOL* node);

    private protected abstract void* OpenParent(EFI_HANDLE controller, uint attributes, out EFI_STATUS status);
    private protected abstract void CloseParent(EFI_HANDLE controller);
    private protected abstract bool Matches(EFI_HANDLE controller, void* parent);
    private protected abstract Device? CreateDevice(EFI_HANDLE controller, void* parent, out EFI_STATUS status);

    /// <summary>
    /// Opens the controller's protocol BY_CHILD_CONTROLLER for a child, which makes the child one of the controller (UEFI 2.10, 7.3.9).
    /// </summary>
    public abstract EFI_STATUS OpenForChild(EFI_HANDLE controller, EFI_HANDLE child);

    /// <summary>Undoes <see cref="OpenForChild"/>.</summary>
    public abstract EFI_STATUS CloseForChild(EFI_HANDLE controller, EFI_HANDLE child);

    /// <summary>
    /// Makes the controllers that no other driver makes: the root of a bus that is not below another one. Called when firmware knows the
    /// driver, and again after a <see cref="WithdrawRoots"/> that turned out to be in vain; what is there stays.
    /// </summary>
    public virtual EFI_STATUS PublishRoots() => EFI_STATUS.EFI_SUCCESS;

    /// <summary>Takes away what <see cref="PublishRoots"/> has made; nothing of it is started. On failure it is all there.</summary>
    public virtual EFI_STATUS WithdrawRoots() => EFI_STATUS.EFI_SUCCESS;

    /// <summary>
    /// What EFI_DRIVER_DIAGNOSTICS2_PROTOCOL tells of a controller, or of a child of it; it changes nothing. Drivers that know why they
    /// could not start a controller say so here.
    /// </summary>
    /// <param name="controller">Any controller.</param>
    /// <param name="child">A child of it, or a null handle.</param>
    /// <param name="text">What a person reads; it has fixed room, and nothing may be allocated.</param>
    /// <returns>EFI_SUCCESS: all is well; EFI_DEVICE_ERROR: it is not; EFI_UNSUPPORTED: this is none of the driver's.</returns>
    public virtual EFI_STATUS Diagnose(EFI_HANDLE controller, EFI_HANDLE child, ref TextBuilder text)
    {
        if (Find(controller) is not { IsComplete: true } started || (!child.IsNull && !started.Device!.HasChild(child)))
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        if (IsOutOfService || started.Device!.IsOutOfService)
        {
            text.Append("Out of service after a fault");
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        return started.Device!.Diagnose(child, ref text);
    }

    /// <summary>EFI_DRIVER_BINDING_PROTOCOL.Supported: quick, changes nothing, closes what it opened.</summary>
    internal EFI_STATUS Supported(EFI_HANDLE controller, EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        if (Firmware.IsExitingBootServices || !IsAcceptable(remaining))
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        StartedController? started = Find(controller);
        if (started is not null)
        {
            bool more = started.IsComplete && !IsEnd(remaining) && started.Device!.CanStartChildren(remaining);
            return more ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_ALREADY_STARTED;
        }

        void* parent = OpenParent(controller, ByDriver, out EFI_STATUS status);
        if (parent == null)
        {
            return status;
        }

        bool matches = Matches(controller, parent);
        CloseParent(controller);
        return matches ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_UNSUPPORTED;
    }

    /// <summary>EFI_DRIVER_BINDING_PROTOCOL.Start. When it fails, everything is as before.</summary>
    internal EFI_STATUS Start(EFI_HANDLE controller, EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        EFI_STATUS status = Supported(controller, remaining);
        if (status.IsError)
        {
            return status;
        }

        StartedController? started = Find(controller);
        if (started is not null)
        {
            return started.Device!.StartChildren(remaining);
        }

        Arena? arena = Arena.TryCreate(DeviceRoom);
        if (arena is null)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        using (arena.Enter())
        {
            started = new StartedController(controller, arena, _first);
            _first = started;
            status = StartDevice(started, remaining);
        }

        if (status.IsError)
        {
            UndoStart(controller);
            return status;
        }

        started.IsComplete = true;
        OnStarted(controller);
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>After a Start that succeeded, and may be undone in here: the controller can be disconnected, and can be gone.</summary>
    protected virtual void OnStarted(EFI_HANDLE controller)
    {
    }

    private EFI_STATUS StartDevice(StartedController started, EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        void* parent = OpenParent(started.Handle, IsExclusive ? ByDriver | Exclusive : ByDriver, out EFI_STATUS status);
        if (parent == null)
        {
            return status;
        }

        started.IsParentOpen = true;
        Device? device = CreateDevice(started.Handle, parent, out status);
        if (device is null)
        {
            return status.IsError ? status : EFI_STATUS.EFI_DEVICE_ERROR;
        }

        started.Device = device;
        started.ControllerName = Pool.CopyOf(device.ControllerName);
        started.ChildName = Pool.CopyOf(device.ChildName);
        if (started.ControllerName == null || started.ChildName == null)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        started.ExitBootServices = Event.Create(
            EVT.EVT_SIGNAL_EXIT_BOOT_SERVICES, device.ExitBootServicesTpl, device, device.OnExitBootServices, out status);
        if (started.ExitBootServices is null)
        {
            return status;
        }

        return IsEnd(remaining) ? EFI_STATUS.EFI_SUCCESS : device.StartChildren(remaining);
    }

    /// <summary>
    /// EFI_DRIVER_BINDING_PROTOCOL.Stop: of the children listed, or, with none listed, of the controller, with what children it still
    /// has. Also when the driver or the device is out of service, and while boot services end (see <see cref="Leave"/>).
    /// </summary>
    internal EFI_STATUS Stop(EFI_HANDLE controller, ReadOnlySpan<EFI_HANDLE> children)
    {
        StartedController? started = Find(controller);
        if (started is null || !started.IsComplete)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        if (Firmware.IsExitingBootServices)
        {
            Leave(started, children);
            return EFI_STATUS.EFI_SUCCESS;
        }

        if (children.IsEmpty)
        {
            EFI_STATUS status = started.Device!.StopChildren();
            if (!status.IsError)
            {
                Release(started);
            }

            return status;
        }

        EFI_STATUS result = EFI_STATUS.EFI_SUCCESS;
        foreach (EFI_HANDLE child in children)
        {
            if (!started.Device!.HasChild(child) || started.Device.StopChild(child).IsError)
            {
                result = EFI_STATUS.EFI_DEVICE_ERROR;
            }
        }

        return result;
    }

    /// <summary>
    /// All that Stop does once ExitBootServices has begun (edk2's XenBusDxe stops whoever is on its bus then): the device is made quiet,
    /// if that has not happened yet, and what is open is closed. A Stop that fails, or leaves something open, has firmware connect
    /// everybody again, or ask for ever. Protocols and memory stay as they are.
    /// </summary>
    private void Leave(StartedController started, ReadOnlySpan<EFI_HANDLE> children)
    {
        started.Device!.OnExitBootServices();
        foreach (EFI_HANDLE child in children)
        {
            CloseForChild(started.Handle, child);
        }

        if (children.IsEmpty)
        {
            CloseParent(started.Handle);
            Unlink(started);
        }
    }

    /// <summary>
    /// EFI_COMPONENT_NAME2_PROTOCOL.GetControllerName's answer, or null when this driver does not manage the controller, or the
    /// child is none of it. The memory is the device's.
    /// </summary>
    internal char* ControllerName(EFI_HANDLE controller, EFI_HANDLE child)
    {
        StartedController? started = Find(controller);
        if (started is null || !started.IsComplete)
        {
            return null;
        }

        if (child.IsNull)
        {
            return started.ControllerName;
        }

        if (!started.Device!.HasChild(child))
        {
            return null;
        }

        char* own = started.Device.NameOfChild(child);
        return own != null ? own : started.ChildName;
    }

    /// <summary>A controller that the driver has started, or a null handle when there is none left.</summary>
    internal EFI_HANDLE FirstStarted => _first is null ? default : _first.Handle;

    /// <summary>Gives back what a Start that failed, or a Supported or Start that a fault ended, has left.</summary>
    internal void UndoStart(EFI_HANDLE controller)
    {
        StartedController? started = Find(controller);
        if (started is null)
        {
            CloseParent(controller);
            return;
        }

        if (started.IsComplete)
        {
            return;
        }

        if (started.Device is not null && started.Device.StopChildren().IsError)
        {
            started.IsComplete = true; // Somebody holds a child: the controller stays, to be stopped later.
            return;
        }

        Release(started);
    }

    // The mirror of Start, from the last step to the first.
    private void Release(StartedController started)
    {
        started.Device?.Dispose();
        started.ExitBootServices?.Dispose();
        Pool.Free(started.ChildName);
        Pool.Free(started.ControllerName);
        Unlink(started);
        if (started.IsParentOpen)
        {
            CloseParent(started.Handle);
        }

        started.Arena.Dispose();
    }

    private void Unlink(StartedController started)
    {
        if (_first == started)
        {
            _first = started.Next;
            return;
        }

        for (StartedController? each = _first; each is not null; each = each.Next)
        {
            if (each.Next == started)
            {
                each.Next = started.Next;
            }
        }
    }

    private StartedController? Find(EFI_HANDLE controller)
    {
        for (StartedController? each = _first; each is not null; each = each.Next)
        {
            if (each.Handle == controller)
            {
                return each;
            }
        }

        return null;
    }

    private bool IsAcceptable(EFI_DEVICE_PATH_PROTOCOL* remaining) =>
        remaining == null || IsEnd(remaining) || IsChildNode(remaining);

    private static bool IsEnd(EFI_DEVICE_PATH_PROTOCOL* node) =>
        node != null && node->Type == EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE;
}

/// <summary>A driver that consumes protocol <typeparamref name="T"/> of its controllers.</summary>
public abstract unsafe class Driver<T> : Driver where T : unmanaged, IProtocol
{
    /// <summary>
    /// Whether the driver knows the controller behind this interface. It is quick and only reads (configuration space, an instance's
    /// type), for another driver may be using the controller.
    /// </summary>
    protected abstract bool Matches(T* parent);

    /// <summary>As <see cref="Matches(T*)"/>, for drivers that look at what else the handle carries (a device path) too.</summary>
    protected virtual bool Matches(EFI_HANDLE controller, T* parent) => Matches(parent);

    /// <summary>
    /// Makes the device of a controller that <see cref="Matches(T*)"/>, in the device's arena, without children. The interface is open
    /// BY_DRIVER until after the device is disposed.
    /// </summary>
    /// <param name="controller">The controller.</param>
    /// <param name="parent">Its protocol.</param>
    /// <param name="status">Why there is no device: an error, with nothing left behind.</param>
    protected abstract Device? CreateDevice(EFI_HANDLE controller, T* parent, out EFI_STATUS status);

    /// <inheritdoc/>
    public sealed override bool Recognizes(EFI_HANDLE controller)
    {
        T* parent = Firmware.Get<T>(controller);
        return parent != null && Matches(controller, parent);
    }

    /// <inheritdoc/>
    public sealed override EFI_HANDLE FindAgent(EFI_HANDLE controller) => Controllers.FindDriver<T>(controller);

    /// <inheritdoc/>
    public sealed override PoolBuffer<EFI_HANDLE> LocateControllers() => Firmware.LocateHandles<T>();

    /// <inheritdoc/>
    public sealed override EFI_STATUS OpenForChild(EFI_HANDLE controller, EFI_HANDLE child)
    {
        Firmware.Open<T>(
            controller, Handle, child, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER, out EFI_STATUS status);
        return status;
    }

    /// <inheritdoc/>
    public sealed override EFI_STATUS CloseForChild(EFI_HANDLE controller, EFI_HANDLE child) =>
        Firmware.Close<T>(controller, Handle, child);

    private protected sealed override void* OpenParent(EFI_HANDLE controller, uint attributes, out EFI_STATUS status) =>
        Firmware.Open<T>(controller, Handle, controller, attributes, out status);

    private protected sealed override void CloseParent(EFI_HANDLE controller) =>
        Firmware.Close<T>(controller, Handle, controller);

    private protected sealed override bool Matches(EFI_HANDLE controller, void* parent) => Matches(controller, (T*)parent);

    private protected sealed override Device? CreateDevice(EFI_HANDLE controller, void* parent, out EFI_STATUS status) =>
        CreateDevice(controller, (T*)parent, out status);
}
