using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>A decoder of PNG pictures (UEFI 2.10, 34.6) that decodes each file to the same picture.</summary>
public sealed unsafe class SimulatedDecoder
{
    private readonly SimulatedFirmware _firmware;
    private readonly EFI_GUID* _names;

    public SimulatedDecoder(SimulatedFirmware firmware)
    {
        _firmware = firmware;
        _names = firmware.Allocate<EFI_GUID>();
        *_names = EFI_HII_IMAGE_DECODER_PROTOCOL.EFI_HII_IMAGE_DECODER_NAME_PNG;
        EFI_HII_IMAGE_DECODER_PROTOCOL* decoder = firmware.Allocate<EFI_HII_IMAGE_DECODER_PROTOCOL>(this);
        decoder->GetImageDecoderName = &GetImageDecoderName;
        decoder->DecodeImage = &DecodeImage;
        firmware.Install(default, decoder);
    }

    /// <summary>Whether it says that it knows the format.</summary>
    public bool KnowsPng { get; set; } = true;

    /// <summary>What it makes of a file.</summary>
    public (int Width, int Height, uint Pixel) Picture { get; set; }

    /// <summary>What it answers.</summary>
    public EFI_STATUS Status { get; set; }

    /// <summary>How many files it was given.</summary>
    public int Count { get; private set; }

    private EFI_STATUS Decode(EFI_IMAGE_OUTPUT** image)
    {
        Count++;
        if (Status.IsError)
        {
            return Status;
        }

        void* output;
        void* pixels;
        EFI_BOOT_SERVICES* services = _firmware.BootServices;
        services->AllocatePool(EFI_MEMORY_TYPE.EfiBootServicesData, (nuint)sizeof(EFI_IMAGE_OUTPUT), &output);
        services->AllocatePool(EFI_MEMORY_TYPE.EfiBootServicesData, (nuint)(Picture.Width * Picture.Height * sizeof(uint)), &pixels);
        new Span<uint>(pixels, Picture.Width * Picture.Height).Fill(Picture.Pixel);
        *image = (EFI_IMAGE_OUTPUT*)output;
        **image = new EFI_IMAGE_OUTPUT
        {
            Width = (ushort)Picture.Width,
            Height = (ushort)Picture.Height,
            Bitmap = (EFI_GRAPHICS_OUTPUT_BLT_PIXEL*)pixels,
        };
        return EFI_STATUS.EFI_SUCCESS;
    }

    private static SimulatedDecoder Of(EFI_HII_IMAGE_DECODER_PROTOCOL* self) =>
        ProtocolInstance<EFI_HII_IMAGE_DECODER_PROTOCOL>.OwnerOf<SimulatedDecoder>(self);

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetImageDecoderName(EFI_HII_IMAGE_DECODER_PROTOCOL* self, EFI_GUID** names, ushort* count)
    {
        *names = Of(self)._names;
        *count = (ushort)(Of(self).KnowsPng ? 1 : 0);
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS DecodeImage(
        EFI_HII_IMAGE_DECODER_PROTOCOL* self, void* content, nuint length, EFI_IMAGE_OUTPUT** image, byte transparent) =>
        Of(self).Decode(image);
}
