using System.Collections.Generic;

namespace NetBoot.OvmfTest.Images.ordinary;

/// <summary>What the cases came to, a line each: "group: text". The test compares the firmware's lines with the host's.</summary>
internal sealed class Cases
{
    private string _group = "";

    public List<string> Lines { get; } = new();

    public static Cases Run()
    {
        Cases cases = new();
        NumberCases.Run(cases.Begin("numbers"));
        TextCases.Run(cases.Begin("text"));
        CollectionCases.Run(cases.Begin("collections"));
        TimeCases.Run(cases.Begin("times"));
        return cases;
    }

    public void Add(string? text) => Lines.Add(_group + ": " + (text ?? "(null)"));

    public void Add(bool holds) => Add(holds ? "yes" : "no");

    private Cases Begin(string group)
    {
        _group = group;
        return this;
    }
}
