using Grpc.Core;
using Grpc.Net.Client.Configuration;

namespace Grpc.Net.Client.Balancer;

/// <summary>Makes balancers that use the first address that can be connected to.</summary>
public sealed class PickFirstBalancerFactory : LoadBalancerFactory
{
    /// <inheritdoc/>
    public override string Name => LoadBalancingConfig.PickFirstPolicyName;

    /// <inheritdoc/>
    public override LoadBalancer Create(LoadBalancerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new PickFirstBalancer(options.Controller);
    }

    /// <summary>One subchannel has all addresses and tries them in order. It connects when a call needs it.</summary>
    private sealed class PickFirstBalancer(IChannelControlHelper controller) : LoadBalancer
    {
        private readonly Lock _gate = new();
        private Subchannel? _subchannel;

        public override void UpdateChannelState(ChannelState state)
        {
            if (state.Addresses is not { Count: > 0 })
            {
                var status = state.Status.StatusCode is StatusCode.OK ? new Status(StatusCode.Unavailable, "The target has no addresses.") : state.Status;
                lock (_gate)
                {
                    // What is known from before may still do.
                    if (_subchannel is null)
                        controller.UpdateState(new(ConnectivityState.TransientFailure, new FailurePicker(status)));
                }

                return;
            }

            lock (_gate)
            {
                if (_subchannel is not null)
                {
                    _subchannel.UpdateAddresses(state.Addresses);
                    return;
                }

                _subchannel = controller.CreateSubchannel(new SubchannelOptions(state.Addresses));
                _subchannel.OnStateChanged(OnStateChanged);
            }

            OnStateChanged(new SubchannelState(ConnectivityState.Idle, Status.DefaultSuccess));
        }

        public override void RequestConnection()
        {
            lock (_gate)
                _subchannel?.RequestConnection();
        }

        protected override void Dispose(bool disposing)
        {
            lock (_gate)
                _subchannel?.Dispose();
            base.Dispose(disposing);
        }

        private void OnStateChanged(SubchannelState state)
        {
            var subchannel = _subchannel!;
            switch (state.State)
            {
                case ConnectivityState.Idle:
                    controller.UpdateState(new(state.State, new ConnectingPicker(subchannel.RequestConnection)));
                    break;
                case ConnectivityState.Ready:
                    controller.UpdateState(new(state.State, new ReadyPicker(subchannel)));
                    break;
                case ConnectivityState.TransientFailure:
                    controller.UpdateState(new(state.State, new FailurePicker(state.Status)));
                    controller.RefreshResolver();
                    break;
                case ConnectivityState.Connecting:
                    controller.UpdateState(new(state.State, QueuePicker.Instance));
                    break;
                default:
                    break;
            }
        }
    }

    private sealed class ReadyPicker(Subchannel subchannel) : SubchannelPicker
    {
        private readonly PickResult _result = PickResult.ForSubchannel(subchannel);

        internal override bool IgnoresCall => true;

        public override PickResult Pick(PickContext context) => _result;
    }
}
