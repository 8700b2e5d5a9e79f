using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// What a PXE server says in option 43 (PXE 2.1, 2.2.3): where boot servers are looked for, and a menu of their types. Of a sub-option that is
/// repeated the first counts. A view over bytes.
/// </summary>
public readonly ref struct PxeOptions
{
    /// <summary>PXE_DISCOVERY_CONTROL, 1 byte.</summary>
    public const byte DiscoveryControl = 6;

    /// <summary>DISCOVERY_MCAST_ADDR.</summary>
    public const byte MulticastAddress = 7;

    /// <summary>PXE_BOOT_SERVERS: see <see cref="PxeBootServerReader"/>.</summary>
    public const byte BootServerList = 8;

    /// <summary>PXE_BOOT_MENU: see <see cref="PxeMenuReader"/>.</summary>
    public const byte BootMenu = 9;

    /// <summary>PXE_MENU_PROMPT: seconds, then a text.</summary>
    public const byte MenuPrompt = 10;

    /// <summary>PXE_BOOT_ITEM: a boot server's type and layer, 2 bytes each.</summary>
    public const byte BootItem = 71;

    /// <summary>In <see cref="PromptTime"/>: the menu comes at once and stays.</summary>
    public const byte NoPrompt = 255;

    private const byte NoBroadcast = 1;
    private const byte NoMulticast = 2;
    private const byte OnlyListed = 4;
    private const byte BootsTheFile = 8;

    private readonly byte _control;

    /// <summary>Reads what there is before the first fault, if there is one.</summary>
    /// <param name="option">The value of option 43.</param>
    public PxeOptions(ReadOnlySpan<byte> option)
    {
        int control = -1;
        PromptTime = NoPrompt;
        DhcpOptionReader reader = new(option);
        while (FaultTag == 0 && reader.Read())
        {
            int faultAt = -1; // in the value
            ReadOnlySpan<byte> value = reader.Value;
            switch (reader.Tag)
            {
                case DiscoveryControl when value.Length == 1 && control < 0:
                    control = value[0];
                    break;
                case MulticastAddress when value.Length == 4 && Multicast.IsAny:
                    Multicast = DhcpMessage.ReadAddress(value);
                    break;
                case BootServerList when BootServers.IsEmpty:
                    BootServers = value;
                    faultAt = FindServersFault(value);
                    break;
                case BootMenu when Menu.IsEmpty:
                    Menu = value;
                    faultAt = FindMenuFault(value);
                    break;
                case MenuPrompt when value.Length > 0 && Prompt.IsEmpty && PromptTime == NoPrompt:
                    PromptTime = value[0];
                    Prompt = DhcpMessage.TrimName(value.Slice(1));
                    break;
                case BootItem when value.Length == 4 && ItemType < 0:
                    ItemType = WireBytes.Read16(value, 0);
                    break;
                case DiscoveryControl when value.Length != 1:
                case MulticastAddress or BootItem when value.Length != 4:
                case MenuPrompt when value.IsEmpty:
                    faultAt = 0;
                    break;
            }

            if (faultAt >= 0)
            {
                FaultTag = reader.Tag;
                FaultOffset = reader.Offset + 2 + faultAt;
            }
        }

        _control = (byte)Math.Max(control, 0);
        if (reader.IsDamaged)
        {
            FaultTag = option[reader.Offset];
            FaultOffset = reader.Offset;
        }
    }

    /// <summary>The sub-option that is not what PXE says it is; 0 for none.</summary>
    public byte FaultTag { get; }

    /// <summary>Where that is, in bytes from the beginning of option 43.</summary>
    public int FaultOffset { get; }

    /// <summary>Boot servers may be asked for by broadcast.</summary>
    public bool MayBroadcast => (_control & NoBroadcast) == 0;

    /// <summary>Boot servers may be asked for by multicast to <see cref="Multicast"/>.</summary>
    public bool MayMulticast => (_control & NoMulticast) == 0 && Multicast.IsMulticast;

    /// <summary>Only boot servers in <see cref="BootServers"/> are to be believed.</summary>
    public bool IsListOnly => (_control & OnlyListed) != 0;

    /// <summary>Where a boot file is named too, it is to be booted without menu and prompt.</summary>
    public bool IsFilePreferred => (_control & BootsTheFile) != 0;

    /// <summary>The group of the boot servers; 0.0.0.0 for none.</summary>
    public IPv4Address Multicast { get; }

    /// <summary>For a <see cref="PxeBootServerReader"/>.</summary>
    public ReadOnlySpan<byte> BootServers { get; }

    /// <summary>For a <see cref="PxeMenuReader"/>.</summary>
    public ReadOnlySpan<byte> Menu { get; }

    /// <summary>How many seconds the prompt waits for F8, which shows the menu; its first item is taken then. <see cref="NoPrompt"/> when the menu is shown.</summary>
    public byte PromptTime { get; }

    /// <summary>What to show meanwhile, or above the menu.</summary>
    public ReadOnlySpan<byte> Prompt { get; }

    /// <summary>The type that a boot server answers as; -1 when it does not say.</summary>
    public int ItemType { get; } = -1;

    private static int FindServersFault(ReadOnlySpan<byte> value)
    {
        PxeBootServerReader reader = new(value);
        while (reader.Read())
        {
        }

        return reader.IsDamaged ? reader.Offset : -1;
    }

    private static int FindMenuFault(ReadOnlySpan<byte> value)
    {
        PxeMenuReader reader = new(value);
        while (reader.Read())
        {
        }

        return reader.IsDamaged ? reader.Offset : -1;
    }
}
