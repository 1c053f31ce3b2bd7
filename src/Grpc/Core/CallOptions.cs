namespace Grpc.Core;

/// <summary>What a caller chooses for one call.</summary>
public readonly struct CallOptions
{
    /// <summary>Options for one call; all may be left out.</summary>
    public CallOptions(
        Metadata? headers = null,
        DateTime? deadline = null,
        CancellationToken cancellationToken = default,
        WriteOptions? writeOptions = null,
        ContextPropagationToken? propagationToken = null,
        CallCredentials? credentials = null)
    {
        CancellationToken = cancellationToken;
        if (headers is not null || deadline is not null || writeOptions is not null || propagationToken is not null || credentials is not null)
            Chosen = new(headers, deadline, writeOptions, propagationToken, credentials, IsWaitForReady: false);
    }

    /// <summary>Metadata to send before the first message.</summary>
    public Metadata? Headers => Chosen?.Headers;

    /// <summary>When to give up, in UTC. Null or <see cref="DateTime.MaxValue"/> waits for ever.</summary>
    public DateTime? Deadline => Chosen?.Deadline;

    /// <summary>Cancels the call, here and on the server.</summary>
    public CancellationToken CancellationToken { get; private init; }

    /// <summary>How messages are written.</summary>
    public WriteOptions? WriteOptions => Chosen?.WriteOptions;

    /// <summary>Deadline and cancellation of the call that this one is made for.</summary>
    public ContextPropagationToken? PropagationToken => Chosen?.PropagationToken;

    /// <summary>Adds metadata that proves who calls.</summary>
    public CallCredentials? Credentials => Chosen?.Credentials;

    /// <summary>True where the call waits for a connection instead of failing without one.</summary>
    public bool IsWaitForReady => Chosen is { IsWaitForReady: true };

    // Options are copied on their way to a call, and into it, and most calls choose nothing of this.
    private Choices? Chosen { get; init; }

    private Choices SoFar => Chosen ?? Choices.None;

    /// <summary>The same options with other headers.</summary>
    public CallOptions WithHeaders(Metadata headers) => this with { Chosen = SoFar with { Headers = headers } };

    /// <summary>The same options with another deadline, in UTC.</summary>
    public CallOptions WithDeadline(DateTime deadline) => this with { Chosen = SoFar with { Deadline = deadline } };

    /// <summary>The same options with another token.</summary>
    public CallOptions WithCancellationToken(CancellationToken cancellationToken) => this with { CancellationToken = cancellationToken };

    /// <summary>The same options with other write options.</summary>
    public CallOptions WithWriteOptions(WriteOptions writeOptions) => this with { Chosen = SoFar with { WriteOptions = writeOptions } };

    /// <summary>The same options, made for another call.</summary>
    public CallOptions WithPropagationToken(ContextPropagationToken propagationToken) => this with { Chosen = SoFar with { PropagationToken = propagationToken } };

    /// <summary>The same options with other credentials.</summary>
    public CallOptions WithCredentials(CallCredentials credentials) => this with { Chosen = SoFar with { Credentials = credentials } };

    /// <summary>The same options, waiting for a connection or not.</summary>
    public CallOptions WithWaitForReady(bool waitForReady = true) => this with { Chosen = SoFar with { IsWaitForReady = waitForReady } };

    private sealed record Choices(
        Metadata? Headers,
        DateTime? Deadline,
        WriteOptions? WriteOptions,
        ContextPropagationToken? PropagationToken,
        CallCredentials? Credentials,
        bool IsWaitForReady)
    {
        public static readonly Choices None = new(null, null, null, null, null, false);
    }
}
