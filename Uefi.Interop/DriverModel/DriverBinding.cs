using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop.DriverModel;

/// <summary>
/// The protocols by which firmware sees one driver: EFI_DRIVER_BINDING_PROTOCOL, EFI_COMPONENT_NAME2_PROTOCOL,
/// EFI_COMPONENT_NAME_PROTOCOL and EFI_DRIVER_DIAGNOSTICS2_PROTOCOL. UEFI 2.10, 11.1, 11.5 and 11.4; the older name protocol
/// as in EFI 1.10 (UEFI 2.10, appendix L).
/// </summary>
internal sealed unsafe class DriverBinding
{
    // "en" of RFC 4646 and "eng" of ISO 639-2, as zero-terminated data of the image.
    private static ReadOnlySpan<byte> Rfc4646 => "en\0"u8;
    private static ReadOnlySpan<byte> Iso639 => "eng\0"u8;

    private const int DiagnosticsRoom = 256; // Characters.

    private readonly Driver _driver;
    private readonly ProtocolSet _protocols = new(4);
    private Block* _block;

    private DriverBinding(Driver driver) => _driver = driver;

    /// <summary>Makes the protocols, not yet installed, or null when there is no memory.</summary>
    public static DriverBinding? Create(Driver driver)
    {
        DriverBinding created = new(driver); // First: it may end here, where there is nothing to give back.
        Block* block = Pool.Allocate<Block>();
        char* name = Pool.CopyOf(driver.Name);
        if (block == null || name == null)
        {
            Pool.Free(name);
            Pool.Free(block);
            return null;
        }

        block->DriverName = name;
        block->Binding.Owner = ObjectReference.To(driver);
        block->Binding.Protocol.Supported = &OnSupported;
        block->Binding.Protocol.Start = &OnStart;
        block->Binding.Protocol.Stop = &OnStop;
        block->Binding.Protocol.Version = driver.Version;
        block->Binding.Protocol.ImageHandle = Firmware.ImageHandle;
        block->Name2.Block = block;
        block->Name2.Protocol.GetDriverName = &OnGetDriverName2;
        block->Name2.Protocol.GetControllerName = &OnGetControllerName2;
        block->Name2.Protocol.SupportedLanguages = AddressOf(Rfc4646);
        block->Name.Block = block;
        block->Name.Protocol.GetDriverName = &OnGetDriverName;
        block->Name.Protocol.GetControllerName = &OnGetControllerName;
        block->Name.Protocol.SupportedLanguages = AddressOf(Iso639);
        block->Diagnostics.Block = block;
        block->Diagnostics.Protocol.RunDiagnostics = &OnRunDiagnostics;
        block->Diagnostics.Protocol.SupportedLanguages = AddressOf(Rfc4646);
        created._block = block;
        created._protocols.Add(&block->Name2.Protocol);
        created._protocols.Add(&block->Name.Protocol);
        created._protocols.Add(&block->Diagnostics.Protocol);
        created._protocols.Add(&block->Binding.Protocol);
        return created;
    }

    /// <summary>Installs on the given handle, or, when it is null, on a new one. On failure nothing is left.</summary>
    public EFI_STATUS Install(EFI_HANDLE handle)
    {
        // The notifications of the installing, which may already connect the driver, wait until it knows its handle.
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        EFI_STATUS status = _protocols.Install(handle);
        _driver.Handle = _protocols.Handle;
        _block->Binding.Protocol.DriverBindingHandle = _protocols.Handle;
        Firmware.RestoreTpl(tpl);
        return status;
    }

    /// <summary>The mirror of <see cref="Install"/>; on failure everything is still installed.</summary>
    public EFI_STATUS Uninstall() => _protocols.Uninstall();

    /// <summary>Gives the memory back; nothing is installed.</summary>
    public void Free()
    {
        _block->Binding.Owner.Free();
        Pool.Free(_block->DriverName);
        Pool.Free(_block);
    }

    private static byte* AddressOf(ReadOnlySpan<byte> data)
    {
        fixed (byte* address = data)
        {
            return address; // The data is part of the image.
        }
    }

    private struct Block
    {
        public ProtocolInstance<EFI_DRIVER_BINDING_PROTOCOL> Binding;
        public Sibling<EFI_COMPONENT_NAME2_PROTOCOL> Name2;
        public Sibling<EFI_COMPONENT_NAME_PROTOCOL> Name;
        public Sibling<EFI_DRIVER_DIAGNOSTICS2_PROTOCOL> Diagnostics;
        public char* DriverName;
    }

    private struct Sibling<T> where T : unmanaged
    {
        public T Protocol;
        public Block* Block;
    }

