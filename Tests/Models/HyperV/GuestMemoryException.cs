using System;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>The guest named memory that it does not have.</summary>
public sealed class GuestMemoryException(string message) : Exception(message);
