using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client.Balancer;

/// <summary>A resolver that has to ask each time. It asks once at a time, and after a failure again, after growing waits.</summary>
public abstract partial class PollingResolver : Resolver
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly IBackoffPolicyFactory? _backoffs;
    private readonly ILogger _logger;
    private Action<ResolverResult>? _listener;
    private Task _resolving = Task.CompletedTask;

    /// <summary>A resolver that does not ask again by itself.</summary>
    protected PollingResolver(ILoggerFactory loggerFactory)
        : this(loggerFactory, null)
    {
    }

    /// <summary>A resolver that asks again after failures.</summary>
    protected PollingResolver(ILoggerFactory loggerFactory, IBackoffPolicyFactory? backoffPolicyFactory)
    {
        ArgumentNullException.ThrowIfNull(loggerFactory);
        _logger = loggerFactory.CreateLogger<PollingResolver>();
        _backoffs = backoffPolicyFactory;
    }

    /// <summary>Who is told.</summary>
    protected Action<ResolverResult> Listener => _listener ?? throw new InvalidOperationException("The resolver was not started.");

    /// <inheritdoc/>
    public sealed override void Start(Action<ResolverResult> listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        if (_listener is not null)
            throw new InvalidOperationException("The resolver was started already.");
        _listener = listener;
        OnStarted();
    }

    /// <summary>Asks again, unless that is under way.</summary>
    public sealed override void Refresh()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested || !_resolving.IsCompleted)
                return;
            _resolving = Task.Run(() => ResolveUntilFoundAsync(_stop.Token), CancellationToken.None);
        }
    }

    /// <summary>The listener is known.</summary>
    protected virtual void OnStarted()
    {
    }

    /// <summary>Asks once, and tells <see cref="Listener"/>. What it throws becomes UNAVAILABLE.</summary>
    protected abstract Task ResolveAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        lock (_gate)
            _stop.Cancel();
        base.Dispose(disposing);
    }

    private async Task ResolveUntilFoundAsync(CancellationToken stopped)
    {
        var backoff = _backoffs?.Create();
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                await ResolveAsync(stopped).ConfigureAwait(false);
                return;
            }
            catch (Exception exception)
            {
                if (stopped.IsCancellationRequested)
                    return;
                Failed(exception);
                Listener(ResolverResult.ForFailure(new Status(StatusCode.Unavailable, $"The target's addresses were not found. {exception.Message}", exception)));
                if (backoff is null)
                    return;
                await Task.Delay(backoff.NextBackoff(), stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "A target's addresses were not found.")]
    private partial void Failed(Exception exception);
}
