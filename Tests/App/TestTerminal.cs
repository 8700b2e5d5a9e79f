using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.Boot.App.Consoles;

namespace NetBoot.Tests.App;

/// <summary>A terminal that keeps what was written and gives the keys of a list.</summary>
internal sealed class TestTerminal : Terminal
{
    private readonly StringBuilder _output = new();

    public Queue<Key> Keys { get; } = new();

    /// <summary>What is typed again and again when there are no keys left.</summary>
    public string WhenIdle { get; set; } = "";

    public string Output => _output.ToString();

    /// <summary>What a screen would show: '\b' and '\r' move, other characters overwrite.</summary>
    public string Screen
    {
        get
        {
            List<char> line = new();
            StringBuilder screen = new();
            int at = 0;
            foreach (char c in Output)
            {
                switch (c)
                {
                    case '\n':
                        screen.Append(line.ToArray()).Append('\n');
                        line.Clear();
                        at = 0;
                        break;
                    case '\r':
                        at = 0;
                        break;
                    case '\b':
                        at = Math.Max(0, at - 1);
                        break;
                    default:
                        if (at == line.Count)
                        {
                            line.Add(c);
                        }
                        else
                        {
                            line[at] = c;
                        }

                        at++;
                        break;
                }
            }

            return screen.Append(line.ToArray()).ToString();
        }
    }

    public override int Columns => 80;

    public override void Write(ReadOnlySpan<char> text) => _output.Append(text);

    public void Type(string text)
    {
        foreach (char c in text)
        {
            Keys.Enqueue(new Key(c));
        }
    }

    protected override bool TryReadDevice(out Key key)
    {
        if (Keys.Count == 0)
        {
            Type(WhenIdle);
        }

        return Keys.TryDequeue(out key);
    }
}
