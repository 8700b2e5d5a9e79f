using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Pictures;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>
/// Sets the screen up: its size, margins around the text, a picture behind it. Without a width and a height (the picture's if nothing else is
/// said) it shows text as the firmware does.
/// </summary>
public sealed class ConsoleCommand : Command
{
    /// <summary>No screen is larger, and sums of such lengths do not overflow.</summary>
    private const ulong MaximumLength = 1 << 20;

    public override string Name => "console";
    public override string Summary => "set up the screen: its size, a picture behind the text";

    public override string Options =>
        "x|x=PIXELS y|y=PIXELS l|left=PIXELS r|right=PIXELS t|top=PIXELS b|bottom=PIXELS d|depth=BITS p|picture=URI k|keep";

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = null;
        ScreenRequest request = new()
        {
            Width = Length(arguments, 'x', ref error),
            Height = Length(arguments, 'y', ref error),
            Left = Length(arguments, 'l', ref error),
            Right = Length(arguments, 'r', ref error),
            Top = Length(arguments, 't', ref error),
            Bottom = Length(arguments, 'b', ref error),
            Depth = Length(arguments, 'd', ref error),
        };
        Image? image = null;
        if (error is null && arguments.Value('p') is string uri)
        {
            error = ImageArguments.AcquireNamed(session, arguments, uri, out image) ?? SetPicture(image!, ref request);
        }

        error ??= session.Terminal.Configure(request, session.Platform, session.EventLoop);
        if (image is not null && !arguments.Has('k'))
        {
            session.Images.Free(image);
        }

        if (error is null)
        {
            session.Terminal.SetColours(session.Terminal.Palette.Usual);
            session.Terminal.Clear();
        }

        return error;
    }

    private static int Length(Arguments arguments, char option, ref Error? error)
    {
        ulong length = 0;
        error ??= arguments.Number(option, 0, out length);
        return (int)Math.Min(length, MaximumLength);
    }

    private static unsafe Error? SetPicture(Image image, ref ScreenRequest request)
    {
        Error? error = PngFile.Parse(image.Name, image.Content.Pointer, image.Content.Length, out PngFile? picture);
        if (picture is not null)
        {
            request = request with
            {
                Width = request.Width == 0 ? picture.Width : request.Width,
                Height = request.Height == 0 ? picture.Height : request.Height,
                Picture = picture,
            };
        }

        return error;
    }
}
