using System.Collections.Generic;
using System.Text;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Menus;
using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>The boot menu that PXE servers send, and the boot servers that its items stand for.</summary>
internal static class PxeBoot
{
    /// <summary>The type of a menu's item that means the machine's own disk.</summary>
    public const ushort LocalBoot = 0;

    private const ulong Second = 1_000_000;

    /// <summary>Columns of " (254) ", and one that stays free.</summary>
    private const int TimeWidth = 8;

    /// <summary>Has the user choose from the boot menu of a lease, as its prompt says.</summary>
    /// <param name="session">Whose terminal shows it.</param>
    /// <param name="lease">Needed until the menu is shown: it may be renewed meanwhile.</param>
    /// <param name="type">The boot server's.</param>
    public static Error? Choose(Session session, DhcpLease lease, out ushort type)
    {
        type = LocalBoot;
        Error? error = lease.ReadPxe(out PxeOptions options);
        if (error is not null)
        {
            return error;
        }

        string prompt = Encoding.Latin1.GetString(options.Prompt);
        uint time = options.PromptTime;
        bool isShown = time == PxeOptions.NoPrompt;
        List<ushort> types = new();
        using Menu menu = Menu.Create(null, prompt.Length > 0 ? prompt : "Boot menu");
        PxeMenuReader reader = new(options.Menu);
        while (reader.Read())
        {
            menu.Add(TextBuilder.Format($"{types.Count}"), Encoding.Latin1.GetString(reader.Text), default, isDefault: false, isSecret: false);
            types.Add(reader.Type);
        }

        if (types.Count == 0)
        {
            return new Error(EFI_STATUS.EFI_NOT_FOUND, "DHCP brings no boot menu");
        }

        long index = 0;
        error = isShown ? null : Prompt(session, prompt.Length > 0 ? prompt : "Press F8 for the boot menu", time, out isShown);
        if (error is null && isShown)
        {
            error = new MenuScreen(session, menu).Run(null, 0, 0, out MenuItem? chosen);
            Number.TryParse(chosen?.Name ?? "0", out index);
        }

        type = types[(int)index];
        return error;
    }

    /// <summary>Finds the boot server of a type, and says so on the terminal. It is in pxebs/ then.</summary>
    public static Error? Discover(Session session, BootInterface bootInterface, ushort type)
    {
        session.Terminal.Write(TextBuilder.Format($"{bootInterface.Interface.Name}: PXE boot server {(uint)type}... "));
        Error? error = bootInterface.Dhcp!.DiscoverBootServer(session.EventLoop, session.DescribeClient(bootInterface, 0, wantsBootFile: true), type);
        session.Terminal.WriteLine(error is null ? TextBuilder.Format($"{bootInterface.Dhcp.BootServer!.FileServer}") : "failed");
        return error;
    }

    /// <summary>Waits for F8, which shows the menu, or any other key, which boots its first item at once; Esc and Ctrl-C give up.</summary>
    /// <param name="session">Whose terminal it is.</param>
    /// <param name="text">Shown with the seconds that are left.</param>
    /// <param name="time">Seconds.</param>
    /// <param name="isMenuWanted">Whether F8 was pressed.</param>
    private static Error? Prompt(Session session, string text, uint time, out bool isMenuWanted)
    {
        Key key = default;
        bool wasPressed = false;
        for (uint left = time; left > 0 && !wasPressed; left--)
        {
            session.Terminal.Write("\r");
            ScreenText.Write(session.Terminal, text, session.Terminal.Columns - TimeWidth);
            session.Terminal.Write(TextBuilder.Format($" ({left}) "));
            wasPressed = session.TryWaitForKey(Second, out key);
        }

        session.Terminal.Write(time > 0 ? "\n" : "");
        isMenuWanted = key.Code == KeyCode.F8;
        return key.Is(Key.ControlC) || key.Is(Key.EscapeCharacter) || key.Code == KeyCode.Escape ? new Error(EFI_STATUS.EFI_ABORTED, "cancelled") : null;
    }
}
