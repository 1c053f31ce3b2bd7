namespace LoadTesting.Simulations;

/// <summary>When each invocation is due, one after the other. Holds the present stretch only, however long the run.</summary>
/// <remarks>
/// Invocation k is due when the rate, added up since the schedule began, reaches k: the first at once, and fractions of an invocation at the end of
/// one stretch are made whole in the next, so that no rate is rounded.
/// </remarks>
internal sealed class StartSchedule : IDisposable
{
    // What adding and multiplying doubles may be off by, in invocations.
    private const double Epsilon = 1e-6;

    private readonly IEnumerator<RateStretch> _stretches;
    private RateStretch _stretch;
    private TimeSpan _stretchStart;
    private double _before;
    private long _next;
    private bool _isOver;

    private StartSchedule(IEnumerable<RateStretch> stretches, TimeSpan during)
    {
        _stretches = stretches.GetEnumerator();
        During = during;
        Advance();
    }

    /// <summary>How long it lasts, past the last invocation if that comes earlier.</summary>
    public TimeSpan During { get; }

    /// <summary>One simulation after the other.</summary>
    public static StartSchedule Of(IReadOnlyList<LoadSimulation> simulations, Random random) =>
        new(Stretches(simulations, random), simulations.Aggregate(TimeSpan.Zero, (sum, simulation) => sum + simulation.During));

    /// <summary>One rate all the time.</summary>
    public static StartSchedule Steady(Rate rate, TimeSpan during) => new([new(during, rate, rate)], during);

    /// <summary>When the next invocation is due, from the beginning of the schedule.</summary>
    /// <returns>False where none follows.</returns>
    public bool TryPeek(out TimeSpan due)
    {
        while (!_isOver && _next > _before + _stretch.Invocations - Epsilon)
        {
            _before += _stretch.Invocations;
            _stretchStart += _stretch.During;
            Advance();
        }

        due = _isOver ? default : _stretchStart + _stretch.When(_next - _before);
        return !_isOver;
    }

    /// <summary>Goes on to the one after it.</summary>
    public void Take() => _next++;

    public void Dispose() => _stretches.Dispose();

    private void Advance()
    {
        _isOver = !_stretches.MoveNext();
        if (!_isOver)
            _stretch = _stretches.Current;
    }

    private static IEnumerable<RateStretch> Stretches(IReadOnlyList<LoadSimulation> simulations, Random random)
    {
        var rate = default(Rate);
        foreach (var simulation in simulations)
        {
            foreach (var stretch in simulation.Stretches(rate, random))
            {
                yield return stretch;
                rate = stretch.To;
            }
        }
    }
}
