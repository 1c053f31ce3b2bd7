using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.Net.Client.Balancer;

/// <summary>A balancer with one subchannel for each address, all connected; a policy says how to pick among those that are.</summary>
public abstract class SubchannelsLoadBalancer : LoadBalancer
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Member> _members = [];
    private bool _isDisposed;

    /// <summary>A balancer of a channel.</summary>
    protected SubchannelsLoadBalancer(IChannelControlHelper controller, ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(controller);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        Controller = controller;
    }

    /// <summary>The channel.</summary>
    protected IChannelControlHelper Controller { get; }

    /// <summary>How the channel is.</summary>
    protected ConnectivityState State { get; private set; }

    /// <inheritdoc/>
    public override void UpdateChannelState(ChannelState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        List<Subchannel> gone = [];
        List<Member> come = [];
        lock (_gate)
        {
            if (_isDisposed)
                return;
            if (state.Addresses is not { Count: > 0 } addresses)
            {
                // What is known from before may still do.
                if (_members.Count > 0)
                    return;
                Tell(ConnectivityState.TransientFailure, new FailurePicker(
                    state.Status.StatusCode is StatusCode.OK ? new Status(StatusCode.Unavailable, "The target has no addresses.") : state.Status));
                return;
            }

            var wanted = addresses.DistinctBy(address => address.ToString()).ToDictionary(address => address.ToString());
            foreach (var (name, member) in _members.Where(member => !wanted.ContainsKey(member.Key)).ToList())
            {
                _members.Remove(name);
                gone.Add(member.Subchannel);
            }

            foreach (var (name, address) in wanted)
            {
                if (!_members.ContainsKey(name))
                {
                    var member = new Member(Controller.CreateSubchannel(new SubchannelOptions([address])));
                    _members.Add(name, member);
                    come.Add(member);
                }
            }
        }

        foreach (var subchannel in gone)
            subchannel.Dispose();
        foreach (var member in come)
        {
            member.Subchannel.OnStateChanged(changed => OnStateChanged(member, changed));
            member.Subchannel.RequestConnection();
        }

        lock (_gate)
            Tell();
    }

    /// <inheritdoc/>
    public override void RequestConnection()
    {
        List<Member> members;
        lock (_gate)
            members = [.. _members.Values];
        foreach (var member in members)
            member.Subchannel.RequestConnection();
    }

    /// <summary>Makes the picker among these, which are connected: at least one.</summary>
    protected abstract SubchannelPicker CreatePicker(IReadOnlyList<Subchannel> readySubchannels);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        List<Member> members;
        lock (_gate)
        {
            _isDisposed = true;
            members = [.. _members.Values];
            _members.Clear();
        }

        foreach (var member in members)
            member.Subchannel.Dispose();
        base.Dispose(disposing);
    }

    private void OnStateChanged(Member member, SubchannelState changed)
    {
        bool isLost;
        lock (_gate)
        {
            if (_isDisposed || changed.State is ConnectivityState.Shutdown)
                return;
            isLost = changed.State is ConnectivityState.Idle or ConnectivityState.TransientFailure;

            // A server that fails over and over stays a failure while it is being tried, or calls would wait for it each time.
            if (!(member.State.State is ConnectivityState.TransientFailure && changed.State is ConnectivityState.Connecting or ConnectivityState.Idle))
                member.State = changed;
            Tell();
        }

        if (isLost)
            Controller.RefreshResolver();
        if (changed.State is ConnectivityState.Idle)
            member.Subchannel.RequestConnection();
    }

    private void Tell()
    {
        if (_isDisposed || _members.Count == 0)
            return;
        var ready = _members.Values.Where(member => member.State.State is ConnectivityState.Ready).Select(member => member.Subchannel).ToList();
        if (ready.Count > 0)
            Tell(ConnectivityState.Ready, CreatePicker(ready));
        else if (_members.Values.Any(member => member.State.State is ConnectivityState.Connecting or ConnectivityState.Idle))
            Tell(ConnectivityState.Connecting, QueuePicker.Instance);
        else
            Tell(ConnectivityState.TransientFailure, new FailurePicker(_members.Values.Last().State.Status));
    }

    private void Tell(ConnectivityState state, SubchannelPicker picker)
    {
        State = state;
        Controller.UpdateState(new(state, picker));
    }

    private sealed class Member(Subchannel subchannel)
    {
        public Subchannel Subchannel { get; } = subchannel;

        public SubchannelState State { get; set; } = new(ConnectivityState.Idle, Status.DefaultSuccess);
    }
}
