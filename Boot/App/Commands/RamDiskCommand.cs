using NetBoot.Boot.App.Compression;
using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Loads a disk's or CD's image into memory, as a disk that the operating system sees too, and boots from it.</summary>
public sealed class RamDiskCommand : Command
{
    public override string Name => "ramdisk";
    public override string Summary => "load a disk or CD into memory, which the operating system sees too, and boot from it";
    public override string Options => "d|drive=NUMBER n|no-boot k|keep f|filename=PATH t|timeout=MILLISECONDS q|quiet";
    public override string Operands => "URI";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = arguments.Number('d', session.San.UsualNumber, out ulong number) ?? session.San.CheckFree(number);
        if (error is not null)
        {
            return error;
        }

        error = Load(session, arguments, out Image? image);
        if (image is null)
        {
            return error;
        }

        error = session.San.AddRam(number, image, out SanDrive? drive);
        if (drive is null || arguments.Has('n'))
        {
            return error;
        }

        error = session.San.Boot(drive, new LocalBootRequest { FileName = arguments.Value('f') });
        if (!arguments.Has('k'))
        {
            session.San.Release(drive);
        }

        return error;
    }

    /// <summary>Fetches the image, which is in no registry then.</summary>
    private static Error? Load(Session session, Arguments arguments, out Image? image)
    {
        image = null;
        Error? error = arguments.Time('t', 0, out ulong timeout) ?? session.FetchImage(arguments.Words[0], null, timeout, arguments.Has('q'), out image, isReserved: true);
        if (image is not null && CompressedFile.IsGzip(image.Content.Span))
        {
            Image compressed = image;
            error = session.ExtractImage(compressed, null, out image, isReserved: true);
            session.Images.Free(compressed);
        }

        if (image is null)
        {
            return error;
        }

        error = session.Images.CheckTrust(image);
        if (error is null && image.Content.Length < RamDisk.DiskBlockSize)
        {
            error = new Error(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"{image.Name}: {image.Content.Length} bytes are no disk"));
        }

        if (error is not null)
        {
            session.Images.Free(image);
            image = null;
            return error;
        }

        session.Images.Remove(image);
        return null;
    }
}
