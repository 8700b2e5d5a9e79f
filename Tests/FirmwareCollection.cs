using NetBoot.Tests.Models.UefiFirmware;
using Xunit;

namespace NetBoot.Tests;

/// <summary>
/// The tests that run product code on a <see cref="SimulatedFirmware"/>, which is one for the process, as a machine's firmware is: they
/// carry <c>[Collection("Firmware")]</c> and run one after the other.
/// </summary>
[CollectionDefinition("Firmware", DisableParallelization = true)]
public sealed class FirmwareCollection;
