using System;
using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Makes an image of what is in memory.</summary>
public sealed unsafe class ImageMemoryCommand : Command
{
    private const ulong PieceSize = 1 << 20;

    public override string Name => "imgmem";
    public override string Summary => "make an image of what is in memory";
    public override string Options => "n|name=NAME";
    public override string Operands => "ADDRESS LENGTH";
    public override int MinimumOperands => 2;
    public override int MaximumOperands => 2;

    protected override Error? Run(Session session, Arguments arguments)
    {
        ulong length = 0;
        Error? error = Arguments.ParseNumber(arguments.Words[0], out ulong address) ?? Arguments.ParseNumber(arguments.Words[1], out length);
        if (error is not null)
        {
            return error;
        }

        byte* memory = session.Platform.FindMemory(address, length);
        if (memory is null)
        {
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{length} bytes at {address:x}: not all of it is memory"));
        }

        Image image = Image.Create(session.Platform, arguments.Value('n') ?? arguments.Words[0], "");
        error = image.Content.Begin(length);
        for (ulong at = 0; at < length && error is null; at += PieceSize)
        {
            error = image.Content.Write(new ReadOnlySpan<byte>(memory + at, (int)Math.Min(PieceSize, length - at)));
        }

        if (error is not null)
        {
            image.Dispose();
            return error;
        }

        session.Images.Add(image);
        return null;
    }
}
