using System;
using System.Collections.Generic;
using System.Runtime.ExceptionServices;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Fuzz;

/// <summary>Something that takes bytes from outside, and what must hold whatever they are.</summary>
internal abstract unsafe class FuzzTarget
{
    private const int PageSize = 4096;

    /// <summary>As <c>./netboot fuzz</c> names it, and its folder in the corpus.</summary>
    public abstract string Name { get; }

    /// <summary>What takes the bytes, and what they are.</summary>
    public abstract string Subject { get; }

    /// <summary>The longest input that is made, in bytes.</summary>
    public virtual int MaximumSize => 1024;

    /// <summary>What chance would hardly come upon: names of the language that the input is in.</summary>
    public virtual IEnumerable<string> Words => [];

    /// <summary>Inputs to begin with where there is no corpus: real ones.</summary>
    public abstract IEnumerable<byte[]> Seeds { get; }

    /// <summary>
    /// Runs one input. An exception is a finding, also one that ends at the boundary of an entry from firmware: there it would take a device or
    /// the application out of service. Who reads or writes behind the input ends the process.
    /// </summary>
    public void Run(ReadOnlySpan<byte> input)
    {
        Machine.Counter = static () => 0x1234_5678;
        nuint pages = (nuint)(input.Length / PageSize) + 1;
        byte* memory = (byte*)GuardedPages.Allocate(pages);
        Span<byte> copy = new Span<byte>(memory, (int)pages * PageSize)[^input.Length..];
        input.CopyTo(copy);
        Exception? fault = null;
        Machine.Faulted = exception => fault ??= exception;
        try
        {
            Execute(copy);
        }
        catch (Exception exception)
        {
            fault ??= exception; // What has ended at a boundary came first.
        }

        Machine.Faulted = null;
        GuardedPages.Free(memory, pages);
        if (fault is not null)
        {
            ExceptionDispatchInfo.Throw(fault);
        }
    }

    /// <summary>Begins with nothing, ends with nothing left, and depends on nothing but the input.</summary>
    protected abstract void Execute(ReadOnlySpan<byte> input);
}
