using Grpc.Core;

namespace Grpc.Net.Client.Balancer;

/// <summary>Says where one call goes. It is asked for every call, from many threads, and must answer at once.</summary>
public abstract class SubchannelPicker
{
    /// <summary>Picks for a call.</summary>
    public abstract PickResult Pick(PickContext context);

    /// <summary>True where it picks the same way whatever the call, and need not be shown it.</summary>
    internal virtual bool IgnoresCall => false;
}

/// <summary>The call that is picked for.</summary>
public sealed class PickContext
{
    /// <summary>For pickers that ignore calls.</summary>
    internal static readonly PickContext Ignored = new();

    /// <summary>The call's request.</summary>
    public HttpRequestMessage? Request { get; set; }
}

/// <summary>What a picker may say.</summary>
public enum PickResultType
{
    /// <summary>The call goes to a subchannel.</summary>
    Complete = 0,

    /// <summary>The call waits for the next picker.</summary>
    Queue = 1,

    /// <summary>The call fails, unless it waits for ready.</summary>
    Fail = 2,

    /// <summary>The call fails.</summary>
    Drop = 3,
}

/// <summary>Where one call goes.</summary>
public sealed class PickResult
{
    private static readonly PickResult Queued = new(PickResultType.Queue, null, default, null);

    private PickResult(PickResultType type, Subchannel? subchannel, Status status, ISubchannelCallTracker? tracker) =>
        (Type, Subchannel, Status, SubchannelCallTracker) = (type, subchannel, status, tracker);

    /// <summary>What was picked.</summary>
    public PickResultType Type { get; }

    /// <summary>The subchannel; null unless one was picked.</summary>
    public Subchannel? Subchannel { get; }

    /// <summary>Why the call fails.</summary>
    public Status Status { get; }

    /// <summary>Is told of the call's begin and end; null for nobody.</summary>
    public ISubchannelCallTracker? SubchannelCallTracker { get; }

    /// <summary>The call goes to a subchannel.</summary>
    public static PickResult ForSubchannel(Subchannel subchannel, ISubchannelCallTracker? subchannelCallTracker = null) =>
        new(PickResultType.Complete, subchannel, default, subchannelCallTracker);

    /// <summary>The call fails, unless it waits for ready.</summary>
    public static PickResult ForFailure(Status status) => new(PickResultType.Fail, null, status, null);

    /// <summary>The call fails.</summary>
    public static PickResult ForDrop(Status status) => new(PickResultType.Drop, null, status, null);

    /// <summary>The call waits for the next picker.</summary>
    public static PickResult ForQueue() => Queued;
}

/// <summary>Is told of a call's begin and end, for policies that count.</summary>
public interface ISubchannelCallTracker
{
    /// <summary>The call begins.</summary>
    void Start();

    /// <summary>The call's response has begun, or failed to.</summary>
    void Complete(CompletionContext context);
}

/// <summary>How a call went.</summary>
public sealed class CompletionContext
{
    /// <summary>Where it went.</summary>
    public BalancerAddress? Address { get; set; }

    /// <summary>Why it failed; null where it did not.</summary>
    public Exception? Error { get; set; }
}

/// <summary>Has every call wait.</summary>
internal sealed class QueuePicker : SubchannelPicker
{
    public static readonly QueuePicker Instance = new();

    public override PickResult Pick(PickContext context) => PickResult.ForQueue();
}

/// <summary>Has every call wait, and the first of them connect.</summary>
internal sealed class ConnectingPicker(Action requestConnection) : SubchannelPicker
{
    public override PickResult Pick(PickContext context)
    {
        requestConnection();
        return PickResult.ForQueue();
    }
}

/// <summary>Fails every call that does not wait for ready.</summary>
internal sealed class FailurePicker(Status status) : SubchannelPicker
{
    private readonly PickResult _result = PickResult.ForFailure(status);

    public override PickResult Pick(PickContext context) => _result;
}
