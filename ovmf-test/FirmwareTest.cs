using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using Boot.Tool;
using Boot.Tool.Qemu;
using Boot.Tool.Servers;
using Xunit;

namespace OvmfTest;

/// <summary>What most tests in firmware start from: a folder of their own, a system partition, served folders, machines that end with the test.</summary>
public abstract class FirmwareTest : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> owned = [];

    protected TemporaryDirectory Directory { get; } = new();

    /// <summary>Makes a system partition in a folder of its own.</summary>
    protected SystemPartition NewPartition(Architecture architecture) => new(architecture, Directory.CreateDirectory("esp"));

    /// <summary>Makes a folder to serve files from.</summary>
    protected string NewFolder(string name, params (string Name, string Content)[] files)
    {
        string folder = Directory.CreateDirectory(name);
        foreach ((string file, string content) in files)
        {
            File.WriteAllText(Path.Combine(folder, file), content);
        }

        return folder;
    }

    protected async Task<VirtualMachine> StartAsync(VirtualMachineOptions options) => Own(await VirtualMachine.StartAsync(options));

    protected async Task<NginxServer> ServeAsync(string folder, string configuration = "") => Own(await NginxServer.StartAsync(folder, configuration));

    /// <summary>Has something disposed of at the test's end, the last first.</summary>
    protected T Own<T>(T each)
        where T : IAsyncDisposable
    {
        owned.Add(each);
        return each;
    }

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        for (int i = owned.Count - 1; i >= 0; i--)
        {
            await owned[i].DisposeAsync();
        }

        Directory.Dispose();
    }
}
