using System;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace NetBoot.Boot.Packaging.FirmwareVolumes;

/// <summary>LZMA as edk2 has it: five bytes of properties, eight of the size, then the data. By Debian's <c>xz</c>.</summary>
public static class Lzma
{
    private const int HeaderSize = 13;
    private const int SizeOffset = 5;
    private const int DictionaryOffset = 1;

    /// <summary>More than any firmware's: a damaged size must not take all memory.</summary>
    private const int Maximum = 256 << 20;

    /// <exception cref="InputError">It does not unpack to exactly the size that it says.</exception>
    public static byte[] Decompress(InputView packed)
    {
        uint dictionary = packed.U32(DictionaryOffset, "LZMA dictionary size");
        ulong size = packed.U64(SizeOffset, "LZMA size");
        if (size is 0 or > Maximum)
        {
            throw packed.Fail(SizeOffset, "LZMA size", $"is 0x{size:x}, not between 1 byte and 256 MiB");
        }

        if (dictionary > Maximum)
        {
            throw packed.Fail(DictionaryOffset, "LZMA dictionary size", $"is 0x{dictionary:x}, more than 256 MiB");
        }

        byte[] input = packed.Span.ToArray();
        byte[] output = Unpack(input, (int)size, out string complaint);
        if (complaint.Length != 0 && output.Length == (int)size)
        {
            // Data with a size and a marker at its end, as ours: xz 5.4 refuses it when one of its reads ends within the marker. The marker is enough.
            input.AsSpan(SizeOffset, sizeof(ulong)).Fill(0xFF);
            output = Unpack(input, (int)size, out complaint);
        }

        return output.Length == (int)size && complaint.Length == 0
            ? output
            : throw packed.Fail(HeaderSize, "LZMA data", $"unpacks to 0x{output.Length:x} bytes, not to 0x{size:x}: {(complaint.Length == 0 ? "it goes on" : complaint)}");
    }

    /// <summary>Packs as tightly as xz can, with the size in the header, which edk2 wants.</summary>
    public static byte[] Compress(byte[] content)
    {
        // The dictionary is a power of two that holds it all; edk2's decoder needs none of its own. x64's instructions begin anywhere, AArch64's at every
        // fourth byte. With one literal context bit more edk2's decoder needs 28 of the 64 KiB that it has.
        uint dictionary = System.Numerics.BitOperations.RoundUpToPowerOf2(Math.Max(1u << 16, (uint)content.Length));
        byte[] packed = new[] { "lc=4,lp=0,pb=0", "lc=3,lp=0,pb=2" }.AsParallel().Select(bits => Pack(content, $"preset=9e,dict={dictionary},{bits}"))
            .MinBy(each => each.Length)!;
        BinaryPrimitives.WriteInt64LittleEndian(packed.AsSpan(SizeOffset), content.Length);
        return packed;
    }

    private static byte[] Pack(byte[] content, string options)
    {
        byte[] packed = Run(["--compress", "--stdout", "--format=lzma", $"--lzma1={options}"], content, Maximum, out string complaint);
        return complaint.Length == 0 && packed.Length >= HeaderSize ? packed : throw new InvalidOperationException($"xz: {complaint}");
    }

    private static byte[] Unpack(byte[] packed, int size, out string complaint) =>
        Run(["--decompress", "--stdout", "--format=lzma", "--no-warn"], packed, size + 1, out complaint);

    /// <summary>Runs xz over some bytes, and reads no more than a limit of what it makes of them.</summary>
    private static byte[] Run(string[] arguments, byte[] input, int limit, out string complaint)
    {
        ProcessStartInfo info = new("xz") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        arguments.ToList().ForEach(info.ArgumentList.Add);
        using Process process = Process.Start(info)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task feeding = FeedAsync(process, input);
        using MemoryStream output = new();
        byte[] buffer = new byte[1 << 16];
        for (int count; output.Length < limit && (count = process.StandardOutput.BaseStream.Read(buffer)) > 0;)
        {
            output.Write(buffer, 0, (int)Math.Min(count, limit - output.Length));
        }

        if (output.Length == limit)
        {
            process.Kill();
        }

        process.WaitForExit();
        feeding.Wait();
        complaint = output.Length == limit ? "" : errors.Result.Trim();
        return output.ToArray();
    }

    private static async Task FeedAsync(Process process, byte[] input)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has seen enough, and says why.
        }
    }
}
