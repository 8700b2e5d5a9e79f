using System;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Labs;
using Xunit;

namespace NetBoot.OvmfTest.Labs;

/// <summary>One outer guest for all tests in real hypervisor interfaces: they run in it one after the other.</summary>
public sealed class NestedLabFixture : IAsyncLifetime
{
    public NestedLab Lab { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        try
        {
            Lab = await NestedLab.CreateAsync(Console.WriteLine);
        }
        catch (ToolError error)
        {
            // What to do belongs into the tests' report.
            throw new ToolError($"{error.Message}\nnext: {error.Next}");
        }
    }

    public async Task DisposeAsync()
    {
        if (Lab != null)
        {
            await Lab.DisposeAsync();
        }
    }
}

[CollectionDefinition("NestedLab")]
public sealed class NestedLabCollection : ICollectionFixture<NestedLabFixture>;
