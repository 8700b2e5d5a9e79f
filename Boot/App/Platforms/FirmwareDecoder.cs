using NetBoot.Boot.App.Pictures;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>Decodes pictures by the firmware's own decoders (UEFI 2.10, 34.6), where it has one.</summary>
internal static unsafe class FirmwareDecoder
{
    /// <summary>Decodes a picture; false when no decoder can.</summary>
    /// <param name="file">Its size was found to be bounded.</param>
    /// <param name="to">Gets the pixels.</param>
    public static bool TryDecode(PngFile file, Picture to)
    {
        using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<EFI_HII_IMAGE_DECODER_PROTOCOL>();
        foreach (EFI_HANDLE handle in handles.Span)
        {
            EFI_HII_IMAGE_DECODER_PROTOCOL* decoder = Firmware.Get<EFI_HII_IMAGE_DECODER_PROTOCOL>(handle);
            if (decoder != null && KnowsPng(decoder) && TryDecode(decoder, file, to))
            {
                return true;
            }
        }

        return false;
    }

    private static bool KnowsPng(EFI_HII_IMAGE_DECODER_PROTOCOL* decoder)
    {
        EFI_GUID* names = null;
        ushort count = 0;
        if (decoder->GetImageDecoderName(decoder, &names, &count).IsError || names == null)
        {
            return false;
        }

        int i = 0;
        while (i < count && names[i] != EFI_HII_IMAGE_DECODER_PROTOCOL.EFI_HII_IMAGE_DECODER_NAME_PNG)
        {
            i++;
        }

        return i < count;
    }

    private static bool TryDecode(EFI_HII_IMAGE_DECODER_PROTOCOL* decoder, PngFile file, Picture to)
    {
        EFI_IMAGE_OUTPUT* image = null;
        fixed (byte* content = file.Content)
        {
            if (decoder->DecodeImage(decoder, content, (nuint)file.Content.Length, &image, 0).IsError || image == null)
            {
                return false;
            }
        }

        bool isWhole = image->Bitmap != null && image->Width == file.Width && image->Height == file.Height;
        for (int i = 0; isWhole && i < file.Width * file.Height; i++)
        {
            EFI_GRAPHICS_OUTPUT_BLT_PIXEL pixel = image->Bitmap[i];
            to.Set(i % file.Width, i / file.Width, (uint)(pixel.Red << 16 | pixel.Green << 8 | pixel.Blue));
        }

        Pool.Free(image->Bitmap);
        Pool.Free(image);
        return isWhole;
    }
}
