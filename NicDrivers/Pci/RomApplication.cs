using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Pci;

/// <summary>
/// The boot application beside the running driver in the card's option ROM, as a child of the controller with EFI_LOAD_FILE_PROTOCOL
/// (UEFI 2.10, 13.1). The boot manager makes an ordinary boot option of it, at the end of its order, and gets the file's bytes: whether
/// they may run is for its image verification to say, as with any other file.
/// </summary>
internal sealed unsafe class RomApplication : IDisposable
{
    private const ushort EfiApplication = 10; // IMAGE_SUBSYSTEM_EFI_APPLICATION
    private const int PeOffsetAt = 0x3C;

    private readonly Driver _driver;
    private readonly Device _device;
    private readonly RomFile _file;
    private readonly byte[] _node;
    private readonly ProtocolSet _protocols = new(2);
    private EFI_DEVICE_PATH_PROTOCOL* _path;
    private ProtocolInstance<EFI_LOAD_FILE_PROTOCOL>* _loadFile;

    private RomApplication(Driver driver, Device device, RomFile file, string name)
    {
        _driver = driver;
        _device = device;
        _file = file;
        _node = new DevicePathBuilder().FilePath(name).Nodes.ToArray();
    }

    /// <summary>Whether the child exists.</summary>
    public bool IsThere { get; private set; }

    /// <summary>
    /// The application in the ROM from which firmware loaded this driver, or null: there is none, or the driver came from elsewhere.
    /// Allocates from the current arena.
    /// </summary>
    /// <param name="driver">The driver of the controller.</param>
    /// <param name="device">Its device.</param>
    /// <param name="io">The controller's protocol.</param>
    /// <param name="name">What the boot manager's menu calls the application; it stays the same over changes of the ROM.</param>
    public static RomApplication? Find(Driver driver, Device device, EFI_PCI_IO_PROTOCOL* io, string name)
    {
        EFI_LOADED_IMAGE_PROTOCOL* loaded = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(Firmware.ImageHandle);
        if (loaded == null || loaded->DeviceHandle != device.Controller)
        {
            return null;
        }

        ushort machine = MachineOf(new ReadOnlySpan<byte>(loaded->ImageBase, (int)Math.Min(loaded->ImageSize, 4096)));
        RomFile file = RomFile.Find((byte*)io->RomImage, io->RomSize, EfiApplication, machine);
        if (!file.IsThere)
        {
            return null;
        }

        RomApplication application = new(driver, device, file, name);
        if (application.Prepare())
        {
            return application;
        }

        application.Dispose();
        return null;
    }

    public bool Is(EFI_HANDLE child) => IsThere && child == _protocols.Handle;

    /// <summary>Whether the node is the child's.</summary>
    public bool IsNode(EFI_DEVICE_PATH_PROTOCOL* node) => node != null && DevicePath.Measure(node).StartsWith(_node);

    /// <summary>Makes the child.</summary>
    public EFI_STATUS Start()
    {
        if (IsThere)
        {
            return EFI_STATUS.EFI_ALREADY_STARTED;
        }

        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        EFI_STATUS status = _protocols.Install(default);
        if (!status.IsError)
        {
            status = _driver.OpenForChild(_device.Controller, _protocols.Handle);
            IsThere = !status.IsError || _protocols.Uninstall().IsError;
        }

        Firmware.RestoreTpl(tpl);
        return status;
    }

    /// <summary>Takes the child away; on failure it is there as it was.</summary>
    public EFI_STATUS Stop()
    {
        if (!IsThere)
        {
            return EFI_STATUS.EFI_SUCCESS;
        }

        _driver.CloseForChild(_device.Controller, _protocols.Handle);
        EFI_STATUS status = _protocols.Uninstall();
        if (status.IsError)
        {
            _driver.OpenForChild(_device.Controller, _protocols.Handle);
            return status;
        }

        IsThere = false;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>There is no child.</summary>
    public void Dispose()
    {
        if (_loadFile != null)
        {
            _loadFile->Owner.Free();
            Pool.Free(_loadFile);
            _loadFile = null;
        }

        Pool.Free(_path);
        _path = null;
    }

    private bool Prepare()
    {
        ReadOnlySpan<byte> parent = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(_device.Controller));
        _path = new DevicePathBuilder().Path(parent).Path(_node).ToPool();
        _loadFile = Pool.Allocate<ProtocolInstance<EFI_LOAD_FILE_PROTOCOL>>();
        if (_path == null || _loadFile == null)
        {
            return false;
        }

        _loadFile->Owner = ObjectReference.To(this);
        _loadFile->Protocol.LoadFile = &OnLoadFile;
        _protocols.Add(_path);
        _protocols.Add(&_loadFile->Protocol);
        return true;
    }

    /// <summary>The processor that an image in memory is for.</summary>
    private static ushort MachineOf(ReadOnlySpan<byte> image)
    {
        uint header = image.Length < PeOffsetAt + 4 ? uint.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(image.Slice(PeOffsetAt));
        return header > (uint)Math.Max(0, image.Length - 6) ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(image.Slice((int)header + 4));
    }

    private struct Call
    {
        public RomApplication Application;
        public EFI_DEVICE_PATH_PROTOCOL* Path;
        public nuint* Size;
        public void* Buffer;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS OnLoadFile(
        EFI_LOAD_FILE_PROTOCOL* self, EFI_DEVICE_PATH_PROTOCOL* path, byte bootPolicy, nuint* size, void* buffer)
    {
        if (self == null || path == null || size == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Call call = new() { Application = ProtocolInstance<EFI_LOAD_FILE_PROTOCOL>.OwnerOf<RomApplication>(self), Path = path, Size = size, Buffer = buffer };
        return FirmwareEntry.Run(call.Application._device, 0, ref call, &Load);
    }

    // The path is what follows the child's own: there is but the one file.
    private static EFI_STATUS Load(ref Call call) =>
        call.Path->Type == EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE
            ? call.Application._file.Load(call.Buffer, ref *call.Size)
            : EFI_STATUS.EFI_NOT_FOUND;
}
