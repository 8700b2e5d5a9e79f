namespace NetBoot.Boot.Packaging;

/// <summary>Rounding to where formats want their parts.</summary>
public static class Alignment
{
    /// <summary>The next multiple of a power of two.</summary>
    public static int Up(int value, int alignment) => checked(value + alignment - 1) & ~(alignment - 1);
}
