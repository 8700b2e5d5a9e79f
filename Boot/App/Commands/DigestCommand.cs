using System;
using NetBoot.Boot.App.Digests;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Settings;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Prints images' digests as md5sum does, or sets a setting to them: md5sum, sha1sum, sha256sum and sha512sum.</summary>
public sealed class DigestCommand(string name, string summary) : Command
{
    /// <summary>The user is asked after so many bytes whether to go on.</summary>
    private const int PieceSize = 1 << 20;

    public override string Name => name;
    public override string Summary => summary;
    public override string Options => "s|set=SETTING";
    public override string Operands => "URI|IMAGE...";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        foreach (string word in arguments.Words)
        {
            MessageDigest digest = Create();
            Error? error = ImageArguments.AcquireNamed(session, arguments, word, out Image? image);
            if (image is null || (error = Digest(session, digest, image.Content)) is not null)
            {
                return error;
            }

            byte[] value = new byte[digest.Size];
            digest.Finish(value);
            if (arguments.Value('s') is not string setting)
            {
                session.Terminal.WriteLine(TextBuilder.Format($"{SettingFormat.Format(SettingType.HexRaw, value)}  {image.Name}"));
            }
            else if (ImageArguments.Store(session, setting, SettingType.HexRaw, value) is Error refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private static unsafe Error? Digest(Session session, MessageDigest digest, PageBuffer content)
    {
        for (ulong at = 0; at < content.Length; at += PieceSize)
        {
            digest.Update(new ReadOnlySpan<byte>(content.Pointer + at, (int)Math.Min(PieceSize, content.Length - at)));
            if (!session.EventLoop.RunOnce())
            {
                return new Error(EFI_STATUS.EFI_ABORTED, "interrupted");
            }
        }

        return null;
    }

    private MessageDigest Create() => name switch
    {
        "md5sum" => new Md5(),
        "sha1sum" => new Sha1(),
        "sha256sum" => new Sha256(),
        _ => new Sha512(),
    };
}
