using Broker.Groups;
using Broker.Topics;
using Kafka.Protocol;
using Kafka.Protocol.Messages;

namespace Broker.Requests;

/// <summary>Creates, grows, empties and deletes topics.</summary>
/// <param name="topics">The topics.</param>
/// <param name="node">The node every replica is on.</param>
/// <param name="options">The broker's defaults.</param>
/// <param name="deleted">Told of each deleted topic, so that offsets committed for it go too.</param>
internal sealed class TopicRequests(TopicCatalog topics, BrokerNode node, BrokerOptions options, Func<string, CancellationToken, ValueTask> deleted)
{
    private const long HighWatermark = -1;

    public CreateTopicsResponse Create(CreateTopicsRequest request, RequestContext from)
    {
        var response = new CreateTopicsResponse();
        foreach (var group in request.Topics.GroupBy(static topic => topic.Name, StringComparer.Ordinal))
        {
            var result = group.Count() > 1
                ? CatalogResult.Refused(ErrorCode.InvalidRequest, $"Topic '{group.Key}' is in the request more than once.")
                : Create(group.First(), request.validateOnly);
            var answer = new CreateTopicsResponse.CreatableTopicResult
            {
                Name = group.Key,
                ErrorCode = result.Error,
                ErrorMessage = result.Message,
            };
            if (result.Topic is { } topic)
            {
                answer.TopicId = topic.Id;
                answer.NumPartitions = topic.Partitions.Count;
                answer.ReplicationFactor = 1;
                foreach (var setting in TopicSettings.All)
                {
                    answer.Configs!.Add(new()
                    {
                        Name = setting.Name,
                        Value = topic.Overrides.GetValueOrDefault(setting.Name) ?? setting.Default(options),
                        ConfigSource = (sbyte)(topic.Overrides.ContainsKey(setting.Name) ? SettingSource.Topic : SettingSource.Default),
                    });
                }
            }

            response.Topics.Add(answer);
        }

        return response;
    }

    public async ValueTask<DeleteTopicsResponse> DeleteAsync(DeleteTopicsRequest request, RequestContext from, CancellationToken cancellation)
    {
        var response = new DeleteTopicsResponse();
        foreach (var name in request.TopicNames)
            response.Responses.Add(await DeleteAsync(name, from.Version, cancellation).ConfigureAwait(false));
        foreach (var state in request.Topics)
        {
            if (state.Name is { } name)
                response.Responses.Add(await DeleteAsync(name, from.Version, cancellation).ConfigureAwait(false));
            else if (topics.Find(state.TopicId) is { } topic)
                response.Responses.Add(await DeleteAsync(topic.Name, from.Version, cancellation).ConfigureAwait(false));
            else
                response.Responses.Add(new() { Name = null, TopicId = state.TopicId, ErrorCode = ErrorCode.UnknownTopicId, ErrorMessage = $"There is no topic with id {state.TopicId}." });
        }

        return response;
    }

    public CreatePartitionsResponse AddPartitions(CreatePartitionsRequest request, RequestContext from)
    {
        var response = new CreatePartitionsResponse();
        foreach (var asked in request.Topics)
        {
            var result = asked.Assignments is { } assignments && assignments.Any(a => a.BrokerIds.Count != 1 || a.BrokerIds[0] != node.Id)
                ? CatalogResult.Refused(ErrorCode.InvalidReplicaAssignment, $"The only replica there can be is on node {node.Id}.")
                : topics.AddPartitions(asked.Name, asked.Count, request.ValidateOnly);
            response.Results.Add(new() { Name = asked.Name, ErrorCode = result.Error, ErrorMessage = result.Message });
        }

        return response;
    }

    public DeleteRecordsResponse DeleteRecords(DeleteRecordsRequest request, RequestContext from)
    {
        var response = new DeleteRecordsResponse();
        foreach (var topic in request.Topics)
        {
            var topicResponse = new DeleteRecordsResponse.DeleteRecordsTopicResult { Name = topic.Name };
            response.Topics.Add(topicResponse);
            foreach (var partition in topic.Partitions)
            {
                var answer = new DeleteRecordsResponse.DeleteRecordsPartitionResult { PartitionIndex = partition.PartitionIndex, LowWatermark = -1 };
                topicResponse.Partitions.Add(answer);
                if (topics.FindPartition(topic.Name, partition.PartitionIndex) is not { } log)
                {
                    answer.ErrorCode = ErrorCode.UnknownTopicOrPartition;
                    continue;
                }

                var offset = partition.Offset == HighWatermark ? log.HighWatermark : partition.Offset;
                if (offset < 0 || offset > log.HighWatermark)
                {
                    answer.ErrorCode = ErrorCode.OffsetOutOfRange;
                    continue;
                }

                topics.DeleteRecords(topic.Name, partition.PartitionIndex, offset);
                answer.LowWatermark = log.LogStartOffset;
            }
        }

        return response;
    }

    private CatalogResult Create(CreateTopicsRequest.CreatableTopic asked, bool validateOnly)
    {
        var partitions = asked.NumPartitions;
        if (asked.Assignments.Count > 0)
        {
            if (partitions != -1 || asked.ReplicationFactor != -1)
                return CatalogResult.Refused(ErrorCode.InvalidRequest, "Give either assignments or the numbers of partitions and replicas, not both.");
            if (!asked.Assignments.Select(a => a.PartitionIndex).Order().SequenceEqual(Enumerable.Range(0, asked.Assignments.Count))
                || asked.Assignments.Any(a => a.BrokerIds.Count != 1 || a.BrokerIds[0] != node.Id))
                return CatalogResult.Refused(ErrorCode.InvalidReplicaAssignment, $"Partitions are numbered from 0 and each has its one replica on node {node.Id}.");
            partitions = asked.Assignments.Count;
        }
        else if (asked.ReplicationFactor is not (1 or -1))
        {
            return CatalogResult.Refused(ErrorCode.InvalidReplicationFactor, $"This broker is the only one: the replication factor is 1, not {asked.ReplicationFactor}.");
        }

        var overrides = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var config in asked.Configs)
        {
            if (config.Value is not { } value)
                return CatalogResult.Refused(ErrorCode.InvalidConfig, $"Setting {config.Name} has no value.");
            overrides[config.Name] = value;
        }

        return topics.Create(asked.Name, partitions, overrides, validateOnly);
    }

    private async ValueTask<DeleteTopicsResponse.DeletableTopicResult> DeleteAsync(string name, short version, CancellationToken cancellation)
    {
        var result = topics.Delete(name);
        if (result.Error == ErrorCode.None)
            await deleted(name, cancellation).ConfigureAwait(false);
        var id = version >= 6 && result.Topic is { } topic ? topic.Id : default;
        return new() { Name = name, TopicId = id, ErrorCode = result.Error, ErrorMessage = result.Message };
    }
}
