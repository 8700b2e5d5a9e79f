using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using NetBoot.Boot.Images;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Pci;
using NetBoot.Tests.Models.Devices;
using NetBoot.Tests.Toolchain;
using NetBoot.Uefi.Interop.DriverModel;
using Xunit;

namespace NetBoot.Tests.Nics;

/// <summary>What a new NIC is easily forgotten in.</summary>
[Collection("Firmware")]
public sealed class AllDriversTests
{
    public AllDriversTests() => DeviceFirmware.Start();

    [Fact]
    public void AllDrivers_HasEachDriverOnce()
    {
        IEnumerable<string> drivers = new[] { typeof(Nic).Assembly, typeof(VmbusDriver).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsSubclassOf(typeof(Driver)) && !type.IsAbstract)
            .Select(type => type.Name);
        Assert.Equal(drivers.Order(), AllDrivers.Create().Select(driver => driver.GetType().Name).Order());
    }

    [Fact]
    public void EachNicOnPci_HasAnImageAndTestsOfItsContract()
    {
        List<string> drivers = [.. Subclasses(typeof(Nic).Assembly, typeof(PciNicDriver)).Select(type => type.Name)];
        DirectoryInfo folder = new(Path.Combine(ImageProject.RepositoryRoot, "Boot", "Images"));
        List<string> images = [.. folder.GetDirectories().Select(each => each.Name)];
        foreach (string driver in drivers)
        {
            string name = driver[..^"Driver".Length];
            Assert.Contains(images, image => image.Replace("-", "").Equals(name, StringComparison.OrdinalIgnoreCase));
            Assert.Contains(
                Subclasses(Assembly.GetExecutingAssembly(), typeof(IDisposable)),
                type => HasContractFor(type, "Simulated" + name));
        }

        Assert.NotEmpty(drivers);
    }

    private static IEnumerable<Type> Subclasses(Assembly assembly, Type of) =>
        assembly.GetTypes().Where(type => of.IsAssignableFrom(type) && !type.IsAbstract);

    private static bool HasContractFor(Type? type, string card)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(NicContractTests<>))
            {
                return type.GetGenericArguments()[0].Name == card;
            }
        }

        return false;
    }
}
