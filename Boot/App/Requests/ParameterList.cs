using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack.Protocols.Http;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Requests;

/// <summary>What a script has an HTTP request say: form parameters and fields. Owns its memory.</summary>
public sealed class ParameterList : IDisposable
{
    /// <summary>More than this is a script that runs away; in characters.</summary>
    public const int MaximumSize = 1 << 20;

    private readonly Arena _arena;
    private readonly string? _method;
    private readonly List<Parameter> _parameters = new();
    private int _size;

    private ParameterList(Arena arena, string name, string? method)
    {
        _arena = arena;
        _method = method;
        Name = name;
    }

    /// <summary>Empty for the list without a name.</summary>
    public string Name { get; }

    private readonly struct Parameter(string name, string value, bool isField)
    {
        public readonly string Name = name;
        public readonly string Value = value;
        public readonly bool IsField = isField;
    }

    /// <param name="name">Empty for the list without a name.</param>
    /// <param name="method">Null for POST with form parameters, GET without.</param>
    public static ParameterList Create(string name, string? method)
    {
        Arena arena = Arena.Create();
        using (arena.Enter())
        {
            return new ParameterList(arena, new string(name.AsSpan()), method is null ? null : new string(method.AsSpan()));
        }
    }

    /// <summary>Adds a form parameter.</summary>
    public Error? AddParameter(string name, string value) => Add(name, value, isField: false);

    /// <summary>Adds a field (RFC 9110, 5.1 and 5.5).</summary>
    public Error? AddField(string name, string value)
    {
        bool isGood = name.Length > 0;
        foreach (char c in name)
        {
            isGood &= char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".AsSpan().IndexOf(c) >= 0;
        }

        foreach (char c in value)
        {
            isGood &= c is >= ' ' or '\t' and not (char)0x7F;
        }

        return isGood
            ? Add(name, value, isField: true)
            : new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"not a header that HTTP can send: {PercentEncoding.Encode(name)}"));
    }

    /// <summary>The request; it lives in the current arena.</summary>
    public HttpRequest ToRequest()
    {
        TextBuilder fields = new(256, 0);
        TextBuilder form = new(256, 0);
        foreach (Parameter each in _parameters)
        {
            if (each.IsField)
            {
                fields.AppendFormatted(TextBuilder.Format($"{each.Name}: {each.Value}\r\n"));
                continue;
            }

            form.Append(form.Written.Length > 0 ? "&" : "");
            form.Append(PercentEncoding.Encode(ByteText.ToBytes(each.Name)));
            form.Append('=');
            form.Append(PercentEncoding.Encode(ByteText.ToBytes(each.Value)));
        }

        byte[] content = new byte[form.Written.Length];
        Encoding.Latin1.GetBytes(form.Written, content);
        return new HttpRequest
        {
            Method = _method ?? (content.Length > 0 ? "POST" : "GET"),
            Fields = fields.ToString(),
            ContentType = content.Length > 0 ? "application/x-www-form-urlencoded" : null,
            Content = content,
        };
    }

    public void Dispose() => _arena.Dispose();

    private Error? Add(string name, string value, bool isField)
    {
        if (name.Length + value.Length > MaximumSize - _size)
        {
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, "no room for more parameters");
        }

        _size += name.Length + value.Length;
        using (_arena.Enter())
        {
            _parameters.Add(new Parameter(new string(name.AsSpan()), new string(value.AsSpan()), isField));
        }

        return null;
    }
}
