namespace System;

/// <summary>
/// What `throw` names. It is never caught: throwing is a programming fault, whose kind is the message (see
/// Uefi.Interop.Machine.TryCall).
/// </summary>
public class Exception
{
    private readonly string? _message;

    public Exception()
    {
    }

    public Exception(string? message)
    {
        _message = message;
    }

    public virtual string Message => _message ?? "exception";
}

public class SystemException(string? message) : Exception(message);

public class ArithmeticException(string? message) : SystemException(message);

public class ArgumentException(string? message) : SystemException(message)
{
    public ArgumentException() : this("bad argument")
    {
    }

    public ArgumentException(string? message, string? paramName) : this(message ?? paramName)
    {
    }
}

public class ArgumentNullException(string? paramName) : ArgumentException("null argument", paramName)
{
    public static void ThrowIfNull(object? argument)
    {
        if (argument is null)
        {
            throw new ArgumentNullException(null);
        }
    }
}

public class ArgumentOutOfRangeException(string? paramName) : ArgumentException("argument out of range", paramName)
{
    public ArgumentOutOfRangeException() : this(null)
    {
    }

    public ArgumentOutOfRangeException(string? paramName, string? message) : this(message ?? paramName)
    {
    }
}

public class InvalidOperationException(string? message) : SystemException(message)
{
    public InvalidOperationException() : this("invalid operation")
    {
    }
}

public class ObjectDisposedException(string? objectName) : InvalidOperationException(objectName);

public class NotSupportedException(string? message) : SystemException(message)
{
    public NotSupportedException() : this("not supported")
    {
    }
}

public class IndexOutOfRangeException(string? message) : SystemException(message)
{
    public IndexOutOfRangeException() : this("index out of range")
    {
    }
}

public class InvalidCastException(string? message) : SystemException(message)
{
    public InvalidCastException() : this("invalid cast")
    {
    }
}

public class OverflowException(string? message) : ArithmeticException(message)
{
    public OverflowException() : this("overflow")
    {
    }
}

public class PlatformNotSupportedException() : NotSupportedException("not supported on this platform");

public class FormatException(string? message) : SystemException(message)
{
    public FormatException() : this("bad format")
    {
    }
}

public class NotImplementedException(string? message) : SystemException(message)
{
    public NotImplementedException() : this("not implemented")
    {
    }
}
