using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Consoles;

/// <summary>
/// What is printed on the keys of a keyboard that the firmware takes for an American one: each character of the American layout, and what stands
/// there instead. With AltGr, a key has the character that the national layout has there with AltGr, else that of the American layout, so that nothing
/// is out of reach. The firmware does not tell the key beside the left shift from the American backslash.
/// </summary>
/// <remarks>The layouts are those of xkb-data 2.35 ("pc105"), named as iPXE names them; accents that wait for a letter stand alone.</remarks>
public readonly struct Keymap
{
    private const byte EndOfLine = (byte)'\n';
    private const byte Separator = (byte)' ';

    /// <summary>Where the map's name ends; 0 for the American layout.</summary>
    private readonly int _start;

    private Keymap(int start) => _start = start;

    /// <summary>A line for each: its name, pairs of characters, and those with AltGr. From is ASCII, to is UTF-8 of at most two bytes.</summary>
    private static ReadOnlySpan<byte> Maps =>
        """"
        al `\~|@"yzYZ[ç{Ç]@}';ë:Ë'["{\]|}zyZY<;>: 1~7`,<.>
        be `²~³1&!12é@23"#34'$45(%56§^67è&78!*89ç(90à)0-)_°=-+_qaQAwzWZ[^{"]$}*aqAQ;m:M'ù"%\µ|£zwZWm,M?,;<..:>//=?+ 1|2@3#7{8[0}-\\`/~
        br `'~"^"['{`][}{;ç:Ç'~"^\]|}/;?: -\q/w?
        by
        cf `#~|@"#/^?[^{^}"'`"`\<|><'>./é?É `\2@;~'{\}
        cz `;1+!12ě@23š#34č$45ř%56ž^67ý&78á*89í(90é)0-=_%='yzYZ[ú{/])}(;ů:"'§"!\"|'zyZY<?>:/-?_ 2@3#4$6^7&8*9{0}-\w|f[g]h`,<.>
        de `^~°@"#§^&&/*(())=-ß_?='+`yzYZ[ü{Ü]+}*;ö:Ö'ä"Ä\#|'zyZY<;>:/-?_ 7{8[9]0}-\q@]~\|
        dk `½~§@"$¤^&&/*(())=-+_?='+`[å{Å]"}^;æ:Æ'ø"Ø\'|*<;>:/-?_ 2@4$7{8[9]0}=|]~
        dvorak -[_{=]+}q'Q"w,W<e.E>rpRPtyTYyfYFugUGicICorORplPL[/{?]=}+soSOdeDEfuFUgiGIhdHDjhJHktKTlnLN;s:S'-"_z;Z:xqXQcjCJvkVKbxBXnbNB,w<W.v>V/z?Z
        es `º~ª@"#·^&&/*(())=-'_?=¡+¿[`{^]+}*;ñ:Ñ\ç|Ç<;>:/-?_ `\1|2@3#4~7{8[9]0}
        et @"$¤^&&/*(())=-+_?='+`[ü{Ü]õ}Õ;ö:Ö'ä"Ä\'|*<;>:/-?_ 2@4$7{8[9]0}-\'^,<.>/|
        fi `§~½@"$¤^&&/*(())=-+_?='+`[å{Å]"}^;ö:Ö'ä"Ä\'|*<;>:/-?_ 2@4$7{8[9]0}-\]~\|
        fr `²1&!12é@23"#34'$45(%56-^67è&78_*89ç(90à)0-)_°qaQAwzWZ[^{"]$}£aqAQ;m:M'ù"%\*|µzwZWm,M?,;<..:>//!?§ 3#4{5[6|7`8\0@-]=}
        gr
        hr @"^&&/*(())=-'_?=++*yzYZ[š{Š]đ}Đ;č:Č'ć"Ć\ž|ŽzyZY<;>:/-?_ 3^q\w|f[g]v@b{n},<.>
        hu `0~§!'@"#+$!^/&=*(()0ö)Ö-ü_Ü=ó+ÓyzYZ[ő{Ő]ú}Ú;é:É'á"Á\ű|ŰzyZY<?>:/-?_ 1~3^7`q\w|f[g];$z>x#c&v@b{n}m<,;/*
        il `;())([]{}][}{',<>></.
        is ~"@"^&&/*(())=-ö_Ö=-+_[ð{Ð]'}?;æ:Æ"'\+|*<;>:/þ?Þ 7{8[9]0}-\q@p|]~;^
        it `\~|@"#£^&&/*(())=-'_?=ì+^[è{é]+}*;ò:ç'à"°\ù|§<;>:/-?_ 7{8[9]0}-`=~q@'#
        jp @"^&&'*(())~_==^+~[@{`][}{:+':"*\]|}
        latam `|~°@"^&&/*(())=-'_?=¿+¡['{"]+}*;ñ:Ñ'{"[\}|]<;>:/-?_ 2@4~-\'^\`
        lt 1ą!Ą2č@Č3ę#Ę4ė$Ė5į%Į6š^Š7ų&Ų8ū*Ū=ž+Ž q@'^
        mk
        mt `ċ~Ċ@"[ġ{Ġ]ħ}Ħ"@\#|~ 7{8[9]0}-\\`
        nl `@~§@"^&&_*(())'-/_?=°+~["{^]*}|;+:±"`\<|><;>:/-?= 8{9}-\
        no `|~§@"$¤^&&/*(())=-+_?=\+`[å{Å]"}^;ø:Ø'æ"Æ\'|*<;>:/-?_ 2@4$7{8[9]0}]~
        pl
        pt `\~|@"^&&/*(())=-'_?=«+»[+{*]'}`;ç:Ç'º"ª\~|^<;>:/-?_ 2@7{8[9]0}
        ro
        ru
        se `§~½@"$¤^&&/*(())=-+_?='+`[å{Å]"}^;ö:Ö'ä"Ä\'|*<;>:/-?_ 2@4$7{8[9]0}-\]~\|
        sf `§~°!+@"#*$ç^&&/*(())=-'_?=^+`yzYZ[è{ü]"}!;é:ö'à"ä\$|£zyZY<;>:/-?_ 1|2@3#9]0}=~'{
        sg `§~°!+@"#*$ç^&&/*(())=-'_?=^+`yzYZ[ü{è]"}!;ö:é'ä"à\$|£zyZY<;>:/-?_ 1|2@3#9]0}=~'{
        si `¸~¨@"^&&/*(())=-'_?=++*yzYZ[š{Š]đ}Đ;č:Č'ć"Ć\ž|ŽzyZY<;>:/-?_ 1~3^7`q\w|f[g]v@b{n},<.>
        sk `;1+!12ľ@23š#34č$45ť%56ž^67ý&78á*89í(90é)0-=_%='yzYZ[ú{/]ä}(;ô:"'§"!\ň|)zyZY<?>:/-?_ 2@3#4$6^7&8*9{0}-\w|f[g]h`,<.>
        sr-latin @"^&&/*(())=-'_?=++*yzYZ[š{Š]đ}Đ;č:Č'ć"Ć\ž|ŽzyZY<;>:/-?_ 3^q\w|f[g]v@b{n},<.>
        tr `"~é@'#^$+^&&/*(())=-*_?=-+_iı[ğ{Ğ]ü}Ü;ş:Ş'i"İ\,|;,ö<Ö.ç>Ç/.?: `<1>3#4$7{8[9]0}-\=|q@]~\`
        ua
        uk ~¬@"#£"@\#|~ `|-\
        us

        """"u8;

    /// <summary>Whether keys are other than the firmware says.</summary>
    public bool IsNeeded => _start != 0 && Maps[_start] != EndOfLine;

    /// <summary>The map of a name, or an error that has all names.</summary>
    public static Error? Find(ReadOnlySpan<char> name, out Keymap map)
    {
        map = default;
        TextBuilder names = new(128, 0);
        int at = 0;
        while (at < Maps.Length)
        {
            ReadOnlySpan<byte> line = Maps.Slice(at, Maps.Slice(at).IndexOf(EndOfLine));
            int space = line.IndexOf(Separator);
            int length = space < 0 ? line.Length : space;
            names.Append(' ');
            int start = names.Written.Length;
            for (int i = 0; i < length; i++)
            {
                names.Append((char)line[i]);
            }

            if (names.Written.Slice(start).SequenceEqual(name))
            {
                map = new Keymap(at + length);
                return null;
            }

            at += line.Length + 1;
        }

        return new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"no keyboard map {name}: there are{names.Written}"));
    }

    /// <summary>What a key is that the firmware reports.</summary>
    /// <param name="key">As on the American layout, with Shift and Caps Lock, without Ctrl.</param>
    /// <param name="isAltGr">AltGr is held.</param>
    /// <param name="isControl">Ctrl is held.</param>
    /// <param name="isCapsLock">Caps Lock is on: letters are none everywhere that are in America.</param>
    public Key Translate(Key key, bool isAltGr, bool isControl, bool isCapsLock)
    {
        if (!IsNeeded || key.Code != KeyCode.Character || key.Character is <= ' ' or > '~')
        {
            return key;
        }

        char c = Toggle(key.Character, isCapsLock);
        ReadOnlySpan<byte> pairs = Maps.Slice(_start + 1);
        pairs = pairs.Slice(0, pairs.IndexOf(EndOfLine));
        int separator = pairs.IndexOf(Separator);
        int basic = separator < 0 ? pairs.Length : separator;
        char found = Find(isAltGr ? pairs.Slice(Math.Min(basic + 1, pairs.Length)) : pairs.Slice(0, basic), c);
        return new Key(isControl && char.IsAsciiLetter(found) ? (char)(found & 0x1F) : Toggle(found, isCapsLock));
    }

    private static char Toggle(char c, bool isCapsLock) => isCapsLock && char.IsAsciiLetter(c) ? (char)(c ^ 0x20) : c;

    private static char Find(ReadOnlySpan<byte> pairs, char from)
    {
        for (int at = 0; at + 1 < pairs.Length;)
        {
            byte key = pairs[at];
            int first = pairs[at + 1];
            bool isLong = first >= 0x80;
            if (key == from)
            {
                return (char)(isLong ? ((first & 0x1F) << 6) | (pairs[at + 2] & 0x3F) : first);
            }

            at += isLong ? 3 : 2;
        }

        return from;
    }
}
