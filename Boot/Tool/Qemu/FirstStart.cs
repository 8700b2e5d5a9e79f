using System;
using System.Collections.Concurrent;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>
/// What a firmware's first start leaves in its variables: consoles, languages, keys, iSCSI's attempts. It writes them into flash, which is
/// emulated a byte at a time: a quarter of all that a start takes. At each start edk2 also adds to its consoles all that it knows, and takes those
/// away again that are not there, in thirteen writes: here the consoles are pinned.
/// </summary>
public static class FirstStart
{
    private static readonly ConcurrentDictionary<(string Program, string Code, string Variables), Lazy<Task<byte[]>>> s_stores = new();

    /// <summary>
    /// Starts a firmware with nothing to boot, once in this process. What it leaves is for machines whose consoles are the board's own (the serial
    /// line, a keyboard): the firmware adds no screen to them.
    /// </summary>
    /// <returns>Its variables, for <see cref="VariableStore"/>.</returns>
    public static Task<byte[]> VariablesAsync(Architecture architecture) => s_stores.GetOrAdd(
        (architecture.Program, architecture.Code, architecture.Variables), _ => new Lazy<Task<byte[]>>(() => FillAsync(architecture))).Value;

    private static async Task<byte[]> FillAsync(Architecture architecture)
    {
        await using VirtualMachine machine = await VirtualMachine.StartAsync(new() { Architecture = architecture }).ConfigureAwait(false);

        // By then all is written. Under Secure Boot its own shell may be refused.
        await machine.Serial.WaitForAsync("BdsDxe: (starting|failed|No)").ConfigureAwait(false);
        await machine.QuitAsync().ConfigureAwait(false);
        VariableStore store = new(architecture, VariableStore.Read(machine.VariablesFile));
        store.Pin("ConIn", "ConOut", "ErrOut");
        return store.Content;
    }
}
