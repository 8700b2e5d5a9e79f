using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace NetBoot.Boot.Tool.Dist;

/// <summary>What software is made of: an SPDX document, version 2.3, in JSON.</summary>
internal static class SoftwareBill
{
    private const string Licence = "BSD-2-Clause-Patent";
    private const string Product = "SPDXRef-Package-netboot";
    private static readonly JsonSerializerOptions s_format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="name">The release: <c>netboot-1.0</c>.</param>
    /// <param name="version">Its version.</param>
    /// <param name="time">When it was made.</param>
    /// <param name="files">What it consists of; links are left out.</param>
    /// <param name="components">What of others is inside the files: NuGet's packages in the program, Debian's in images with roots.</param>
    public static byte[] Make(string name, string version, DateTimeOffset time, IEnumerable<DistFile> files, IReadOnlyList<Component> components)
    {
        DistFile[] listed = [.. files.Where(each => each.Target == null).OrderBy(each => each.Path, StringComparer.Ordinal)];
        JsonArray packages =
        [
            new JsonObject
            {
                ["name"] = "netboot",
                ["SPDXID"] = Product,
                ["versionInfo"] = version,
                ["supplier"] = "Organization: NetBoot",
                ["downloadLocation"] = "NOASSERTION",
                ["primaryPackagePurpose"] = "FIRMWARE",
                ["filesAnalyzed"] = true,
                ["packageVerificationCode"] = new JsonObject { ["packageVerificationCodeValue"] = VerificationCode(listed) },
                ["licenseConcluded"] = Licence,
                ["licenseDeclared"] = Licence,
                ["licenseInfoFromFiles"] = new JsonArray(Licence),
                ["copyrightText"] = "NOASSERTION",
            },
        ];
        JsonArray relations = [Relation("SPDXRef-DOCUMENT", "DESCRIBES", Product)];
        Component compiler = new("runtime.linux-x64.Microsoft.DotNet.ILCompiler", PackageVersions.Named("IlcVersion"), "MIT", "NOASSERTION", "Microsoft");
        foreach (Component component in components.Append(compiler))
        {
            string id = "SPDXRef-Package-" + component.Name;
            packages.Add(Package(id, component));
            relations.Add(component == compiler ? Relation(id, "BUILD_TOOL_OF", Product) : Relation(Product, "CONTAINS", id));
        }

        JsonArray described = [];
        foreach (DistFile file in listed)
        {
            string hash = Hash(SHA256.HashData(file.Content));
            string id = "SPDXRef-File-" + Hash(SHA1.HashData(Encoding.UTF8.GetBytes(file.Path)))[..16];
            described.Add(new JsonObject
            {
                ["fileName"] = "./" + file.Path,
                ["SPDXID"] = id,
                ["checksums"] = new JsonArray(Checksum("SHA1", Hash(SHA1.HashData(file.Content))), Checksum("SHA256", hash)),
                ["licenseConcluded"] = string.Join(" AND ", components.Where(each => IsIn(each, file)).Select(each => each.Licence).Prepend(Licence).Distinct()),
                ["licenseInfoInFiles"] = new JsonArray("NOASSERTION"),
                ["copyrightText"] = "NOASSERTION",
            });
            relations.Add(Relation(Product, "CONTAINS", id));
        }

        JsonObject document = new()
        {
            ["spdxVersion"] = "SPDX-2.3",
            ["dataLicense"] = "CC0-1.0",
            ["SPDXID"] = "SPDXRef-DOCUMENT",
            ["name"] = name,
            ["documentNamespace"] = $"https://netboot.invalid/spdx/{name}-{VerificationCode(listed)}",
            ["creationInfo"] = new JsonObject
            {
                ["created"] = time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["creators"] = new JsonArray("Organization: NetBoot", $"Tool: netboot-{version}"),
            },
            ["packages"] = packages,
            ["files"] = described,
            ["relationships"] = relations,
        };
        return Encoding.UTF8.GetBytes(document.ToJsonString(s_format) + "\n");
    }

    private static bool IsIn(Component component, DistFile file) => component.Registry == "nuget" ? file.IsProgram : file.HasRoots;

    private static JsonObject Package(string id, Component component) => new()
    {
        ["name"] = component.Name,
        ["SPDXID"] = id,
        ["versionInfo"] = component.Version,
        ["supplier"] = component.Authors == "NOASSERTION" ? component.Authors : "Organization: " + component.Authors,
        ["downloadLocation"] = "NOASSERTION",
        ["filesAnalyzed"] = false,
        ["licenseConcluded"] = component.Licence,
        ["licenseDeclared"] = component.Licence,
        ["copyrightText"] = component.Copyright,
        ["externalRefs"] = new JsonArray(new JsonObject
        {
            ["referenceCategory"] = "PACKAGE-MANAGER",
            ["referenceType"] = "purl",
            ["referenceLocator"] = $"pkg:{component.Registry}/{component.Name}@{component.Version}",
        }),
    };

    /// <summary>Of all files (SPDX 2.3, 7.9): SHA-1 of their SHA-1 values, sorted.</summary>
    private static string VerificationCode(IEnumerable<DistFile> files) => Hash(SHA1.HashData(Encoding.ASCII.GetBytes(
        string.Concat(files.Select(each => Hash(SHA1.HashData(each.Content))).Order(StringComparer.Ordinal)))));

    private static JsonObject Relation(string from, string kind, string to) =>
        new() { ["spdxElementId"] = from, ["relationshipType"] = kind, ["relatedSpdxElement"] = to };

    private static JsonObject Checksum(string algorithm, string value) => new() { ["algorithm"] = algorithm, ["checksumValue"] = value };

    private static string Hash(byte[] value) => Convert.ToHexStringLower(value);
}
