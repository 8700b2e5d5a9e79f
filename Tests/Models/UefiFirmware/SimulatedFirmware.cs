using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>
/// UEFI firmware inside the test's process: real tables in unmanaged memory, whose services keep a handle database, drivers, events on a
/// virtual clock, memory with accounting, and images. The product's own code runs on it as it does in a machine. What no status tells
/// (a TPL too high, memory freed twice, a Supported that leaves something open) is kept in <see cref="Violations"/>; those that
/// the test has not taken make <see cref="Dispose"/> throw.
/// </summary>
/// <remarks>
/// There is one at a time in a process: tests that use it carry <c>[Collection("Firmware")]</c>. Not simulated, with null in the tables:
/// the two variadic services, InstallMultipleProtocolInterfaces and its counterpart, which C# can neither call nor be.
/// </remarks>
public sealed unsafe class SimulatedFirmware : IDisposable
{
    private readonly List<nint> _own = [];
    private readonly List<ObjectReference> _references = [];
    private readonly List<string> _violations = [];
    private readonly List<SimulatedReset> _resets = [];
    private ulong? _watchdog;
    private bool _isInSurroundings;

    /// <summary>Starts the firmware, and gives its tables to the product (<see cref="Firmware.Initialize"/>).</summary>
    /// <param name="memory">The size of what AllocatePages can give, in bytes.</param>
    public SimulatedFirmware(ulong memory = 512 << 20)
    {
        Current?.Free(); // A test that failed has left it behind.
        Current = this;
        Memory = new SimulatedMemory(this, memory);
        Events = new EventServices(this);
        Handles = new HandleDatabase(this);
        Connector = new DriverConnector(this);
        Images = new ImageServices(this);
        ServiceTables.Reset();
        Console = new SimulatedConsole(this);
        ServiceTables.SetConsole(Console);
        Image = Images.Create(default, default, [], [], []);
        Image.IsStarted = true;
        ServiceTables.UpdateChecksums();
        if (!Firmware.Initialize(Image.Handle, SystemTable))
        {
            throw new InvalidOperationException("The product does not take the tables.");
        }

        Machine.Counter = ReadCounter;
    }

    /// <summary>The firmware that there is; null when it was disposed.</summary>
    public static SimulatedFirmware? Current { get; private set; }

    internal SimulatedMemory Memory { get; }
    internal EventServices Events { get; }
    internal HandleDatabase Handles { get; }
    internal DriverConnector Connector { get; }
    internal ImageServices Images { get; }

    public EFI_SYSTEM_TABLE* SystemTable => ServiceTables.System;
    public EFI_BOOT_SERVICES* BootServices => ServiceTables.Boot;
    public EFI_RUNTIME_SERVICES* RuntimeServices => ServiceTables.Runtime;

    /// <summary>The image that the product's code runs as.</summary>
    public SimulatedImage Image { get; }

    public EFI_HANDLE ImageHandle => Image.Handle;
    public SimulatedConsole Console { get; }
    public SimulatedVariables Variables { get; } = new();

    // What went wrong

    /// <summary>What the product has done that it must not do.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>The violations that a test has provoked; from then on they are forgotten.</summary>
    public IReadOnlyList<string> TakeViolations()
    {
        string[] taken = [.. _violations];
        _violations.Clear();
        return taken;
    }

    internal void Violate(string what) => _violations.Add(what);

    /// <summary>Lets a service fail: it is asked before each one, by name, and an error that it returns is the service's answer.</summary>
    public Func<string, EFI_STATUS>? Intercept { get; set; }

    /// <summary>How many more allocations of pool and pages succeed.</summary>
    public int AllocationsLeft { get; set; } = int.MaxValue;

    /// <summary>How often firmware was called, a service or the console.</summary>
    public int CallCount { get; private set; }

    // Memory

    /// <summary>Blocks of pool that are allocated; what the firmware keeps for itself does not count.</summary>
    public int AllocatedPools => Memory.PoolCount;

    /// <summary>In bytes.</summary>
    public ulong AllocatedPoolBytes => Memory.PoolBytes;
    public ulong AllocatedPages => Memory.PageCount;
    public ulong FreePages => Memory.FreePageCount;

    /// <summary>A line for each allocation that nobody has freed; with the stack when <see cref="TracesAllocations"/>.</summary>
    public IReadOnlyList<string> Leaks => [.. Memory.Leaks];

    /// <summary>Whether allocations remember their stack; slow.</summary>
    public bool TracesAllocations { get; set; }

