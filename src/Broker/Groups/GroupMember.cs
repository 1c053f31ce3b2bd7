using Kafka.Protocol.Messages;

namespace Broker.Groups;

/// <summary>One member of a group, from its first join to its leaving or falling silent.</summary>
internal sealed class GroupMember
{
    private readonly Dictionary<string, byte[]> _metadataByProtocol = [];

    public GroupMember(string id, JoinGroupRequest request, RequestContext from)
    {
        Id = id;
        InstanceId = request.GroupInstanceId;
        Update(request, from);
    }

    /// <summary>The id the coordinator gave it. A static member gets a new one each time its process starts.</summary>
    public string Id { get; set; }

    /// <summary>The name a static member (KIP-345) keeps over restarts; null for dynamic ones.</summary>
    public string? InstanceId { get; }

    public string ClientId { get; private set; } = "";

    public string ClientHost { get; private set; } = "";

    public TimeSpan SessionTimeout { get; private set; }

    public TimeSpan RebalanceTimeout { get; private set; }

    /// <summary>The protocols (assignors) it knows, its favourite first.</summary>
    public IReadOnlyList<JoinGroupRequest.JoinGroupRequestProtocol> Protocols { get; private set; } = [];

    public byte[] Assignment { get; set; } = [];

    /// <summary>When it counts as dead unless it says something. Does not pass while an answer is parked: it cannot speak then.</summary>
    public TimeSpan SessionDeadline { get; private set; }

    public Parked<JoinGroupResponse>? Join { get; set; }

    public Parked<SyncGroupResponse>? Sync { get; set; }

    /// <summary>Whether it has asked for its assignment in this generation.</summary>
    public bool HasSynced { get; set; }

    public bool IsWaiting => Join is not null || Sync is not null;

    public void Touch(TimeSpan now) => SessionDeadline = now + SessionTimeout;

    public void Update(JoinGroupRequest request, RequestContext from)
    {
        ClientId = from.ClientId ?? "";
        ClientHost = from.ClientHost;
        SessionTimeout = TimeSpan.FromMilliseconds(request.SessionTimeoutMs);

        // Version 0 has one time-out for both.
        RebalanceTimeout = request.RebalanceTimeoutMs < 0 ? SessionTimeout : TimeSpan.FromMilliseconds(request.RebalanceTimeoutMs);
        Protocols = request.Protocols;
        _metadataByProtocol.Clear();
        foreach (var protocol in request.Protocols)
            _metadataByProtocol[protocol.Name] = protocol.Metadata;
    }

    public bool Knows(string protocol) => _metadataByProtocol.ContainsKey(protocol);

    /// <summary>What it said about itself for a protocol; empty for one it does not know.</summary>
    public byte[] MetadataFor(string? protocol) =>
        protocol is not null && _metadataByProtocol.TryGetValue(protocol, out var metadata) ? metadata : [];

    /// <summary>Whether a new join says the same as the last one: then nothing has to be assigned anew.</summary>
    public bool SaysTheSame(JoinGroupRequest request)
    {
        if (request.Protocols.Count != Protocols.Count)
            return false;
        for (var i = 0; i < Protocols.Count; i++)
        {
            if (request.Protocols[i].Name != Protocols[i].Name || !request.Protocols[i].Metadata.AsSpan().SequenceEqual(Protocols[i].Metadata))
                return false;
        }

        return true;
    }
}
