namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>What is allocated, open, and there at all, at one moment.</summary>
public sealed class Footprint(SimulatedFirmware firmware)
{
    private readonly string _before = Describe(firmware);

    /// <summary>Notes a violation when anything is left over, or gone.</summary>
    public void ExpectUnchanged(string who)
    {
        string now = Describe(firmware);
        if (now != _before)
        {
            firmware.Violate($"{who} left something behind. Before: {_before}. After: {now}.");
        }
    }

    private static string Describe(SimulatedFirmware firmware) =>
        $"{firmware.AllocatedPools} pool blocks, {firmware.AllocatedPages} pages, {firmware.EventCount} events, " +
        $"{firmware.HandleCount} handles, open: [{string.Join("; ", firmware.HeldOpenings)}]";
}
