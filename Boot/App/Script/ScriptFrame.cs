using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Script;

/// <summary>One running script, or an interactive shell, which has no content to jump in.</summary>
public sealed class ScriptFrame(ScriptFrame? caller, Image? script)
{
    /// <summary>What runs on when this ends.</summary>
    public ScriptFrame? Caller { get; } = caller;

    /// <summary>Null in a shell.</summary>
    public Image? Script { get; } = script;

    /// <summary>Scripts within scripts, this one included.</summary>
    public int Depth { get; } = caller is null ? 1 : caller.Depth + 1;

    /// <summary>Where the next line starts.</summary>
    public int Position;

    /// <summary>The next line's number.</summary>
    public int NextLine = 1;

    /// <summary>The number of the line that runs.</summary>
    public int Line;

    /// <summary>What is left of the current command line is not to run.</summary>
    public bool IsLineDone;

    /// <summary>exit ended it, with <see cref="ExitStatus"/>.</summary>
    public bool IsFinished;

    public EFI_STATUS ExitStatus;

    /// <summary>What runs in this script's place when it has ended (chain --replace).</summary>
    public Image? Replacement;

    /// <summary>Ends the script or shell with a status.</summary>
    public void Exit(EFI_STATUS status)
    {
        IsLineDone = true;
        IsFinished = true;
        ExitStatus = status;
    }
}
