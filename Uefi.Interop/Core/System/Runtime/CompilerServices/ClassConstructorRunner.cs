using Internal.Runtime;

namespace System.Runtime.CompilerServices;

/// <summary>A type's static constructor that could not be run by the compiler; 0 once it has run.</summary>
internal struct StaticClassConstructionContext
{
    internal nint cctorMethodAddress;
}

/// <summary>
/// Runs static constructors at first use. What they make lives as long as the image, whatever arena is current. Marked as run
/// before it runs: a constructor that meets itself sees the fields as they are so far, as the language has it.
/// </summary>
internal static unsafe class ClassConstructorRunner
{
    private static void CheckStaticClassConstruction(ref StaticClassConstructionContext context)
    {
        nint constructor = context.cctorMethodAddress;
        if (constructor == 0)
        {
            return;
        }

        context.cctorMethodAddress = 0;
        nint previous = RuntimeImports.EnterImageArena();
        ((delegate*<void>)constructor)();
        RuntimeImports.LeaveImageArena(previous);
    }

    private static nint CheckStaticClassConstructionReturnNonGCStaticBase(ref StaticClassConstructionContext context, nint nonGcStaticBase)
    {
        CheckStaticClassConstruction(ref context);
        return nonGcStaticBase;
    }

    private static object? CheckStaticClassConstructionReturnGCStaticBase(ref StaticClassConstructionContext context, object? gcStaticBase)
    {
        CheckStaticClassConstruction(ref context);
        return gcStaticBase;
    }
}
