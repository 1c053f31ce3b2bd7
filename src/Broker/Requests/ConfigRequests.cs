using System.Globalization;
using Broker.Groups;
using Broker.Topics;
using Kafka.Protocol;
using Kafka.Protocol.Messages;

namespace Broker.Requests;

/// <summary>Shows settings and changes those of topics. The broker's own are set where it is started, and shown read-only.</summary>
internal sealed class ConfigRequests(TopicCatalog topics, BrokerNode node, BrokerOptions options)
{
    private const sbyte TopicResource = 2;
    private const sbyte BrokerResource = 4;

    private const sbyte Set = 0;
    private const sbyte Delete = 1;
    private const sbyte Append = 2;
    private const sbyte Subtract = 3;

    public DescribeConfigsResponse Describe(DescribeConfigsRequest request, RequestContext from)
    {
        var response = new DescribeConfigsResponse();
        foreach (var resource in request.Resources)
        {
            var result = new DescribeConfigsResponse.DescribeConfigsResult { ResourceType = resource.ResourceType, ResourceName = resource.ResourceName, ErrorMessage = null };
            response.Results.Add(result);
            switch (resource.ResourceType)
            {
                case TopicResource when topics.Find(resource.ResourceName) is { } topic:
                    result.Configs.AddRange(TopicSettings.All.Where(Wanted).Select(setting => DescribeTopic(setting, topic, request)));
                    break;
                case TopicResource:
                    (result.ErrorCode, result.ErrorMessage) = (ErrorCode.UnknownTopicOrPartition, $"There is no topic '{resource.ResourceName}'.");
                    break;
                case BrokerResource when IsThisBroker(resource.ResourceName):
                    result.Configs.AddRange(BrokerSettings().Where(setting => resource.ConfigurationKeys is not { } keys || keys.Contains(setting.Name)));
                    break;
                default:
                    (result.ErrorCode, result.ErrorMessage) = (ErrorCode.InvalidRequest, $"This broker shows settings of topics and of node {node.Id}.");
                    break;
            }

            bool Wanted(TopicSetting setting) => resource.ConfigurationKeys is not { } keys || keys.Contains(setting.Name);
        }

        return response;
    }

    /// <summary>Replaces all of a topic's own settings.</summary>
    public AlterConfigsResponse Alter(AlterConfigsRequest request, RequestContext from)
    {
        var response = new AlterConfigsResponse();
        foreach (var resource in request.Resources)
        {
            var result = CheckResource(resource.ResourceType, resource.ResourceName)
                ?? topics.Configure(resource.ResourceName, _ => Replacement(resource.Configs), request.ValidateOnly);
            response.Responses.Add(new() { ResourceType = resource.ResourceType, ResourceName = resource.ResourceName, ErrorCode = result.Error, ErrorMessage = result.Message });
        }

        return response;
    }

    /// <summary>Changes single settings of a topic and leaves the others.</summary>
    public IncrementalAlterConfigsResponse AlterSome(IncrementalAlterConfigsRequest request, RequestContext from)
    {
        var response = new IncrementalAlterConfigsResponse();
        foreach (var resource in request.Resources)
        {
            var result = CheckResource(resource.ResourceType, resource.ResourceName)
                ?? CheckOperations(resource.Configs)
                ?? topics.Configure(resource.ResourceName, had => Changed(had, resource.Configs), request.ValidateOnly);
            response.Responses.Add(new() { ResourceType = resource.ResourceType, ResourceName = resource.ResourceName, ErrorCode = result.Error, ErrorMessage = result.Message });
        }

        return response;
    }

    private CatalogResult? CheckResource(sbyte type, string name)
    {
        if (type == TopicResource)
            return null;
        return type == BrokerResource && IsThisBroker(name)
            ? CatalogResult.Refused(ErrorCode.InvalidConfig, "The broker's own settings are given at its start and cannot be changed by clients.")
            : CatalogResult.Refused(ErrorCode.InvalidRequest, "This broker changes settings of topics only.");
    }

