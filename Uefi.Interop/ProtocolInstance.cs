namespace NetBoot.Uefi.Interop;

/// <summary>
/// A protocol that we publish, in pool memory: what firmware's clients see, and behind it whose it is. A member of the protocol gets
/// <c>This</c> back, which is the address of both.
/// </summary>
public struct ProtocolInstance<T> where T : unmanaged
{
    /// <summary>First, so that its address is the structure's.</summary>
    public T Protocol;

    /// <summary>The object that implements it.</summary>
    public ObjectReference Owner;

    /// <summary>The object behind the <c>This</c> of a protocol that was published so. Not null.</summary>
    public static unsafe TOwner OwnerOf<TOwner>(T* protocol) where TOwner : class => ((ProtocolInstance<T>*)protocol)->Owner.Get<TOwner>();
}
