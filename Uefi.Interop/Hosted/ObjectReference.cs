using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop;

/// <summary>
/// A managed object as the context pointer that firmware hands back. In firmware it is the object's address (objects never
/// move); here it is a GC handle.
/// </summary>
public readonly struct ObjectReference(nint value)
{
    /// <summary>The context pointer.</summary>
    public readonly nint Value = value;

    /// <summary>What stands for an object.</summary>
    public static ObjectReference To(object target) => new(GCHandle.ToIntPtr(GCHandle.Alloc(target)));

    /// <summary>The object; its type is not checked in firmware.</summary>
    public T Get<T>() where T : class => (T)GCHandle.FromIntPtr(Value).Target!;

    /// <summary>Must be called once, when firmware can no longer hand the pointer back.</summary>
    public void Free()
    {
        if (Value != 0)
        {
            GCHandle.FromIntPtr(Value).Free();
        }
    }
}
