using System;
using System.Linq;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Script;
using NetBoot.Boot.App.Settings;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>Random and mutated input: no parser faults, and every error says where.</summary>
public class FuzzTests
{
    private static readonly string[] s_pieces =
    [
        "echo", "set", "goto", "isset", "iseq", "inc", "clear", "show", "imgfetch", "chain", "kernel", "boot", "imgargs", "imgstat", "imgfree",
        "exit", "sleep 1", "help", "prompt --timeout 5", "menu", "form", "item", "item --gap", "choose x", "present", "login", "read x", "dhcp", "ifstat", "time", "||", "&&", ";", "#", "\\\n", "\\\r\n", "\n", "\r\n", ":l", ":",
        "l", "x", "y", "${x}", "${", "}", "${x:hex}", "${x/y:int32}", "${}", "${${x}}", "net0/ip", "a.b/c:uint8", "netX/mac", "43.116", "0x1.2",
        "--name", "-n", "--", "-q", "--timeout", "x=y", "http://server/dir/file", "file", "../..", "%41%", "\t", "\0", "\u00FF", "1", "-1", "0x10", "1.2.3.4",
        "x:hex", "x:base64", "x:dnssl", "x:ipv6", "aa:bb", "AAAA", "::1", "/", ":", "uuid", "smbios/1.4.0", "platform",
        "-", "--n", "54:hex", "175.2", ".net0/x", "netX/foo", "${smbios/0.0.0}", "${smbios/1.0.2:uuid}", "${x:uristring}", "x:uristring", "x:uuid", "x:int8",
        "imgselect", "--autofree", "builtin/platform", "console", "colour", "cpair", "--picture", "-x", "--rgb", "--background", "set ${} v", "//x", "a1:b", "0x", "08", "99999999999999999999",
        "${cpuid/2.7}", "${pci/0x10.0.4}", "${acpi/0x46414350.0.0.0.4}", "${memmap/255.0.6.20}", "${efi/x}", "nvo/x", "builtin/unixtime", "dns", "6:hex",
    ];

    private static Arbitrary<string> Scripts => Gen.Elements(s_pieces).ListOf()
        .Select(list => string.Join(' ', list)).ToArbitrary();

