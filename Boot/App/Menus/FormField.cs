using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Menus;

/// <summary>An item of a form: its label, and what is typed into it if it has a name.</summary>
internal sealed class FormField(MenuItem item)
{
    /// <summary>As long as a word of a script can be.</summary>
    private const int MaximumLength = 65536;

    private const int UsualLength = 32;

    public MenuItem Item { get; } = item;
    public EditBuffer Text { get; } = new(item.Name is null ? 0 : UsualLength, MaximumLength) { IsSecret = item.IsSecret };

    /// <summary>Where the label and the field are, from the form's first row.</summary>
    public int LabelRow { get; set; }

    /// <inheritdoc cref="LabelRow"/>
    public int Row { get; set; }

    /// <summary>The column of the text that the field begins with.</summary>
    public int FirstColumn { get; set; }

    /// <summary>Why the text was refused.</summary>
    public Error? Error { get; set; }
}
