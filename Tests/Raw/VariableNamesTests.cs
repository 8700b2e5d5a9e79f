using System;
using System.Collections.Generic;
using NetBoot.Boot.Options;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Raw;

/// <summary>The firmware's variables by name.</summary>
[Collection("Firmware")]
public sealed class VariableNamesTests : IDisposable
{
    private readonly SimulatedFirmware _firmware = new();

    public void Dispose() => _firmware.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(600)]
    [InlineData(5000)]
    public void Names_OfAnyLength_AreAllThere(int length)
    {
        EFI_GUID vendor = new(0x12345678, 0x1234, 0x5678, 1, 2, 3, 4, 5, 6, 7, 8);
        string longest = new('n', length);
        _firmware.Variables["BootOrder"] = [1, 0];
        _firmware.Variables[longest, vendor] = [1];
        _firmware.Variables["Last"] = [1];
        List<string> found = [];
        VariableNames names = new();
        while (names.MoveNext())
        {
            found.Add(names.Name.ToString());
            Assert.Equal(names.Name.SequenceEqual(longest) ? vendor : EFI_VARIABLE.EFI_GLOBAL_VARIABLE, names.Vendor);
        }

        Assert.Equal(["BootOrder", longest, "Last"], found);
    }

    [Fact]
    public void BootOption_BehindAVariableWithALongName_IsFound()
    {
        byte[] path = [4, 4, 8, 0, 1, 0, 0, 0, 0x7F, 0xFF, 4, 0];
        _firmware.Variables[new string('x', 700)] = [1];
        Assert.False(BootOptions.Has(path));
        Assert.True(BootOptions.Append("mine", path).IsSuccess);

        Assert.True(BootOptions.Has(path));
    }
}
