namespace LoadTesting;

/// <summary>A number of a scenario's own: shown while it runs and in reports, and open to thresholds.</summary>
public abstract class Metric
{
    private protected Metric(string name, string unit)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(unit);
        (Name, Unit) = (name, unit);
    }

    /// <summary>Its name, unique in the scenario.</summary>
    public string Name { get; }

    /// <summary>What it counts or measures, for readers: <c>records</c>, <c>s</c>.</summary>
    public string Unit { get; }

    /// <summary>Its value now; null where it has none yet.</summary>
    public abstract double? Current { get; }

    /// <summary>A number that is added to.</summary>
    public static CounterMetric CreateCounter(string name, string unit = "") => new(name, unit);

    /// <summary>A number that is set. Until then it has no value, and a threshold that asks for it fails.</summary>
    public static GaugeMetric CreateGauge(string name, string unit = "") => new(name, unit);
}

/// <summary>A number that is added to, from any thread.</summary>
public sealed class CounterMetric : Metric
{
    private long _value;

    internal CounterMetric(string name, string unit)
        : base(name, unit)
    {
    }

    /// <summary>The sum so far.</summary>
    public long Value => Interlocked.Read(ref _value);

    /// <inheritdoc/>
    public override double? Current => Value;

    /// <summary>Adds to the sum.</summary>
    public void Add(long value) => Interlocked.Add(ref _value, value);
}

/// <summary>A number that is set, from any thread.</summary>
public sealed class GaugeMetric : Metric
{
    // A double and whether it is there, in one word that is read and written whole.
    private long _bits = BitConverter.DoubleToInt64Bits(double.NaN);

    internal GaugeMetric(string name, string unit)
        : base(name, unit)
    {
    }

    /// <inheritdoc/>
    public override double? Current => BitConverter.Int64BitsToDouble(Interlocked.Read(ref _bits)) is var value && double.IsNaN(value) ? null : value;

    /// <summary>Sets the value.</summary>
    public void Set(double value) => Interlocked.Exchange(ref _bits, BitConverter.DoubleToInt64Bits(value));
}
