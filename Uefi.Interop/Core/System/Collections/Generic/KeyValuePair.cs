namespace System.Collections.Generic;

public readonly struct KeyValuePair<TKey, TValue>(TKey key, TValue value)
{
    public TKey Key { get; } = key;

    public TValue Value { get; } = value;

    public void Deconstruct(out TKey key, out TValue value)
    {
        key = Key;
        value = Value;
    }

    public override string ToString() => $"[{Key}, {Value}]";
}
