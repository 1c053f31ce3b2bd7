using System.Globalization;
using Settings;

namespace LoadTesting.Simulations;

/// <summary>How many invocations begin, and when, during some time. Made by <see cref="Simulation"/>.</summary>
public abstract record LoadSimulation
{
    private protected LoadSimulation(TimeSpan during)
    {
        if (during <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(during), during, "A simulation lasts some time.");
        During = during;
    }

    /// <summary>How long it lasts.</summary>
    public TimeSpan During { get; }

    /// <summary>The rate that a warm-up before this simulation has.</summary>
    internal abstract Rate WarmUpRate { get; }

    /// <summary>The stretches of steady or steadily changing rate that it is made of.</summary>
    /// <param name="before">The rate at which the simulation before it ended.</param>
    /// <param name="random">Where it draws what is left to chance.</param>
    internal abstract IEnumerable<RateStretch> Stretches(Rate before, Random random);

    private protected static string Text(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);

    private protected static string Text(TimeSpan duration) => DurationText.Format(duration);
}

/// <summary>Invocations begun a second.</summary>
internal readonly record struct Rate(double PerSecond)
{
    public static Rate Of(int count, TimeSpan interval) => new(count / interval.TotalSeconds);
}

/// <summary>A stretch of time in which the rate goes evenly from one value to another.</summary>
internal readonly record struct RateStretch(TimeSpan During, Rate From, Rate To)
{
    /// <summary>Invocations due in it; a fraction is carried on into the next stretch.</summary>
    public double Invocations => (From.PerSecond + To.PerSecond) / 2 * During.TotalSeconds;

    /// <summary>When a number of invocations is due, from the beginning of the stretch.</summary>
    public TimeSpan When(double invocations)
    {
        if (invocations <= 0)
            return TimeSpan.Zero;

        // n(t) = from·t + slope·t²/2, solved for t in the form that loses no digits where the slope is small.
        var slope = (To.PerSecond - From.PerSecond) / During.TotalSeconds;
        var root = Math.Sqrt(Math.Max(0, From.PerSecond * From.PerSecond + 2 * slope * invocations));
        var seconds = 2 * invocations / (From.PerSecond + root);
        return TimeSpan.FromTicks((long)Math.Min(During.Ticks, seconds * TimeSpan.TicksPerSecond));
    }
}
