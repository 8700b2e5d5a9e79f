using System;

namespace NetBoot.Tests.Fuzz;

/// <summary>What an input showed that no exception of the product's tells of: a leak, a wait without end, an answer that cannot be.</summary>
internal sealed class FuzzFinding(string message) : Exception(message)
{
    /// <summary>Finds what must hold not holding.</summary>
    public static void Unless(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FuzzFinding(otherwise);
        }
    }
}