    private static CatalogResult? CheckOperations(List<IncrementalAlterConfigsRequest.AlterableConfig> changes)
    {
        foreach (var change in changes)
        {
            if (change.ConfigOperation is < Set or > Subtract)
                return CatalogResult.Refused(ErrorCode.InvalidRequest, $"There is no operation {change.ConfigOperation} on settings.");
            if (change.ConfigOperation is Append or Subtract && TopicSettings.Find(change.Name)?.Type != SettingType.List)
                return CatalogResult.Refused(ErrorCode.InvalidConfig, $"Setting {change.Name} is no list; it can be set or deleted.");
            if (change.ConfigOperation != Delete && change.Value is null)
                return CatalogResult.Refused(ErrorCode.InvalidConfig, $"Setting {change.Name} has no value.");
        }

        return null;
    }

    private static Dictionary<string, string> Replacement(List<AlterConfigsRequest.AlterableConfig> configs)
    {
        var replacement = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var config in configs)
        {
            // No value means the default here, as in Kafka.
            if (config.Value is { } value)
                replacement[config.Name] = value;
        }

        return replacement;
    }

    private Dictionary<string, string> Changed(IReadOnlyDictionary<string, string> had, List<IncrementalAlterConfigsRequest.AlterableConfig> changes)
    {
        var changed = new Dictionary<string, string>(had, StringComparer.Ordinal);
        foreach (var change in changes)
        {
            switch (change.ConfigOperation)
            {
                case Set:
                    changed[change.Name] = change.Value!;
                    break;
                case Delete:
                    changed.Remove(change.Name);
                    break;
                default:
                    var items = TopicSetting.SplitList(changed.GetValueOrDefault(change.Name) ?? TopicSettings.Find(change.Name)!.Default(options));
                    var named = TopicSetting.SplitList(change.Value!);
                    changed[change.Name] = string.Join(',', change.ConfigOperation == Append ? items.Union(named) : items.Except(named));
                    break;
            }
        }

        return changed;
    }

    private DescribeConfigsResponse.DescribeConfigsResourceResult DescribeTopic(TopicSetting setting, Topic topic, DescribeConfigsRequest request)
    {
        var own = topic.Overrides.GetValueOrDefault(setting.Name);
        var fallback = setting.Default(options);
        var described = new DescribeConfigsResponse.DescribeConfigsResourceResult
        {
            Name = setting.Name,
            Value = own ?? fallback,
            ConfigSource = (sbyte)(own is null ? SettingSource.Default : SettingSource.Topic),
            ConfigType = (sbyte)setting.Type,
            Documentation = request.IncludeDocumentation ? setting.Documentation : null,
        };
        if (request.IncludeSynonyms)
        {
            if (own is not null)
                described.Synonyms.Add(new() { Name = setting.Name, Value = own, Source = (sbyte)SettingSource.Topic });
            if (setting.BrokerName is { } brokerName)
                described.Synonyms.Add(new() { Name = brokerName, Value = fallback, Source = (sbyte)SettingSource.Default });
        }

        return described;
    }

    private bool IsThisBroker(string name) => name.Length == 0 || name == node.Id.ToString(CultureInfo.InvariantCulture);

    private IEnumerable<DescribeConfigsResponse.DescribeConfigsResourceResult> BrokerSettings()
    {
        yield return Shown("node.id", node.Id, SettingType.Int);
        yield return Shown("broker.id", node.Id, SettingType.Int);
        yield return Shown("auto.create.topics.enable", options.AutoCreateTopics ? "true" : "false", SettingType.Boolean);
        yield return Shown("num.partitions", options.DefaultPartitions, SettingType.Int);
        yield return Shown("default.replication.factor", 1, SettingType.Int);
        yield return Shown("log.dirs", options.DataDirectory, SettingType.String);
        yield return Shown("max.connections", options.ConnectionsMax, SettingType.Int);
        yield return Shown("socket.request.max.bytes", options.RequestBytesMax, SettingType.Int);
        yield return Shown("fetch.max.bytes", options.FetchBytesMax, SettingType.Int);
        foreach (var setting in TopicSettings.All)
        {
            if (setting.BrokerName is { } name)
                yield return Shown(name, setting.Default(options), setting.Type);
        }
    }

    private static DescribeConfigsResponse.DescribeConfigsResourceResult Shown(string name, int value, SettingType type) =>
        Shown(name, value.ToString(CultureInfo.InvariantCulture), type);

    private static DescribeConfigsResponse.DescribeConfigsResourceResult Shown(string name, string value, SettingType type) => new()
    {
        Name = name,
        Value = value,
        ReadOnly = true,
        ConfigSource = (sbyte)SettingSource.StaticBroker,
        ConfigType = (sbyte)type,
        Documentation = null,
    };
}
