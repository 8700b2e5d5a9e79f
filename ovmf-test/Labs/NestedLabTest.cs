using System.Threading.Tasks;
using NetBoot.Boot.Tool.Labs;

namespace NetBoot.OvmfTest.Labs;

/// <summary>What tests under real hypervisor interfaces begin with.</summary>
public abstract class NestedLabTest : FirmwareTest
{
    /// <summary>Waits for the agent's task that knows a hypervisor by its signature. Nothing of ours is on trial: if this fails, look at the lab first.</summary>
    private protected static async Task CheckLabAsync(NestedMachine machine, string hypervisor)
    {
        await machine.Serial.WaitForAsync($"agent: task {hypervisor}");
        await ReadVerdictAsync(machine.Serial);
    }
}
