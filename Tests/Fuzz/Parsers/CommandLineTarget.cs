using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.Boot.App.Commands;
using NetBoot.Boot.App.Script;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>A line of a script or of the shell, against the options of every command.</summary>
internal sealed class CommandLineTarget : FuzzTarget
{
    private readonly Command[] _commands = CommandTable.Create();

    public override string Name => "command-line";

    public override string Subject => "the words of a command line, and the options of each command";

    public override int MaximumSize => 256;

    public override IEnumerable<byte[]> Seeds =>
        [[.. "imgfetch --name=x -a --timeout 5 uri arg"u8], [.. "prompt -k 0x02 -t 5 -- text # comment"u8], [.. "a||b&&c ; -- --h -h --help -"u8]];

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        string[] words = Interpreter.Split(Encoding.Latin1.GetString(input));
        if (words.Length == 0)
        {
            return;
        }

        foreach (Command command in _commands)
        {
            if (Arguments.Parse(words, command.Options, out Arguments arguments) is null)
            {
                FuzzFinding.Unless(arguments.Words.Length < words.Length, "a word is an operand twice");
                arguments.Number('t', 0, out _);
                foreach (string word in arguments.Words)
                {
                    Arguments.ParseNumber(word, out _);
                }
            }
        }
    }
}
