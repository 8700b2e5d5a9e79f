using System;

namespace NetBoot.Boot.App;

/// <summary>Who gives an interface its addresses.</summary>
[Flags]
public enum Configurators
{
    /// <summary>DHCP of version 4.</summary>
    Dhcp = 1,

    /// <summary>The routers of version 6.</summary>
    IPv6 = 2,
}
