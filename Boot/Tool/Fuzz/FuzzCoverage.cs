namespace NetBoot.Boot.Tool.Fuzz;

/// <summary>How much of the product a target's inputs reach.</summary>
/// <param name="Taken">Branches that they take: entries of methods, and both ways of jumps.</param>
/// <param name="All">The branches of the classes that they reach.</param>
/// <param name="Classes">How many those are.</param>
/// <param name="File">Which they are, a line for each.</param>
public sealed record FuzzCoverage(int Taken, int All, int Classes, string File);
