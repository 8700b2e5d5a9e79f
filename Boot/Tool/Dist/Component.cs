namespace NetBoot.Boot.Tool.Dist;

/// <summary>A package of others that is part of what is shipped, or that made it.</summary>
/// <param name="Name">As in the registry.</param>
/// <param name="Version">Its version.</param>
/// <param name="Licence">An SPDX expression.</param>
/// <param name="Copyright">Whose it is, in the package's own words.</param>
/// <param name="Authors">Who made it.</param>
/// <param name="Registry">Where it comes from, as a purl has it.</param>
public sealed record Component(string Name, string Version, string Licence, string Copyright, string Authors, string Registry = "nuget");
