namespace NetBoot.NetworkStack.Wire;

/// <summary>What iSCSI's codes mean, for sentences.</summary>
internal static class IscsiReasons
{
    /// <summary>Of a login (RFC 7143, 11.13.5).</summary>
    public static string Login(byte statusClass, byte detail) => ((statusClass << 8) | detail) switch
    {
        0x0101 => "target moved temporarily",
        0x0102 => "target moved permanently",
        0x0200 => "initiator error",
        0x0201 => "authentication failed",
        0x0202 => "the initiator is not allowed to use this target",
        0x0203 => "target not found",
        0x0204 => "target removed",
        0x0205 => "unsupported version",
        0x0206 => "too many connections",
        0x0207 => "missing parameter",
        0x0208 => "cannot be included in the session",
        0x0209 => "session type not supported",
        0x020A => "session does not exist",
        0x020B => "invalid request during login",
        0x0300 => "target error",
        0x0301 => "service unavailable",
        0x0302 => "out of resources",
        _ => "unknown status",
    };

    /// <summary>Of a reject (RFC 7143, 11.17.1).</summary>
    public static string Reject(byte reason) => reason switch
    {
        0x02 => "data digest error",
        0x03 => "SNACK reject",
        0x04 => "protocol error",
        0x05 => "command not supported",
        0x06 => "too many immediate commands",
        0x07 => "task in progress",
        0x08 => "invalid acknowledgement",
        0x09 => "invalid PDU field",
        0x0A => "long operation",
        0x0B => "deprecated",
        0x0C => "waiting for logout",
        _ => "unknown reason",
    };
}
