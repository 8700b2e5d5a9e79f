using System.IO;
using System.Linq;
using System.Xml.Linq;

namespace NetBoot.Boot.Tool.Dist;

/// <summary>What Directory.Packages.props says.</summary>
internal static class PackageVersions
{
    /// <summary>A property: <c>IlcVersion</c>.</summary>
    public static string Named(string property) =>
        XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants(property).Single().Value;
}
