using System.Text.RegularExpressions;
using Broker.Groups;
using Broker.Log;
using Broker.Server;
using Broker.Topics;
using Kafka.Protocol;
using Kafka.Protocol.Messages;

namespace Broker.Requests;

/// <summary>Who this broker is, what it can do and what it holds.</summary>
internal sealed partial class ClusterRequests(ApiTable apis, BrokerNode node, TopicCatalog topics, BrokerOptions options)
{
    private const sbyte GroupKey = 0;
    private const sbyte TransactionKey = 1;

    public ApiVersionsResponse Versions(ApiVersionsRequest request, RequestContext from)
    {
        var response = new ApiVersionsResponse();
        if (from.Version >= 3 && !(SoftwareName().IsMatch(request.ClientSoftwareName) && SoftwareName().IsMatch(request.ClientSoftwareVersion)))
        {
            response.ErrorCode = ErrorCode.InvalidRequest;
            return response;
        }

        foreach (var offered in apis.Offered)
            response.ApiKeys.Add(new() { ApiKey = (short)offered.Api, MinVersion = offered.Min, MaxVersion = offered.Max });
        return response;
    }

    public MetadataResponse Metadata(MetadataRequest request, RequestContext from)
    {
        var response = new MetadataResponse { ClusterId = topics.ClusterId, ControllerId = node.Id };
        response.Brokers.Add(new() { NodeId = node.Id, Host = node.Host, Port = node.Port });

        if (request.Topics is null || (from.Version == 0 && request.Topics.Count == 0))
        {
            foreach (var topic in topics.Topics)
                response.Topics.Add(Describe(topic));
            return response;
        }

        var mayCreate = options.AutoCreateTopics && (from.Version < 4 || request.AllowAutoTopicCreation);
        foreach (var asked in request.Topics)
        {
            var name = asked.Name ?? "";
            if (topics.Find(name) is { } topic)
                response.Topics.Add(Describe(topic));
            else
                response.Topics.Add(CreateOrRefuse(name, mayCreate));
        }

        return response;
    }

    public DescribeClusterResponse Cluster(DescribeClusterRequest request, RequestContext from)
    {
        var response = new DescribeClusterResponse { ClusterId = topics.ClusterId, ControllerId = node.Id };
        if (from.Version >= 1 && request.EndpointType != 1)
        {
            response.ErrorCode = ErrorCode.UnsupportedEndpointType;
            response.ErrorMessage = "This broker has no controller endpoints.";
            return response;
        }

        response.Brokers.Add(new() { BrokerId = node.Id, Host = node.Host, Port = node.Port });
        return response;
    }

    public FindCoordinatorResponse Coordinator(FindCoordinatorRequest request, RequestContext from)
    {
        var response = new FindCoordinatorResponse();
        var known = request.KeyType is GroupKey or TransactionKey;
        var error = known ? ErrorCode.None : ErrorCode.InvalidRequest;
        var message = known ? null : $"There is no coordinator of type {request.KeyType}.";
        if (from.Version < 4)
        {
            (response.ErrorCode, response.ErrorMessage) = (error, message);
            (response.NodeId, response.Host, response.Port) = known ? (node.Id, node.Host, node.Port) : (-1, "", -1);
            return response;
        }

        foreach (var key in request.CoordinatorKeys)
        {
            response.Coordinators.Add(new()
            {
                Key = key,
                ErrorCode = error,
                ErrorMessage = message,
                NodeId = known ? node.Id : -1,
                Host = known ? node.Host : "",
                Port = known ? node.Port : -1,
            });
        }

        return response;
    }

    private MetadataResponse.MetadataResponseTopic CreateOrRefuse(string name, bool mayCreate)
    {
        if (TopicName.Fault(name) is not null)
            return new() { Name = name, ErrorCode = ErrorCode.InvalidTopic };
        if (!mayCreate)
            return new() { Name = name, ErrorCode = ErrorCode.UnknownTopicOrPartition };

        var created = topics.Create(name, partitions: -1, overrides: new Dictionary<string, string>());
        // Another client may have been faster; then it is there all the same.
        return (created.Topic ?? topics.Find(name)) is { } topic ? Describe(topic) : new() { Name = name, ErrorCode = created.Error };
    }

    private MetadataResponse.MetadataResponseTopic Describe(Topic topic)
    {
        var described = new MetadataResponse.MetadataResponseTopic { Name = topic.Name, TopicId = topic.Id };
        for (var i = 0; i < topic.Partitions.Count; i++)
        {
            described.Partitions.Add(new()
            {
                PartitionIndex = i,
                LeaderId = node.Id,
                LeaderEpoch = PartitionLog.LeaderEpoch,
                ReplicaNodes = [node.Id],
                IsrNodes = [node.Id],
            });
        }

        return described;
    }

    [GeneratedRegex(@"^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?\z")]
    private static partial Regex SoftwareName();
}
