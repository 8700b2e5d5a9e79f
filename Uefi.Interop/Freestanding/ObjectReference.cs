using System.Runtime.CompilerServices;

namespace NetBoot.Uefi.Interop;

/// <summary>
/// A managed object as the context pointer that firmware hands back: the object's address, since objects never move. Whoever owns
/// the arena that the object lies in sees to it that firmware does not hand it back any more after that is gone.
/// </summary>
public readonly struct ObjectReference(nint value)
{
    /// <summary>The context pointer.</summary>
    public readonly nint Value = value;

    /// <summary>What stands for an object.</summary>
    public static ObjectReference To(object target) => new(Unsafe.As<object, nint>(ref target));

    /// <summary>The object; its type is not checked in firmware.</summary>
    public T Get<T>() where T : class
    {
        nint address = Value;
        return Unsafe.As<nint, T>(ref address);
    }

    /// <summary>Must be called once, when firmware can no longer hand the pointer back.</summary>
    public void Free()
    {
    }
}
