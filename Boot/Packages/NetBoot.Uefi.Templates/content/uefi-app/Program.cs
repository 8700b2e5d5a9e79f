using System;

Console.WriteLine("Hello from UefiApp.");
