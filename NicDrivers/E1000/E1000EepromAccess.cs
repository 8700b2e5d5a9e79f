namespace NetBoot.NicDrivers.E1000;

/// <summary>How a word of the EEPROM is read.</summary>
internal enum E1000EepromAccess
{
    /// <summary>By the EEPROM read register (EERD): done is bit 4, the word's number begins at bit 8. SDM, 13.4.4.</summary>
    WideRegister,

    /// <summary>The same, as of the 82541: done is bit 1, the word's number begins at bit 2. SDM, 13.4.4; 82574 datasheet, 10.2.2.2.</summary>
    NarrowRegister,

    /// <summary>By the EEPROM's four wires (Microwire), which are bits of EECD. SDM, 13.4.3.</summary>
    Wires,
}
