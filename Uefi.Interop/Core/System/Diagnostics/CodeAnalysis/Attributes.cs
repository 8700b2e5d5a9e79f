// Attributes that the C# compiler or ILCompiler look for by name.
namespace System.Diagnostics.CodeAnalysis;

public sealed class SetsRequiredMembersAttribute : Attribute;

public sealed class UnscopedRefAttribute : Attribute;

public sealed class DoesNotReturnAttribute : Attribute;

public sealed class NotNullAttribute : Attribute;

public sealed class MaybeNullAttribute : Attribute;

public sealed class AllowNullAttribute : Attribute;

public sealed class DoesNotReturnIfAttribute(bool parameterValue) : Attribute
{
    public bool ParameterValue { get; } = parameterValue;
}

public sealed class NotNullWhenAttribute(bool returnValue) : Attribute
{
    public bool ReturnValue { get; } = returnValue;
}

public sealed class MaybeNullWhenAttribute(bool returnValue) : Attribute
{
    public bool ReturnValue { get; } = returnValue;
}

public sealed class NotNullIfNotNullAttribute(string parameterName) : Attribute
{
    public string ParameterName { get; } = parameterName;
}

[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property, AllowMultiple = true)]
public sealed class MemberNotNullAttribute : Attribute
{
    public MemberNotNullAttribute(string member)
    {
    }

    public MemberNotNullAttribute(params string[] members)
    {
    }
}

[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property, AllowMultiple = true)]
public sealed class MemberNotNullWhenAttribute : Attribute
{
    public MemberNotNullWhenAttribute(bool returnValue, string member)
    {
    }

    public MemberNotNullWhenAttribute(bool returnValue, params string[] members)
    {
    }
}

public sealed class SuppressMessageAttribute(string category, string checkId) : Attribute
{
    public string Category { get; } = category;
    public string CheckId { get; } = checkId;
    public string? Justification { get; set; }
}
