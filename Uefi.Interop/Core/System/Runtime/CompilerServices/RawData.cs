namespace System.Runtime.CompilerServices;

/// <summary>How any object lies in memory: method table, fields. The compiler knows it by name.</summary>
internal sealed class RawData
{
    internal byte Data;
}
