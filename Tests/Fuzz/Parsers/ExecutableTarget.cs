using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.Boot.App.Images;
using NetBoot.Tests.App;
using NetBoot.Tests.Packaging;

namespace NetBoot.Tests.Fuzz.Parsers;

internal sealed class ExecutableTarget : FuzzTarget
{
    public override string Name => "executable";

    public override string Subject => "the first bytes of what was fetched: PE, bzImage, AArch64 and compressed kernels";

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            yield return Encoding.Latin1.GetBytes(TestSession.Executable);
            byte[] kernel = SampleImage.Make()[..0x240];
            "HdrS"u8.CopyTo(kernel.AsSpan(0x202));
            yield return kernel;
            byte[] arm = SampleImage.Make()[..0x200];
            "ARM\x64"u8.CopyTo(arm.AsSpan(56));
            "zimg"u8.CopyTo(arm.AsSpan(4));
            yield return arm;
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        bool isExecutable = ExecutableFile.IsExecutable(input);
        FuzzFinding.Unless(isExecutable || !ExecutableFile.IsLinux(input), "a kernel that is no executable");
        FuzzFinding.Unless(isExecutable || ExecutableFile.Machine(input) == 0, "a machine of what is no executable");
    }
}