    /// <summary>Whether a range is inside of one allocation, of pages or pool.</summary>
    public bool IsAllocated(ulong address, ulong size) => Memory.IsAllocated(address, size);

    /// <summary>The type of the allocated page at an address; null when it is free, or not the firmware's.</summary>
    public EFI_MEMORY_TYPE? MemoryTypeOf(ulong address) => Memory.TypeOf(address);

    internal bool TakeAllocation()
    {
        if (IsExitingBootServices)
        {
            Violate("Memory was allocated in a notification of ExitBootServices");
        }

        return AllocationsLeft > 0 && AllocationsLeft-- > 0;
    }

    // Handles and drivers

    public int HandleCount => Handles.Count;

    public int EventCount => Events.Count;

    /// <summary>How often the firmware looks at its timers; zero, as at first, for whenever one is due.</summary>
    public TimeSpan TimerTick
    {
        set => Events.TimerTick = (ulong)value.Ticks;
    }

    /// <summary>Every opening BY_DRIVER, BY_CHILD_CONTROLLER or EXCLUSIVE there is.</summary>
    public IReadOnlyList<Opening> HeldOpenings => Handles.HeldOpenings;

    public bool IsHandle(EFI_HANDLE handle) => Handles.IsValid(handle);

    /// <summary>The handles with a protocol, in the order in which the handles were made.</summary>
    public IReadOnlyList<EFI_HANDLE> HandlesWith<T>() where T : unmanaged, IProtocol => Handles.With(T.Guid);

    /// <summary>The protocol's interface on a handle; null when it is not there.</summary>
    public T* Get<T>(EFI_HANDLE handle) where T : unmanaged, IProtocol => (T*)Handles.Get(handle, T.Guid);

    /// <summary>The openings of a protocol on a handle.</summary>
    public IReadOnlyList<Opening> Openings<T>(EFI_HANDLE handle) where T : unmanaged, IProtocol => Handles.Openings(handle, T.Guid);

    /// <summary>What drivers have made of a controller.</summary>
    public IReadOnlyList<EFI_HANDLE> Children(EFI_HANDLE controller) => Connector.Children(controller);

    /// <summary>Puts an interface on a handle, or, when it is null, on a new one, and gives the handle.</summary>
    public EFI_HANDLE Install<T>(EFI_HANDLE handle, T* instance) where T : unmanaged, IProtocol
    {
        EFI_GUID guid = T.Guid;
        EFI_STATUS status = Handles.Install(&handle, &guid, EFI_INTERFACE_TYPE.EFI_NATIVE_INTERFACE, instance);
        return status.IsError ? throw new ArgumentException($"{typeof(T).Name} cannot be installed: {status.Value:x}") : handle;
    }

    /// <summary>As the service does it: drivers that use the interface are disconnected.</summary>
    public EFI_STATUS Uninstall<T>(EFI_HANDLE handle) where T : unmanaged, IProtocol
    {
        EFI_GUID guid = T.Guid;
        return Handles.Uninstall(handle, &guid, Handles.Get(handle, guid));
    }

    /// <summary>A new handle with a device path (see <see cref="SimulatedPath"/>), for a test to put a device's protocol on.</summary>
    public EFI_HANDLE CreateController(byte[] path) => Install(default, AllocatePath(path));

    public EFI_STATUS Connect(EFI_HANDLE controller, byte[]? remaining = null, bool recursive = false) =>
        Connector.Connect(controller, null, remaining is null ? null : AllocatePath(remaining), recursive);

    /// <param name="driver">A null handle is all drivers.</param>
    /// <param name="child">A null handle is all children.</param>
    public EFI_STATUS Disconnect(EFI_HANDLE controller, EFI_HANDLE driver = default, EFI_HANDLE child = default) =>
        Connector.Disconnect(controller, driver, child);

    // Unmanaged memory of the firmware's own

    /// <summary>Zeroed memory that lives as long as the firmware, and is not counted.</summary>
    public T* Allocate<T>() where T : unmanaged => (T*)AllocateBytes(new byte[sizeof(T)]);

    /// <summary>
    /// A protocol for a fake to fill. In its members, <c>Published&lt;T&gt;.OwnerOf&lt;TOwner&gt;(self)</c> is the owner.
    /// </summary>
    public T* Allocate<T>(object owner) where T : unmanaged, IProtocol
    {
        ProtocolInstance<T>* published = Allocate<ProtocolInstance<T>>();
        Own(published->Owner = ObjectReference.To(owner));
        return &published->Protocol;
    }

