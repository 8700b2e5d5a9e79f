// Attributes and markers that the C# compiler or ILCompiler look for by name.
namespace System.Runtime.CompilerServices
{
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
}

namespace System.Runtime.Versioning
{
    public sealed class TargetFrameworkAttribute(string frameworkName) : Attribute
    {
        public string FrameworkName { get; } = frameworkName;
        public string? FrameworkDisplayName { get; set; }
    }
}

namespace System.Reflection
{
    public sealed class DefaultMemberAttribute(string memberName) : Attribute
    {
        public string MemberName { get; } = memberName;
    }
}

namespace System.Diagnostics
{
    public sealed class ConditionalAttribute(string conditionString) : Attribute
    {
        public string ConditionString { get; } = conditionString;
    }

    public sealed class DebuggableAttribute(DebuggableAttribute.DebuggingModes modes) : Attribute
    {
        public DebuggingModes Modes { get; } = modes;

        [Flags]
        public enum DebuggingModes
        {
            None = 0x0,
            Default = 0x1,
            IgnoreSymbolStoreSequencePoints = 0x2,
            EnableEditAndContinue = 0x4,
            DisableOptimizations = 0x100,
        }
    }
}

namespace System.Diagnostics.CodeAnalysis
{
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
}

namespace System.Runtime.InteropServices
{
    /// <summary>How a value is marshalled; nothing is. The compiler marks `unmanaged` constraints with it.</summary>
    public enum UnmanagedType
    {
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class UnmanagedCallersOnlyAttribute : Attribute
    {
        public Type[]? CallConvs;
        public string? EntryPoint;
    }

    public enum LayoutKind
    {
        Sequential = 0,
        Explicit = 2,
        Auto = 3,
    }

    public enum CharSet
    {
        None = 1,
        Ansi = 2,
        Unicode = 3,
        Auto = 4,
    }

    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
    public sealed class StructLayoutAttribute(LayoutKind layoutKind) : Attribute
    {
        public LayoutKind Value { get; } = layoutKind;
        public int Pack;
        public int Size;
        public CharSet CharSet;
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class FieldOffsetAttribute(int offset) : Attribute
    {
        public int Value { get; } = offset;
    }

    public sealed class InAttribute : Attribute;

    public sealed class OutAttribute : Attribute;

    /// <summary>Asked for by the compiler whenever it casts to an interface; nothing here is castable dynamically.</summary>
    internal interface IDynamicInterfaceCastable
    {
        private static nint GetDynamicInterfaceImplementation(IDynamicInterfaceCastable instance, Internal.Runtime.RawPointer interfaceType, ushort slot) => 0;
    }
}
