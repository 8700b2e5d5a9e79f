namespace NetBoot.Boot.App;

/// <summary>What to boot from the machine's own disks.</summary>
public sealed class LocalBootRequest
{
    /// <summary>The disk's number, from 0 on; null for the first disk that has something to boot.</summary>
    public ulong? Disk { get; init; }

    /// <summary>The drive's number that was said for it; null for none.</summary>
    public ulong? Drive { get; init; }

    /// <summary>The description or the number of one of the firmware's boot options, which is all that counts then.</summary>
    public string? Entry { get; init; }

    /// <summary>The label of the volume; case does not matter.</summary>
    public string? Label { get; init; }

    /// <summary>The GUID of the partition, as partition tables store it.</summary>
    public byte[]? PartitionGuid { get; init; }

    /// <summary>The file to start; null for a boot loader.</summary>
    public string? FileName { get; set; }

    /// <summary>Whether the setting san-filename said it.</summary>
    public bool IsFileFromSetting { get; set; }

    /// <summary>A file that has to be on the same volume.</summary>
    public string? ExtraFileName { get; init; }

    /// <summary>Whether the volume or the file was chosen, so that the firmware's options say nothing.</summary>
    public bool IsSelective => Label is not null || PartitionGuid is not null || FileName is not null || ExtraFileName is not null;
}