    private ref struct Arguments
    {
        public Driver Driver;
        public EFI_HANDLE Controller;
        public EFI_DEVICE_PATH_PROTOCOL* Remaining;
        public ReadOnlySpan<EFI_HANDLE> Children;
        public EFI_HANDLE Child;
        public char* Name;
    }

    private static bool IsValid(EFI_DRIVER_BINDING_PROTOCOL* binding, EFI_HANDLE controller) =>
        binding != null && !controller.IsNull;

    private static Arguments For(EFI_DRIVER_BINDING_PROTOCOL* binding, EFI_HANDLE controller) => new()
    {
        Driver = ProtocolInstance<EFI_DRIVER_BINDING_PROTOCOL>.OwnerOf<Driver>(binding),
        Controller = controller,
    };

    [UnmanagedCallersOnly]
    private static EFI_STATUS OnSupported(
        EFI_DRIVER_BINDING_PROTOCOL* self, EFI_HANDLE controller, EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        if (!IsValid(self, controller))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Arguments arguments = For(self, controller);
        arguments.Remaining = remaining;
        return RunOrUndo(ref arguments, &Supported);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS OnStart(
        EFI_DRIVER_BINDING_PROTOCOL* self, EFI_HANDLE controller, EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        if (!IsValid(self, controller))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Arguments arguments = For(self, controller);
        arguments.Remaining = remaining;
        return RunOrUndo(ref arguments, &Start);
    }

    private static EFI_STATUS RunOrUndo(ref Arguments arguments, delegate*<ref Arguments, EFI_STATUS> body)
    {
        if (arguments.Driver.IsOutOfService)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        EFI_STATUS status = FirmwareEntry.Run(arguments.Driver, 0, ref arguments, body);
        if (arguments.Driver.IsOutOfService || status == EFI_STATUS.EFI_OUT_OF_RESOURCES)
        {
            FirmwareEntry.Undo(arguments.Driver, 0, ref arguments, &UndoStart);
        }

        return status;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS OnStop(EFI_DRIVER_BINDING_PROTOCOL* self, EFI_HANDLE controller, nuint count, EFI_HANDLE* children)
    {
        if (!IsValid(self, controller) || (count != 0 && children == null) || count > int.MaxValue)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Arguments arguments = For(self, controller);
        arguments.Children = new ReadOnlySpan<EFI_HANDLE>(children, (int)count);
        return FirmwareEntry.Undo(arguments.Driver, 0, ref arguments, &Stop);
    }

    private static EFI_STATUS Supported(ref Arguments arguments) =>
        arguments.Driver.Supported(arguments.Controller, arguments.Remaining);

    private static EFI_STATUS Start(ref Arguments arguments) =>
        arguments.Driver.Start(arguments.Controller, arguments.Remaining);

    private static EFI_STATUS UndoStart(ref Arguments arguments)
    {
        arguments.Driver.UndoStart(arguments.Controller);
        return EFI_STATUS.EFI_SUCCESS;
    }

    private static EFI_STATUS Stop(ref Arguments arguments) =>
        arguments.Driver.Stop(arguments.Controller, arguments.Children);

    [UnmanagedCallersOnly]
    private static EFI_STATUS OnGetDriverName2(EFI_COMPONENT_NAME2_PROTOCOL* self, byte* language, char** name) =>
        self == null ? EFI_STATUS.EFI_INVALID_PARAMETER
        : DriverName(((Sibling<EFI_COMPONENT_NAME2_PROTOCOL>*)self)->Block, Rfc4646, language, name);

    [UnmanagedCallersOnly]
    private static EFI_STATUS OnGetDriverName(EFI_COMPONENT_NAME_PROTOCOL* self, byte* language, char** name) =>
        self == null ? EFI_STATUS.EFI_INVALID_PARAMETER
        : DriverName(((Sibling<EFI_COMPONENT_NAME_PROTOCOL>*)self)->Block, Iso639, language, name);

    [UnmanagedCallersOnly]
    private static EFI_STATUS OnGetControllerName2(
        EFI_COMPONENT_NAME2_PROTOCOL* self, EFI_HANDLE controller, EFI_HANDLE child, byte* language, char** name) =>
        self == null ? EFI_STATUS.EFI_INVALID_PARAMETER
        : ControllerName(((Sibling<EFI_COMPONENT_NAME2_PROTOCOL>*)self)->Block, Rfc4646, controller, child, language, name);

    [UnmanagedCallersOnly]
    private static EFI_STATUS OnGetControllerName(
        EFI_COMPONENT_NAME_PROTOCOL* self, EFI_HANDLE controller, EFI_HANDLE child, byte* language, char** name) =>
        self == null ? EFI_STATUS.EFI_INVALID_PARAMETER
        : ControllerName(((Sibling<EFI_COMPONENT_NAME_PROTOCOL>*)self)->Block, Iso639, controller, child, language, name);

    private static EFI_STATUS DriverName(Block* block, ReadOnlySpan<byte> supported, byte* language, char** name)
    {
        if (language == null || name == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (!IsLanguage(language, supported))
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        *name = block->DriverName;
        return EFI_STATUS.EFI_SUCCESS;
    }

    private static EFI_STATUS ControllerName(
        Block* block, ReadOnlySpan<byte> supported, EFI_HANDLE controller, EFI_HANDLE child, byte* language, char** name)
    {
        if (language == null || name == null || !Firmware.IsHandle(controller) || (!child.IsNull && !Firmware.IsHandle(child)))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (!IsLanguage(language, supported))
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        Arguments arguments = For(&block->Binding.Protocol, controller);
        arguments.Child = child;
        EFI_STATUS status = FirmwareEntry.Undo(arguments.Driver, 0, ref arguments, &ControllerName);
        if (!status.IsError)
        {
            *name = arguments.Name;
        }

        return status;
    }

    private static EFI_STATUS ControllerName(ref Arguments arguments)
    {
        arguments.Name = arguments.Driver.ControllerName(arguments.Controller, arguments.Child);
        return arguments.Name == null ? EFI_STATUS.EFI_UNSUPPORTED : EFI_STATUS.EFI_SUCCESS;
    }

    private ref struct Diagnosis
    {
        public Driver Driver;
        public EFI_HANDLE Controller;
        public EFI_HANDLE Child;
        public TextBuilder Text;
    }

    // Of all types of diagnostics there is the same: what the driver knows, without touching the hardware. The text is the buffer.
    [UnmanagedCallersOnly]
    private static EFI_STATUS OnRunDiagnostics(
        EFI_DRIVER_DIAGNOSTICS2_PROTOCOL* self, EFI_HANDLE controller, EFI_HANDLE child, EFI_DRIVER_DIAGNOSTIC_TYPE type,
        byte* language, EFI_GUID** errorType, nuint* size, char** buffer)
    {
        if (self == null || language == null || errorType == null || size == null || buffer == null ||
            !Firmware.IsHandle(controller) || (!child.IsNull && !Firmware.IsHandle(child)))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        *errorType = null;
        *size = 0;
        *buffer = null;
        if (!IsLanguage(language, Rfc4646))
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        Block* block = ((Sibling<EFI_DRIVER_DIAGNOSTICS2_PROTOCOL>*)self)->Block;
        char* room = stackalloc char[DiagnosticsRoom];
        Diagnosis diagnosis = new()
        {
            Driver = block->Binding.Owner.Get<Driver>(),
            Controller = controller,
            Child = child,
            Text = new TextBuilder(new Span<char>(room, DiagnosticsRoom)),
        };
        EFI_STATUS status = FirmwareEntry.Undo(diagnosis.Driver, 0, ref diagnosis, &Diagnose);
        ReadOnlySpan<char> text = diagnosis.Text.Written;
        if (status == EFI_STATUS.EFI_UNSUPPORTED || text.IsEmpty)
        {
            return status;
        }

        char* copy = (char*)Pool.Allocate(((nuint)text.Length + 1) * sizeof(char));
        EFI_GUID* format = Pool.Allocate<EFI_GUID>(); // edk2's shell frees it, as it does the buffer; the specification does not say.
        if (copy == null || format == null)
        {
            Pool.Free(copy);
            Pool.Free(format);
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        text.CopyTo(new Span<char>(copy, text.Length));
        *format = EFI_DRIVER_DIAGNOSTICS2_PROTOCOL.Guid; // No format of its own: the buffer is a text.
        *errorType = format;
        *size = ((nuint)text.Length + 1) * sizeof(char);
        *buffer = copy;
        return status;
    }

    private static EFI_STATUS Diagnose(ref Diagnosis diagnosis) =>
        diagnosis.Driver.Diagnose(diagnosis.Controller, diagnosis.Child, ref diagnosis.Text);

    // The first difference, at the latest the end of the supported one, ends the comparison.
    private static bool IsLanguage(byte* language, ReadOnlySpan<byte> supported)
    {
        for (int i = 0; i < supported.Length; i++)
        {
            if (language[i] != supported[i])
            {
                return false;
            }
        }

        return true;
    }
}
