using System;
using System.Collections.Generic;
using NetBoot.Boot.App.Commands;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Settings;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Script;

/// <summary>
/// Completes command lines: commands, their options, settings (in ${...} too), interfaces, images, and files of the volume that the app came
/// from. What an argument can be says the command's usage line.
/// </summary>
public sealed class CommandCompleter(Session session) : Completer
{
    /// <inheritdoc/>
    public override void Complete(Completions found)
    {
        ReadOnlySpan<char> line = found.Line;
        int open = line.LastIndexOf('{');
        if (open > 0 && line[open - 1] == '$' && line.Slice(open).IndexOf('}') < 0)
        {
            found.Start = open + 1;
            OfferSettings(found, '}');
            return;
        }

        int start = line.Length;
        while (start > 0 && !ByteText.IsSpace(line[start - 1]))
        {
            start--;
        }

        found.Start = start;
        string[] words = Interpreter.Split(line.Slice(0, start));
        int first = words.Length;
        while (first > 0 && !Interpreter.IsOperator(words[first - 1]))
        {
            first--;
        }

        if (first == words.Length)
        {
            OfferCommands(found);
        }
        else if (CommandTable.Find(session.Commands, words[first]) is Command command)
        {
            OfferArgument(found, command, new ReadOnlySpan<string>(words, first, words.Length - first).ToArray());
        }
    }

    private void OfferCommands(Completions found)
    {
        foreach (Command command in session.Commands)
        {
            found.Offer(command.Name, ' ');
        }
    }

    private void OfferArgument(Completions found, Command command, string[] words)
    {
        if (found.Word.Length > 0 && found.Word[0] == '-')
        {
            OfferOptions(found, command.Options);
            return;
        }

        if (Arguments.Parse(words, command.Options, out Arguments arguments) is not null)
        {
            return; // An option's value.
        }

        ReadOnlySpan<char> operand = Operand(command.Operands, arguments.Words.Length);
        while (operand.Length > 0)
        {
            int end = operand.IndexOf('|');
            OfferKind(found, end < 0 ? operand : operand.Slice(0, end));
            operand = end < 0 ? default : operand.Slice(end + 1);
        }
    }

    /// <summary>What a usage line says of the operand at an index, without brackets: "URI|IMAGE" of "[URI|IMAGE [ARGUMENT...]]".</summary>
    private static ReadOnlySpan<char> Operand(ReadOnlySpan<char> operands, int index)
    {
        while (operands.Length > 0)
        {
            int end = operands.IndexOf(' ');
            ReadOnlySpan<char> operand = end < 0 ? operands : operands.Slice(0, end);
            operands = end < 0 ? default : operands.Slice(end + 1);
            if (index-- == 0 || operand.IndexOf("...") >= 0)
            {
                return Bare(operand);
            }
        }

        return default;
    }

    private static ReadOnlySpan<char> Bare(ReadOnlySpan<char> operand)
    {
        while (operand.Length > 0 && operand[0] == '[')
        {
            operand = operand.Slice(1);
        }

        while (operand.Length > 0 && operand[operand.Length - 1] is ']' or '.')
        {
            operand = operand.Slice(0, operand.Length - 1);
        }

        return operand;
    }

    private void OfferKind(Completions found, ReadOnlySpan<char> kind)
    {
        switch (kind)
        {
            case "SETTING":
                OfferSettings(found, ' ');
                break;
            case "COMMAND":
                OfferCommands(found);
                break;
            case "IMAGE":
                OfferImages(found);
                break;
            case "URI":
                OfferFiles(found);
                break;
            case "INTERFACE":
                OfferInterfaces(found);
                break;
        }
    }

    private static void OfferOptions(Completions found, string text)
    {
        OptionList options = new(text);
        while (options.MoveNext())
        {
            found.Offer(TextBuilder.Format($"--{options.Name}"), ' ');
        }
    }

    private void OfferSettings(Completions found, char end)
    {
        int slash = found.Word.IndexOf('/');
        ReadOnlySpan<char> scope = slash < 0 ? default : found.Word.Slice(0, slash);
        session.Settings.FindScope(scope, mayCreate: false, out SettingsBlock? block);
        if (block is null)
        {
            return;
        }

        ReadOnlySpan<char> prefix = found.Word.Slice(0, slash + 1);
        int at = 0;
        while (block.TryNextName(ref at, out string name))
        {
            found.Offer(TextBuilder.Format($"{prefix}{name}"), end);
        }

        for (ReadOnlySpan<char> names = PredefinedSettings.UsualNames; names.Length > 0;)
        {
            found.Offer(TextBuilder.Format($"{prefix}{PredefinedSettings.TakeName(ref names)}"), end);
        }

        if (slash < 0)
        {
            OfferScopes(found, session.Settings.Root, "");
            found.Offer("netX/", '\0');
        }
    }

    private static void OfferScopes(Completions found, SettingsBlock parent, string path)
    {
        for (SettingsBlock? block = parent.FirstChild; block is not null; block = block.NextSibling)
        {
            if (block.Name.Length > 0)
            {
                found.Offer(TextBuilder.Format($"{path}{block.Name}/"), '\0');
                OfferScopes(found, block, TextBuilder.Format($"{path}{block.Name}."));
            }
        }
    }

    private void OfferInterfaces(Completions found)
    {
        foreach (BootInterface bootInterface in session.Interfaces)
        {
            found.Offer(bootInterface.Interface.Name, ' ');
        }
    }

    private void OfferImages(Completions found)
    {
        for (Image? image = session.Images.First; image is not null; image = ImageRegistry.After(image))
        {
            if (!image.IsHidden)
            {
                found.Offer(image.Name, ' ');
            }
        }
    }

    /// <summary>Files of the folder that the word names so far.</summary>
    private void OfferFiles(Completions found)
    {
        string word = new(found.Word);
        string folder = word.Substring(0, word.LastIndexOf('/') + 1);
        if (session.ResolveUri(folder.Length == 0 ? "." : folder, out ResourceUri? uri) is not null || uri is not { Scheme: "file" })
        {
            return;
        }

        List<string> names = new();
        session.Platform.ListFolder(uri, names);
        foreach (string name in names)
        {
            found.Offer(TextBuilder.Format($"{folder}{name}"), name.EndsWith('/') ? '\0' : ' ');
        }
    }
}
