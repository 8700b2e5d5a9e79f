namespace NetBoot.NetworkStack.Trust;

/// <summary>What is wrong with a certificate in its place in a chain.</summary>
internal enum CertificateFlaw
{
    None,
    NoClock,
    NotYetValid,
    Expired,
    WeakKey,
    WeakHash,
    WrongPurpose,
    NoAuthority,
    TooManyBelow,
    ForbiddenName,
}
