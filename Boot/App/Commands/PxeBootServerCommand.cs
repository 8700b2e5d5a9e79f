using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Finds a PXE boot server: pxebs. Without a type, the lease's boot menu says which.</summary>
public sealed class PxeBootServerCommand : Command
{
    public override string Name => "pxebs";
    public override string Summary => "find a PXE boot server";
    public override string Operands => "INTERFACE [SERVER_TYPE]";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 2;

    protected override Error? Run(Session session, Arguments arguments)
    {
        BootInterface? bootInterface = session.FindInterface(arguments.Words[0]);
        if (bootInterface is null)
        {
            return new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"no such interface: {arguments.Words[0]}"));
        }

        ushort type;
        if (arguments.Words.Length == 2)
        {
            if (!Number.TryParse(arguments.Words[1], out long number) || number < 0 || number > ushort.MaxValue)
            {
                return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"no type of boot server: {arguments.Words[1]}"));
            }

            type = (ushort)number;
        }
        else
        {
            Error? error = Choose(session, bootInterface, out type);
            if (error is not null)
            {
                return error;
            }
        }

        return PxeBoot.Discover(session, bootInterface, type);
    }

    private static Error? Choose(Session session, BootInterface bootInterface, out ushort type)
    {
        type = PxeBoot.LocalBoot;
        Error? error = bootInterface.Dhcp!.WaitForBootServer();
        if (error is null && bootInterface.Interface.Lease is not DhcpLease)
        {
            error = new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"{bootInterface.Interface.Name} has no lease: without a boot menu, a type is needed"));
        }

        error ??= PxeBoot.Choose(session, bootInterface.Interface.Lease!, out type);
        return error is null && type == PxeBoot.LocalBoot ? new Error(EFI_STATUS.EFI_ABORTED, "local boot was chosen") : error;
    }
}
