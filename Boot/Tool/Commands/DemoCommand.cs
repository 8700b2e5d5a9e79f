using System.CommandLine;

namespace Boot.Tool.Commands;

public static class DemoCommand
{
    public static Command Create() => new("demo", "x");
}