    [Fact]
    public void Scripts_MadeOfPieces_NeverFault_AndEveryErrorNamesFileAndLine()
    {
        Prop.ForAll(Scripts, script =>
        {
            using TestSession session = NewSession();
            session.Run(script);
            AssertErrorsAreLocated(session.Output);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Scripts_OfRandomBytes_NeverFault()
    {
        Prop.ForAll<byte[]>(bytes =>
        {
            using TestSession session = NewSession();
            session.RunBytes(bytes);
            AssertErrorsAreLocated(session.Output);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Expansion_OfAnything_EndsAndKeepsNoCompletePair()
    {
        Prop.ForAll(Scripts, word =>
        {
            using TestSession session = NewSession();
            session.Store("x", word);
            session.Store("y", "${x}");
            Error? error = Expansion.Expand("<${y}>" + word, session.Session.Settings, out string expanded);
            int open = expanded.IndexOf("${", StringComparison.Ordinal);
            Assert.True(error is not null || open < 0 || expanded.IndexOf('}', open) < 0);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Settings_OfAnyTypeAndText_ComeBackAsTheyWentIn()
    {
        Gen<SettingType> types = Gen.Elements(Enum.GetValues<SettingType>());
        Prop.ForAll(types.ToArbitrary(), ArbMap.Default.ArbFor<byte[]>(), (type, bytes) =>
        {
            string text = SettingFormat.Format(type, bytes);

            // Bytes that are too many for their type read as a number that wraps once it is stored, as in iPXE: what is stored then stays.
            if (SettingFormat.TryParse(type, text, out byte[] stored))
            {
                Assert.True(SettingFormat.TryParse(type, SettingFormat.Format(type, stored), out byte[] again));
                Assert.Equal(stored, again);
            }
        }).QuickCheckThrowOnFailure();
        Prop.ForAll(types.ToArbitrary(), ArbMap.Default.ArbFor<string>(), (type, text) =>
        {
            if (SettingFormat.TryParse(type, text ?? "", out byte[] value))
            {
                SettingFormat.Format(type, value);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void SettingNames_OfAnything_NeverFault()
    {
        Prop.ForAll(Scripts, text =>
        {
            using TestSession session = NewSession();
            session.Session.Settings.Format(text);
            session.Session.Settings.Set(text, "x");
            session.Session.Settings.Increment(text, 1);
            session.Session.Settings.Set(text, "");
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Store_KeepsWhatAModelKeeps()
    {
        Gen<(int Name, byte[] Value)[]> steps = Gen.Choose(0, 5)
            .SelectMany(name => ArbMap.Default.GeneratorFor<byte[]>().Select(value => (name, value))).ArrayOf();
        Prop.ForAll(steps.ToArbitrary(), list =>
        {
            using SettingStore store = new();
            byte[][] model = new byte[6][];
            foreach ((int index, byte[] value) in list)
            {
                SettingName.TryParse($"name{index}", out SettingName name);
                Assert.True(store.TryStore(name, SettingType.Hex, value));
                model[index] = value;
            }

            for (int i = 0; i < model.Length; i++)
            {
                SettingName.TryParse($"name{i}", out SettingName name);
                bool found = store.TryFetch(name, out ReadOnlySpan<byte> value, out _);
                Assert.Equal(model[i] is { Length: > 0 }, found);
                Assert.True(value.SequenceEqual(found ? model[i] : default));
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Smbios_OfMutatedTables_NeverReadsPastTheEnd()
    {
        Prop.ForAll<int[], byte[]>((places, values) =>
        {
            using TestSession session = NewSession();
            byte[] table = SmbiosSample.Table;
            for (int i = 0; i < Math.Min(places.Length, values.Length); i++)
            {
                table[(places[i] & int.MaxValue) % table.Length] = values[i];
            }

            foreach (byte[] each in new[] { table, table[..((values.Length * 7) % table.Length)], values })
            {
                session.Platform.SmbiosTable = each;
                foreach (string word in new[] { "${uuid}", "${serial}", "${asset}", "${smbios/1.4.0}", "${smbios/3.1.4.9}", "${smbios/127.0.4}" })
                {
                    session.Expand(word);
                }
            }

            Smbios.TryReadEntryPoint(values, out _, out _, out _);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void ExecutableFiles_OfMutatedHeaders_NeverFault()
    {
        Prop.ForAll<int[], byte[]>((places, values) =>
        {
            byte[] content = Encoding.Latin1.GetBytes(TestSession.Executable);
            for (int i = 0; i < Math.Min(places.Length, values.Length); i++)
            {
                content[2 + (places[i] & int.MaxValue) % (content.Length - 2)] = values[i];
            }

            for (int length = 0; length <= content.Length; length++)
            {
                ReadOnlySpan<byte> part = content.AsSpan(0, length);
                ExecutableFile.IsExecutable(part);
                ExecutableFile.IsLinux(part);
                ExecutableFile.Machine(part);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void ScriptText_FindsEveryLabelThatIsThere()
    {
        Prop.ForAll(Scripts, script =>
        {
            byte[] content = Encoding.Latin1.GetBytes("#!ipxe\n" + script + "\n:the-end");
            ScriptText text = new(content);
            bool isContinued = script.TrimEnd('\r').EndsWith('\\');
            Assert.Equal(!isContinued, text.TryFindLabel("the-end"u8, out int position, out _));
            Assert.True(isContinued || content.AsSpan(position).StartsWith(":the-end"u8));
        }).QuickCheckThrowOnFailure();
    }

    private static TestSession NewSession()
    {
        TestSession session = new();
        session.Platform.SmbiosTable = SmbiosSample.Table;
        session.Platform.AddFile("http://server/dir/file", "#!ipxe\necho in file\nnosuch\n");
        session.Platform.AddFile("http://server/dir/x", TestSession.Executable);
        session.EventLoop.MaximumTurns = 2000;
        return session;
    }

    /// <summary>What the app reports as an error begins with the script's name and line.</summary>
    private static void AssertErrorsAreLocated(string output)
    {
        foreach (string message in new[] { "command not found", "label not found", "file not found", "no such image", "expansion does not end", "not a value of type" })
        {
            foreach (string line in output.Split('\n').Where(line => line.EndsWith(message, StringComparison.Ordinal) && !line.StartsWith('#')))
            {
                Assert.Matches(@"(boot\.ipxe|file|x):\d+: ", line);
            }
        }
    }
}
