using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>One opening of a protocol on a handle, as OpenProtocolInformation tells it (UEFI 2.10, 7.3.11).</summary>
public sealed class Opening(EFI_HANDLE handle, EFI_GUID protocol, EFI_HANDLE agent, EFI_HANDLE controller, uint attributes)
{
    private const uint MustBeClosed =
        EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER | EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER |
        EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_EXCLUSIVE;

    /// <summary>Whose protocol is open.</summary>
    public EFI_HANDLE Handle { get; } = handle;
    public EFI_GUID Protocol { get; } = protocol;
    public EFI_HANDLE Agent { get; } = agent;
    public EFI_HANDLE Controller { get; } = controller;

    /// <summary>EFI_OPEN_PROTOCOL_* bits.</summary>
    public uint Attributes { get; } = attributes;
    public int Count { get; set; } = 1;

    /// <summary>Whether it keeps the protocol where it is until somebody closes it.</summary>
    public bool IsHeld => (Attributes & MustBeClosed) != 0;

    internal EFI_OPEN_PROTOCOL_INFORMATION_ENTRY Entry => new()
    {
        AgentHandle = Agent,
        ControllerHandle = Controller,
        Attributes = Attributes,
        OpenCount = (uint)Count,
    };

    public override string ToString() =>
        $"protocol {Protocol.Data1:X8} of {Handle.Value:x}, agent {Agent.Value:x}, controller {Controller.Value:x}, attributes {Attributes:x}";
}