    /// <summary>Frees the reference when the firmware is disposed.</summary>
    internal void Own(ObjectReference reference) => _references.Add(reference);

    /// <summary>A copy of a device path; null of an empty one.</summary>
    public EFI_DEVICE_PATH_PROTOCOL* AllocatePath(byte[] path) =>
        path.Length == 0 ? null : (EFI_DEVICE_PATH_PROTOCOL*)AllocateBytes(path);

    /// <summary>A copy of the bytes.</summary>
    public void* AllocateBytes(ReadOnlySpan<byte> content)
    {
        void* memory = NativeMemory.Alloc((nuint)Math.Max(content.Length, 1));
        content.CopyTo(new Span<byte>(memory, content.Length));
        _own.Add((nint)memory);
        return memory;
    }

    // Time

    /// <summary>Since the firmware was started; it moves only when somebody waits or polls.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks((long)Events.Now);

    /// <summary>What one CheckEvent, or one ReadKeyStroke without a key, takes, so that no polling loop is endless.</summary>
    public TimeSpan PollTime { get; set; } = TimeSpan.FromMicroseconds(10);

    /// <summary>What reading the processor's counter takes.</summary>
    public TimeSpan CounterTime { get; set; } = TimeSpan.FromMicroseconds(1);

    /// <summary>What happens around the firmware as time goes by (devices, a network, a person): called whenever the clock has moved.</summary>
    public Action? Surroundings { get; set; }

