using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Labs;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>A Debian in a folder, with nothing but what it cannot do without and some packages: to install ours in.</summary>
internal sealed class CleanDebian
{
    private CleanDebian(string root)
    {
        Root = root;
    }

    /// <summary>The folder that is its root.</summary>
    public string Root { get; }

    /// <summary>Makes it from the mirror that this machine's apt uses, by mmdebstrap.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="suite">Debian's name of the release.</param>
    /// <param name="packages">What else is in it.</param>
    public static async Task<CleanDebian> MakeAsync(string folder, string suite, IEnumerable<string> packages)
    {
        string mirror = $"deb {await LabRoot.FindMirrorAsync()} {suite} main";
        string[] arguments =
        [
            "--mode=root", "--variant=essential", "--dpkgopt=force-unsafe-io", "--quiet", $"--include={string.Join(',', packages)}",
            suite, folder, mirror,
        ];
        await ChildProcess.RunAsync("mmdebstrap", arguments, "mmdebstrap");
        return new CleanDebian(folder);
    }

    /// <summary>Runs a script there, with a /proc of its own and no other process in sight.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="ToolError">A command of it failed.</exception>
    public Task<string> RunAsync(string script) => ChildProcess.RunAsync(
        "unshare",
        [
            "--mount", "--pid", "--fork", "--kill-child", $"--mount-proc={Path.Combine(Root, "proc")}",
            "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8", "chroot", Root, "sh", "-ec", script,
        ],
        "util-linux");

    /// <summary>All files, but for what dpkg keeps for itself.</summary>
    public async Task<string[]> FilesAsync() => (await RunAsync(
        "find / -xdev \\( -path /proc -o -path /tmp -o -path /var/lib/dpkg -o -path /var/log \\) -prune -o -print | sort"))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A theory for the superuser; left out for everybody else, who cannot make another Debian's root.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute()
    {
        Skip = Environment.UserName == "root" ? null : "Needs root: packages are installed in a Debian of the test's own.";
    }
}

/// <inheritdoc cref="RootTheoryAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        Skip = new RootTheoryAttribute().Skip;
    }
}
