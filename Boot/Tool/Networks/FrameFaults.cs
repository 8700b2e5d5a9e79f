using System;

namespace NetBoot.Boot.Tool.Networks;

/// <summary>What happens to frames that pass a port of an <see cref="EthernetSwitch"/>, in each direction. Rates are from 0 to 1.</summary>
public sealed record FrameFaults
{
    /// <summary>Frames that are lost.</summary>
    public double Loss { get; init; }

    /// <summary>Frames of the others that come twice.</summary>
    public double Duplicates { get; init; }

    /// <summary>Frames that are overtaken by those behind them: they are late by up to <see cref="Lateness"/> more.</summary>
    public double Reordering { get; init; }

    /// <summary>How late a reordered frame is at the most.</summary>
    public TimeSpan Lateness { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How long each frame takes.</summary>
    public TimeSpan Delay { get; init; }
}
