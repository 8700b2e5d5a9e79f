namespace NetBoot.Tests.Models.HyperV;

/// <summary>How a SCSI request went, as a controller tells it: OpenVMM, scsi_core, ScsiResult.</summary>
/// <param name="Status">The device's: 0 good, 2 check condition.</param>
/// <param name="Srb">The host's, without flags: 1 success.</param>
/// <param name="Transferred">Bytes of data, in either direction.</param>
/// <param name="Data">What the device has sent; never longer than the guest's memory for it.</param>
/// <param name="Sense">Sense data, with which the host's status has the flag for it; null for none.</param>
public sealed record ScsiResult(byte Status, byte Srb, int Transferred, byte[] Data, byte[]? Sense)
{
    public const byte Good = 0;
    public const byte CheckCondition = 2;

    public const byte Success = 0x01;
    public const byte Error = 0x04;
    public const byte InvalidRequest = 0x06;
    public const byte DataOverrun = 0x12;
    public const byte Flushed = 0x16;
    public const byte InvalidLun = 0x20;

    public const byte IllegalRequest = 5;

    /// <summary>All went well.</summary>
    public static ScsiResult Done(byte[] data) => new(Good, Success, data.Length, data, null);

    /// <summary>All went well, and so many bytes were taken from the guest.</summary>
    public static ScsiResult Taken(int bytes) => new(Good, Success, bytes, [], null);

    /// <summary>The device refuses, with a sense key and an additional code.</summary>
    public static ScsiResult Refused(byte srb, byte key, byte code, byte qualifier = 0) =>
        new(CheckCondition, srb, 0, [], NewSense(key, code, qualifier));

    /// <summary>Sense data in fixed format. SPC-4, 4.5.3.</summary>
    public static byte[] NewSense(byte key, byte code, byte qualifier = 0) =>
        [0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, code, qualifier, 0, 0, 0, 0];
}
