namespace NetBoot.NicDrivers.E1000;

/// <summary>The layouts of the EEPROM read register (EERD): SDM, 13.4.4; 82574 datasheet, 10.2.2.</summary>
public enum E1000EepromLayout
{
    /// <summary>The 82544 has no such register.</summary>
    None,

    /// <summary>Done is bit 4, the word's number begins at bit 8.</summary>
    Wide,

    /// <summary>Done is bit 1, the word's number begins at bit 2.</summary>
    Narrow,
}
