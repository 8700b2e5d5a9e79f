using System;
using System.Text;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Script;
using NetBoot.Boot.App.Settings;
using NetBoot.NetworkStack;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.App;

/// <summary>A session on a test platform, with ways to run scripts and to see what they did.</summary>
internal sealed class TestSession : IDisposable
{
    public TestSession(int columns = 80, int rows = 25, TestPlatform? platform = null)
    {
        Platform = platform ?? new TestPlatform();
        Terminal = new TestTerminal(columns, rows);
        EventLoop = new TestEventLoop(Terminal);
        Session = new Session(Platform, Terminal, EventLoop, new NetBoot.NetworkStack.Sockets.Network(new RandomSource(1)));
        Session.WorkingUri.Set("http://server/dir/start");
    }

    public TestPlatform Platform { get; }
    public TestTerminal Terminal { get; }
    public TestEventLoop EventLoop { get; }
    public Session Session { get; }
    public string Output => Terminal.Output;

    /// <summary>The smallest PE file there is to the app's eyes.</summary>
    public static string Executable
    {
        get
        {
            char[] content = new char[0x80];
            "MZ".CopyTo(content);
            content[0x3C] = '\x40';
            "PE\0\0\x64\x86".CopyTo(0, content, 0x40, 6);
            return new string(content);
        }
    }

    /// <summary>Runs lines as a script named boot.ipxe.</summary>
    public EFI_STATUS Run(string lines) => RunRaw("#!ipxe\n" + lines);

    public EFI_STATUS RunRaw(string content) => RunBytes(Encoding.Latin1.GetBytes(content));

    public EFI_STATUS RunBytes(byte[] content)
    {
        Image image = Image.Create(Platform, "boot.ipxe", "http://server/dir/boot.ipxe");
        image.Content.Begin((ulong)content.Length);
        image.Content.Write(content);
        image.IsAutoFree = true;
        image.IsCommandLine = true; // runs whatever the first line says
        Session.Images.Add(image);
        Error? error = Session.Execute(image);
        return error?.Status ?? EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>What lines print, errors included.</summary>
    public static string OutputOf(string lines)
    {
        using TestSession session = new();
        session.Run(lines);
        return session.Output;
    }

    /// <summary>Sets a setting to text that is not expanded first, as DHCP does.</summary>
    public void Store(string setting, string value)
    {
        SettingName.TryParse(setting, out SettingName name);
        Session.Settings.Store(name, SettingType.String, Encoding.Latin1.GetBytes(value));
    }

    /// <summary>The expansion of a word after some lines.</summary>
    public string Expand(string word)
    {
        Error? error = Expansion.Expand(word, Session.Settings, out string expanded);
        return error?.Message ?? expanded;
    }

    public void Dispose() => Session.Dispose();
}
