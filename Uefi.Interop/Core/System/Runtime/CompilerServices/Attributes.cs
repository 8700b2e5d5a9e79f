// Attributes and markers that the C# compiler or ILCompiler look for by name.
namespace System.Runtime.CompilerServices;

public sealed class IntrinsicAttribute : Attribute;

public sealed class NonVersionableAttribute : Attribute;

public sealed class ExtensionAttribute : Attribute;

public sealed class IsReadOnlyAttribute : Attribute;

public sealed class IsByRefLikeAttribute : Attribute;

public sealed class IsUnmanagedAttribute : Attribute;

[AttributeUsage(AttributeTargets.Property)]
public sealed class IndexerNameAttribute(string indexerName) : Attribute
{
    public string IndexerName { get; } = indexerName;
}

public sealed class IsExternalInit;

public sealed class IsVolatile;

public sealed class UnsafeValueTypeAttribute : Attribute;

public sealed class CompilerGeneratedAttribute : Attribute;

public sealed class SkipLocalsInitAttribute : Attribute;

public sealed class DisableRuntimeMarshallingAttribute : Attribute;

public sealed class RequiredMemberAttribute : Attribute;

public sealed class RequiresLocationAttribute : Attribute;

public sealed class ScopedRefAttribute : Attribute;

public sealed class ParamCollectionAttribute : Attribute;

public sealed class RefSafetyRulesAttribute(int version) : Attribute
{
    public int Version { get; } = version;
}

public sealed class NullableAttribute : Attribute
{
    public NullableAttribute(byte value)
    {
    }

    public NullableAttribute(byte[] value)
    {
    }
}

public sealed class NullableContextAttribute(byte flag) : Attribute
{
    public byte Flag { get; } = flag;
}

public sealed class NullablePublicOnlyAttribute(bool includesInternals) : Attribute
{
    public bool IncludesInternals { get; } = includesInternals;
}

public sealed class CompilerFeatureRequiredAttribute(string featureName) : Attribute
{
    public string FeatureName { get; } = featureName;
    public bool IsOptional { get; set; }
}

public sealed class TupleElementNamesAttribute(string?[] transformNames) : Attribute
{
    public string?[] TransformNames { get; } = transformNames;
}

public sealed class FixedBufferAttribute(Type elementType, int length) : Attribute
{
    public Type ElementType { get; } = elementType;
    public int Length { get; } = length;
}

[AttributeUsage(AttributeTargets.Struct)]
public sealed class InlineArrayAttribute(int length) : Attribute
{
    public int Length { get; } = length;
}

[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class InternalsVisibleToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}

public sealed class RuntimeCompatibilityAttribute : Attribute
{
    public bool WrapNonExceptionThrows { get; set; }
}

[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class InterpolatedStringHandlerAttribute : Attribute;

[AttributeUsage(AttributeTargets.Parameter)]
public sealed class InterpolatedStringHandlerArgumentAttribute : Attribute
{
    public InterpolatedStringHandlerArgumentAttribute(string argument)
    {
    }

    public InterpolatedStringHandlerArgumentAttribute(params string[] arguments)
    {
    }
}

public sealed class CallerArgumentExpressionAttribute(string parameterName) : Attribute
{
    public string ParameterName { get; } = parameterName;
}

public sealed class CallerMemberNameAttribute : Attribute;

public sealed class CallerFilePathAttribute : Attribute;

public sealed class CallerLineNumberAttribute : Attribute;

[AttributeUsage(AttributeTargets.Constructor | AttributeTargets.Method | AttributeTargets.Property)]
public sealed class OverloadResolutionPriorityAttribute(int priority) : Attribute
{
    public int Priority { get; } = priority;
}

public enum MethodImplOptions
{
    NoInlining = 0x0008,
    NoOptimization = 0x0040,
    AggressiveInlining = 0x0100,
    AggressiveOptimization = 0x0200,
    InternalCall = 0x1000,
}

[AttributeUsage(AttributeTargets.Constructor | AttributeTargets.Method)]
public sealed class MethodImplAttribute(MethodImplOptions methodImplOptions) : Attribute
{
    public MethodImplOptions Value { get; } = methodImplOptions;
}

public class CallConvCdecl;

public class CallConvStdcall;

public class CallConvSuppressGCTransition;
