namespace Streams;

/// <summary>What to do about a record that could not be read, processed or written. The answer of an error handler.</summary>
public sealed record ErrorResponse
{
    private ErrorResponse(string name, bool fails, bool sendsDeadLetter)
    {
        (Name, Fails, SendsDeadLetter) = (name, fails, sendsDeadLetter);
    }

    /// <summary>Stop with the error.</summary>
    public static ErrorResponse Fail { get; } = new(nameof(Fail), fails: true, sendsDeadLetter: false);

    /// <summary>Drop the record where it failed, count it as dropped and say so in the log; then go on.</summary>
    public static ErrorResponse Continue { get; } = new(nameof(Continue), fails: false, sendsDeadLetter: false);

    /// <summary>
    /// As <see cref="Continue"/>, and send the record as it was read to <see cref="StreamConfig.DeadLetterTopic"/>, with headers that say where it
    /// lay and why it failed (KIP-1034).
    /// </summary>
    public static ErrorResponse DeadLetter { get; } = new(nameof(DeadLetter), fails: false, sendsDeadLetter: true);

    /// <summary>Send the record to <see cref="StreamConfig.DeadLetterTopic"/>, then stop with the error: what Kafka Streams' own failing handlers do.</summary>
    public static ErrorResponse DeadLetterThenFail { get; } = new(nameof(DeadLetterThenFail), fails: true, sendsDeadLetter: true);

    internal string Name { get; }

    internal bool Fails { get; }

    internal bool SendsDeadLetter { get; }

    internal RetryPolicy? Policy { get; private init; }

    internal ErrorResponse? Then { get; private init; }

    /// <summary>Wait and try again, as often as <paramref name="policy"/> allows; after that, <paramref name="then"/>.</summary>
    /// <param name="policy">How often and how long.</param>
    /// <param name="then">What to do once all tries have failed; null to fail.</param>
    /// <remarks>
    /// The wait holds up every task of the thread. What the node did before it failed it does again: a processor that forwarded a record, then
    /// failed, forwards it twice.
    /// </remarks>
    public static ErrorResponse Retry(RetryPolicy policy, ErrorResponse? then = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return new ErrorResponse(nameof(Retry), fails: false, sendsDeadLetter: false) { Policy = policy, Then = then ?? Fail };
    }

    /// <inheritdoc/>
    public override string ToString() => Policy is null ? Name : $"{Name}({Policy.Attempts} attempts, then {Then})";
}
