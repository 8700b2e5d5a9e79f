using System;
using System.Collections.Generic;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>The words that a program is started with, without its own name: what Main gets.</summary>
public static unsafe class ProgramArguments
{
    private const uint LongestOptions = 16 * 1024; // In bytes.

    /// <summary>
    /// Those of the UEFI shell when it has started the image, else the words of its load options (UEFI 2.10, 9.1); none where these are no text:
    /// boot managers keep their own data there.
    /// </summary>
    public static string[] Of(EFI_HANDLE image)
    {
        EFI_SHELL_PARAMETERS_PROTOCOL* shell = Firmware.Get<EFI_SHELL_PARAMETERS_PROTOCOL>(image);
        if (shell != null && shell->Argv != null && shell->Argc != 0)
        {
            string[] words = new string[(int)shell->Argc - 1];
            for (int i = 0; i < words.Length; i++)
            {
                words[i] = new string(shell->Argv[i + 1]);
            }

            return words;
        }

        EFI_LOADED_IMAGE_PROTOCOL* loaded = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(image);
        return loaded == null || loaded->LoadOptions == null
            ? []
            : Split(new ReadOnlySpan<char>(loaded->LoadOptions, (int)(Math.Min(loaded->LoadOptionsSize, LongestOptions) / sizeof(char))));
    }

    /// <summary>
    /// Words are separated by blanks, and what stands in double quotes is one. A first word that ends in .efi is the program's name. A zero ends
    /// the text; with another control character in it, there are none.
    /// </summary>
    internal static string[] Split(ReadOnlySpan<char> options)
    {
        List<string> words = new();
        Span<char> word = stackalloc char[options.Length];
        int length = 0;
        bool isQuoted = false;
        bool isWord = false;
        for (int i = 0; i <= options.Length; i++)
        {
            char c = i < options.Length ? options[i] : '\0';
            if (c == '\0' || (c is ' ' or '\t' && !isQuoted))
            {
                if (isWord && !(words.Count == 0 && EndsInEfi(word.Slice(0, length))))
                {
                    words.Add(new string(word.Slice(0, length)));
                }

                length = 0;
                isWord = false;
                if (c == '\0')
                {
                    break;
                }
            }
            else if (c < ' ')
            {
                return [];
            }
            else
            {
                isWord = true;
                isQuoted ^= c == '"';
                if (c != '"')
                {
                    word[length++] = c;
                }
            }
        }

        return words.ToArray();
    }

    private static bool EndsInEfi(ReadOnlySpan<char> word) =>
        word.Length >= 4 && word[^4] == '.' && (word[^3] | 0x20) == 'e' && (word[^2] | 0x20) == 'f' && (word[^1] | 0x20) == 'i';
}
