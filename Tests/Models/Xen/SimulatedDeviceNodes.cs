using System.Collections.Generic;
using System.Globalization;

namespace NetBoot.Tests.Models.Xen;

/// <summary>Both ends of a device in the simulated xenstore, from the host's side.</summary>
public sealed class SimulatedDeviceNodes(SimulatedStore store, string frontend, string backend)
{
    /// <summary>The frontend's directory.</summary>
    public string Frontend => frontend;

    /// <summary>The backend's directory.</summary>
    public string Backend => backend;

    public uint FrontendState => State(frontend);

    /// <summary>Setting it is what a backend does when it moves on.</summary>
    public uint BackendState
    {
        get => State(backend);
        set => store.Write($"{backend}/state", $"{value}");
    }

    /// <summary>The names in the frontend's directory; none when it is not there.</summary>
    public IReadOnlyList<string> FrontendNames => store.List(frontend);

    /// <summary>What the frontend has written; null when it has not.</summary>
    public string? Read(string name) => store.Read($"{frontend}/{name}");

    /// <summary>Writes a node of the backend's: a feature.</summary>
    public void WriteBackend(string name, string value) => store.Write($"{backend}/{name}", value);

    /// <summary>Writes a node of the frontend's, as the toolstack does: the MAC address.</summary>
    public void WriteFrontend(string name, string value) =>
        store.Write($"{frontend}/{name}", value, owner: SimulatedXen.GuestDomain, readers: [0]);

    /// <summary>The toolstack takes the device away.</summary>
    public void Remove()
    {
        store.Remove(frontend);
        store.Remove(backend);
    }

    private uint State(string end) => uint.TryParse(store.Read($"{end}/state"), NumberStyles.None, null, out uint state) ? state : 0;
}
