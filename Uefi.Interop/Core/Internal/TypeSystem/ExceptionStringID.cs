namespace Internal.TypeSystem;

/// <summary>Why the compiler could not compile a method; its numbers are the compiler's.</summary>
internal enum ExceptionStringID
{
}
