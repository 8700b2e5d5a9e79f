namespace NetBoot.Tests.Models.HyperV;

/// <summary>Whose host it is, where the two that there are differ.</summary>
public enum HostKind
{
    /// <summary>
    /// Windows' own, as its guests know it: Linux' hv_vmbus and hv_netvsc, FreeBSD's hn, and Microsoft's firmware (mu_msvm). It says nothing more of
    /// a channel that it has rescinded, refuses with a status, filters frames, and keeps no part of the receive buffer for answers.
    /// </summary>
    Windows,

    /// <summary>
    /// OpenVMM and OpenHCL, by their source (vmbus_server, vmbus_channel, netvsp): the device ends without a word at a revocation and at what it
    /// does not take, until the channel is closed; HALT changes nothing; any packet filter but none lets every frame through; the link is said to
    /// be there whenever it is asked for; packets are numbered by their first suballocation, from 0 on.
    /// </summary>
    OpenVmm,
}
