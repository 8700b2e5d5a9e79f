using System;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>A test that needs a network namespace of its own; left out where the system does not allow one.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NamespaceFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_reason = new(() =>
    {
        try
        {
            using Task<NetworkNamespace> made = NetworkNamespace.CreateAsync();
            NetworkNamespace inside = made.GetAwaiter().GetResult();
            inside.AddTapAsync("probe0", "192.0.2.1/24").GetAwaiter().GetResult();
            inside.DisposeAsync().AsTask().GetAwaiter().GetResult();
            return null;
        }
        catch (ToolError error)
        {
            return error.Message;
        }
    });

    public NamespaceFactAttribute()
    {
        Skip = s_reason.Value;
    }
}
