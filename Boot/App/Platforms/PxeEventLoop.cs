using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Sockets;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>What turns in a call of EFI_PXE_BASE_CODE_PROTOCOL: the network alone; and the callback of the handle's may end what goes on.</summary>
internal sealed unsafe class PxeEventLoop(EventLoop clock, Network network) : EventLoop
{
    /// <summary>In microseconds.</summary>
    private const ulong BetweenCallbacks = 10_000;

    private ulong _calledAt;

    /// <inheritdoc/>
    public override ulong Now => clock.Now;

    /// <summary>Where the callback may be; null for none.</summary>
    public EFI_HANDLE Handle { get; set; }

    /// <summary>What goes on.</summary>
    public EFI_PXE_BASE_CODE_FUNCTION Function { get; set; }

    /// <summary>Whether somebody is to be called on a handle.</summary>
    public static bool HasCallback(EFI_HANDLE handle)
    {
        EFI_PXE_BASE_CODE_CALLBACK_PROTOCOL* callback = Firmware.Get<EFI_PXE_BASE_CODE_CALLBACK_PROTOCOL>(handle);
        return callback != null && callback->Callback != null;
    }

    /// <inheritdoc/>
    public override bool RunOnce()
    {
        network.Poll(Now);
        if (Handle.IsNull || Now - _calledAt < BetweenCallbacks || !HasCallback(Handle))
        {
            return true;
        }

        _calledAt = Now;
        EFI_PXE_BASE_CODE_CALLBACK_PROTOCOL* callback = Firmware.Get<EFI_PXE_BASE_CODE_CALLBACK_PROTOCOL>(Handle);
        return callback->Callback(callback, Function, 0, 0, null) ==
            EFI_PXE_BASE_CODE_CALLBACK_STATUS.EFI_PXE_BASE_CODE_CALLBACK_STATUS_CONTINUE;
    }
}
