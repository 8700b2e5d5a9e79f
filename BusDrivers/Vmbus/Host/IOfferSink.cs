namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>Who is told what the host says unasked, also in the midst of a wait: it only takes note, and sends nothing.</summary>
internal interface IOfferSink
{
    void OnOffer(in ChannelOffer offer);
    void OnRescind(uint channel);
}
