using System.Collections.Generic;
using System.Linq;

namespace NetBoot.Boot.Tool.Bench;

/// <summary>Measurements by case and peer, of which the median counts.</summary>
internal sealed class Medians
{
    private readonly Dictionary<(string Case, string Peer), List<double>> _values = [];

    public IEnumerable<string> Cases => _values.Keys.Select(key => key.Case).Distinct();

    /// <summary>NaN for what was not measured.</summary>
    public double this[string name, string peer] =>
        _values.TryGetValue((name, peer), out List<double>? list) ? list.Order().ElementAt(list.Count / 2) : double.NaN;

    public void Add(string name, string peer, double value)
    {
        if (!_values.TryGetValue((name, peer), out List<double>? list))
        {
            _values[(name, peer)] = list = [];
        }

        list.Add(value);
    }
}
