using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Protocols;

internal static class DhcpClientExtensions
{
    /// <summary>Gets a lease, and waits for boot servers if the options want that.</summary>
    public static Error? Configure(this DhcpClient client, EventLoop loop, DhcpOptions options)
    {
        Error? error = client.Begin(loop, options);
        while (error is null && client.IsSearching)
        {
            error = loop.RunOnce() ? null : new Error(EFI_STATUS.EFI_ABORTED, "stopped by the user");
        }

        if (error is not null)
        {
            client.Stop();
            return error;
        }

        return client.Finish(options) ?? (options.WantsBootFile ? client.WaitForBootServer() : null);
    }
}