    /// <summary>The real-time clock at the start; null for a machine that has none.</summary>
    public DateTime? Clock { get; set; } = new(2025, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    public nuint Tpl => Events.Tpl;

    /// <summary>Lets time pass: timers that are due signal their events.</summary>
    public void Advance(TimeSpan time) => Spend(time);

    internal void Spend(TimeSpan time) => Events.AdvanceTo(Events.Now + (ulong)time.Ticks);

    private ulong ReadCounter()
    {
        Spend(CounterTime);
        return Events.Now * (ulong)TimeSpan.NanosecondsPerTick;
    }

    /// <summary>Signals all events of a group, as the firmware does with those of its own.</summary>
    public void SignalGroup(EFI_GUID group) => Events.SignalGroup(group);

    /// <summary>What is left until the watchdog resets the system; null while it is off.</summary>
    public TimeSpan? Watchdog => _watchdog is { } at ? TimeSpan.FromTicks((long)(at - Events.Now)) : null;

    /// <summary>Arms the watchdog, or turns it off with 0, as SetWatchdogTimer does.</summary>
    public void SetWatchdog(nuint seconds) => _watchdog = seconds == 0 ? null : Events.Now + (seconds * TimeSpan.TicksPerSecond);

    internal void OnTimePassed()
    {
        if (Surroundings is not null && !_isInSurroundings)
        {
            _isInSurroundings = true;
            try
            {
                Surroundings();
            }
            catch (Exception exception)
            {
                Violate($"Surroundings: {exception}");
                Surroundings = null;
            }

            _isInSurroundings = false;
        }

        if (Events.Now >= _watchdog)
        {
            _watchdog = null;
            Violate("The watchdog reset the system");
        }
    }

    // Images and the end

    /// <summary>What LoadImage answers; EFI_SECURITY_VIOLATION loads, and refuses to start.</summary>
    public EFI_STATUS LoadImageResult { get; set; }

    /// <summary>What LoadImage answers for a file's content; null: <see cref="LoadImageResult"/>.</summary>
    public Func<byte[], EFI_STATUS>? OnLoadImage { get; set; }

    /// <summary>The code of every image that is loaded; null does nothing and succeeds.</summary>
    public ImageEntry? ImageEntry { get; set; }

    /// <summary>Images stay loaded when their entry succeeds, as drivers do.</summary>
    public bool ImagesStay { get; set; }

    /// <summary>
    /// Makes the image of an application that the firmware has read from a file of a device, for a test to call its entry point with.
    /// </summary>
    /// <param name="device">The volume, or the network interface.</param>
    /// <param name="file">The rest of the path, behind the device's.</param>
    /// <param name="options">The arguments.</param>
    public SimulatedImage CreateApplication(EFI_HANDLE device, byte[] file, string options = "")
    {
        byte[] path = [.. SimulatedPath.Nodes(Get<EFI_DEVICE_PATH_PROTOCOL>(device)), .. file];
        SimulatedImage image = Images.Create(ImageHandle, device, [], path, file);
        image.IsStarted = true;
        if (options.Length > 0)
        {
            string text = options + '\0';
            image.Protocol->LoadOptions = AllocateBytes(MemoryMarshal.AsBytes(text.AsSpan()));
            image.Protocol->LoadOptionsSize = (uint)(text.Length * sizeof(char));
        }

        return image;
    }

    /// <summary>Makes an image that has no file and is not started, for a test to run the product's code as.</summary>
    public SimulatedImage CreateImage() => Images.Create(ImageHandle, default, [], [], []);

    /// <summary>Takes an image away whose code has returned.</summary>
    public EFI_STATUS Unload(SimulatedImage image)
    {
        image.IsStarted = false;
        return Images.Unload(image.Handle);
    }

    /// <summary>The resets that were asked for.</summary>
    public IReadOnlyList<SimulatedReset> Resets => _resets;

    internal void Reset(SimulatedReset reset) => _resets.Add(reset);

    public bool HasExitedBootServices { get; private set; }

    /// <summary>Whether the notifications of ExitBootServices run: the memory map is the loader's.</summary>
    public bool IsExitingBootServices { get; private set; }

    /// <summary>
    /// What an operating system's loader does, once: takes the memory map, and calls ExitBootServices with its key. The status says
    /// whether a notification has changed the map.
    /// </summary>
    public EFI_STATUS ExitBootServices() => ExitBootServices(ImageHandle, Memory.MapKey);

    internal EFI_STATUS ExitBootServices(EFI_HANDLE image, nuint key)
    {
        if (Images.Find(image) is null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Events.SignalGroup(EFI_EVENT_GROUP.EFI_EVENT_GROUP_BEFORE_EXIT_BOOT_SERVICES);
        Events.TimersRun = false;
        if (key != Memory.MapKey)
        {
            Events.TimersRun = true;
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        IsExitingBootServices = true;
        Events.SignalGroup(EFI_EVENT_GROUP.EFI_EVENT_GROUP_EXIT_BOOT_SERVICES);
        IsExitingBootServices = false;
        if (key != Memory.MapKey)
        {
            Violate("A notification of ExitBootServices has changed the memory map");
        }

        HasExitedBootServices = true;
        ServiceTables.EndBootServices();
        return EFI_STATUS.EFI_SUCCESS;
    }

    // Being called

    /// <summary>
    /// What every service goes through: is it one that may be called now, at this TPL; and no exception crosses the caller's frames.
    /// </summary>
    internal static EFI_STATUS Serve(string service, nuint highestTpl, Func<SimulatedFirmware, EFI_STATUS> body)
    {
        if (Current is not { } firmware)
        {
            return EFI_STATUS.EFI_UNSUPPORTED; // A left-over of a test that is over.
        }

        firmware.CallCount++;
        if (firmware.HasExitedBootServices)
        {
            firmware.Violate($"{service} after ExitBootServices");
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        if (firmware.Tpl > highestTpl)
        {
            firmware.Violate($"{service} at TPL {firmware.Tpl}, which is above {highestTpl}");
        }

        return firmware.Answer(service, body);
    }

    /// <summary>As <see cref="Serve"/>, for the services that stay after ExitBootServices.</summary>
    internal static EFI_STATUS ServeRuntime(string service, nuint highestTpl, Func<SimulatedFirmware, EFI_STATUS> body)
    {
        if (Current is { HasExitedBootServices: true } firmware)
        {
            firmware.CallCount++;
            return firmware.Answer(service, body);
        }

        return Serve(service, highestTpl, body);
    }

    private EFI_STATUS Answer(string service, Func<SimulatedFirmware, EFI_STATUS> body)
    {
        try
        {
            EFI_STATUS status = Intercept is null ? default : Intercept(service);
            return status.IsError ? status : body(this);
        }
        catch (Exception exception)
        {
            Violate($"{service}: {exception}");
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }
    }

    public void Dispose()
    {
        if (Current == this)
        {
            Free();
            if (_violations.Count != 0)
            {
                throw new InvalidOperationException("Violations:\n" + string.Join('\n', _violations.Distinct()));
            }
        }
    }

    private void Free()
    {
        Memory.Dispose();
        Machine.Counter = null;
        Current = null;
        foreach (ObjectReference reference in _references)
        {
            reference.Free();
        }

        foreach (nint memory in _own)
        {
            NativeMemory.Free((void*)memory);
        }
    }
}
