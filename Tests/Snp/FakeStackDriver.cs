using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Snp;

/// <summary>A network stack as MNP is one: it takes an SNP BY_DRIVER, starts and initializes it, and undoes that when disconnected.</summary>
internal sealed unsafe class FakeStackDriver : Driver<EFI_SIMPLE_NETWORK_PROTOCOL>
{
    public override string Name => "Fake network stack";

    /// <summary>The stack answers Stop with a failure.</summary>
    public bool HoldsOn { get; set; }

    /// <summary>The stack lets go of the SNP as it is.</summary>
    public bool LeavesInitialized { get; set; }

    public int Stops { get; private set; }

    protected override bool IsChildNode(EFI_DEVICE_PATH_PROTOCOL* node) => false;

    protected override bool Matches(EFI_SIMPLE_NETWORK_PROTOCOL* parent) => true;

    protected override Device? CreateDevice(EFI_HANDLE controller, EFI_SIMPLE_NETWORK_PROTOCOL* parent, out EFI_STATUS status)
    {
        parent->Start(parent);
        parent->Initialize(parent, 0, 0);
        status = EFI_STATUS.EFI_SUCCESS;
        return new Stack(this, controller, parent);
    }

    private sealed class Stack(FakeStackDriver driver, EFI_HANDLE controller, EFI_SIMPLE_NETWORK_PROTOCOL* snp) : Device(controller)
    {
        public override string Name => "stack";
        public override string ControllerName => "stack";
        public override string ChildName => "none";
        public override bool HasChild(EFI_HANDLE child) => false;
        public override bool CanStartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining) => false;
        public override EFI_STATUS StartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining) => EFI_STATUS.EFI_SUCCESS;
        public override EFI_STATUS StopChild(EFI_HANDLE child) => EFI_STATUS.EFI_DEVICE_ERROR;

        public override EFI_STATUS StopChildren() =>
            driver.HoldsOn ? EFI_STATUS.EFI_DEVICE_ERROR : EFI_STATUS.EFI_SUCCESS;

        public override void Dispose()
        {
            driver.Stops++;
            if (!driver.LeavesInitialized)
            {
                snp->Shutdown(snp);
                snp->Stop(snp);
            }
        }
    }
}
