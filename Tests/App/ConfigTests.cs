using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>config: what the settings editor shows, where keys lead, and what is changed.</summary>
public sealed class ConfigTests : IDisposable
{
    private readonly TestSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Config_ShowsBlocksAndSettings_AndHidesPasswords()
    {
        string[] screen = Watch("set hostname box\nset x:hex 01:02\nset password secret\nset a.b/c 1\nconfig");

        Assert.Contains(screen, line => line.Trim() == "Settings");
        Assert.Contains(screen, line => line.Trim() == "a/");
        Assert.Contains(screen, line => line.Trim() == "hostname          box");
        Assert.Contains(screen, line => line.Trim() == "x                 01:02");
        Assert.Contains(screen, line => line.Trim() == "password          ***");
    }

    [Fact]
    public void Choosing_EditsASetting_AndKeepsItsType()
    {
        _session.Terminal.Press("/x  \b\b\r:03\r\x18");

        Assert.True(_session.Run("set x:hex 01:02\nset y 1\nconfig\necho ${x} ${x:hexraw}").IsSuccess);

        Assert.EndsWith("01:02:03 010203\n", _session.Output);
        Assert.Empty(_session.Terminal.ScreenKeys);
        Assert.Equal(TextColours.Usual, _session.Terminal.Colours);
    }

    [Fact]
    public void EmptiedField_DeletesASetting_AndEscLeavesIt()
    {
        _session.Terminal.Press("/q1\r\x15\r" + "/q2\r5<X><X>");

        Assert.True(_session.Run("set q1 1\nset q2 2\nconfig\necho <${q1}${q2}>").IsSuccess);

        Assert.EndsWith("<2>\n", _session.Output);
    }

    [Fact]
    public void Blocks_LeadIntoEachOther_AndBack()
    {
        _session.Terminal.Press("/a/\r" + "/b/\r" + "/c\r7\r" + "<H>\r" + "<H>\r" + "<X>");

        Assert.True(_session.Run("set a.b/c 1\nconfig\necho ${a.b/c}").IsSuccess);

        Assert.EndsWith("17\n", _session.Output);
        Assert.Empty(_session.Terminal.ScreenKeys);
    }

    [Fact]
    public void Scope_IsWhereItBegins_AndHasToBeThere()
    {
        string[] screen = Watch("set a.b/c 1\nconfig a.b");
        Assert.Contains(screen, line => line.Trim() == "Settings of a.b");
        Assert.Contains(screen, line => line.Trim() == "c                 1");

        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, _session.Run("config nosuch"));
        Assert.EndsWith("config: nosuch: no such scope\n", _session.Output);
    }

    [Fact]
    public void RefusedValue_SaysWhy()
    {
        _session.Terminal.Press("/platform\rx\r");
        string[] screen = Watch("config builtin");

        Assert.Contains(screen, line => line.Trim() == "builtin/platform: cannot be set");
    }

    /// <summary>What stands on the screen when all keys are taken; then it is given up, in a form twice.</summary>
    private string[] Watch(string script)
    {
        string[] screen = [];
        _session.Terminal.NextKey = () =>
        {
            screen = [.. _session.Terminal.Visible];
            _session.Terminal.NextKey = null;
            _session.Terminal.Press("\x03\x03");
            return null;
        };
        _session.Run(script);
        return screen;
    }
}
