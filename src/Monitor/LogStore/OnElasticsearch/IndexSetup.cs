using System.Text.Json.Nodes;
using Elasticsearch;
using Microsoft.Extensions.Logging;

namespace Monitor.LogStore.OnElasticsearch;

/// <summary>Makes sure of the server: that it is one we know, and that it has our template and policy before it gets a document.</summary>
/// <remarks>
/// Done at the start, and again whenever the server was out of reach: what comes back may be another server. Putting the same again changes
/// nothing, and a template of a newer version than ours is left alone: in an upgrade, the older monitor must not undo it.
/// </remarks>
internal sealed partial class IndexSetup(
    ElasticsearchClient client, ElasticsearchStoreOptions options, IndexNames names, int retentionDays, ILogger<ElasticsearchLogStore> logger)
    : IDisposable
{
    private const string OurName = "streams";

    private static readonly Version Oldest = new(7, 17);
    private static readonly Version Newest = new(9, int.MaxValue);

    private readonly SemaphoreSlim _one = new(1);
    private volatile bool _isDone;
    private bool _toldVersion;
    private bool _toldLifecycle;
    private bool _toldNewer;

    /// <summary>Whether the server drops old indexes by itself; null while nobody knows.</summary>
    public bool? HasLifecycles { get; private set; }

    /// <summary>Returns at once where all is done.</summary>
    /// <param name="anew">Whether the server may be another one than before.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ElasticsearchException">It could not be done; the message says why.</exception>
    public async Task EnsureAsync(bool anew, CancellationToken cancellation)
    {
        if (_isDone && !anew)
            return;

        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            CheckVersion(await client.GetInfoAsync(cancellation).ConfigureAwait(false));
            if (options.InstallTemplate)
                await InstallAsync(cancellation).ConfigureAwait(false);
            _isDone = true;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private void CheckVersion(ServerInfo server)
    {
        if (server.Distribution is { } other)
            throw Refused($"The server at {client.Address} is {other} {server.Version}, not Elasticsearch; the log store needs Elasticsearch {Oldest} or newer.");
        if (server.Version < Oldest)
            throw Refused($"The server at {client.Address} is Elasticsearch {server.Version}; the log store needs {Oldest} or newer.");
        if (_toldVersion)
            return;

        _toldVersion = true;
        Found(server.Version, client.Address, server.ClusterName);
        if (server.Version > Newest)
            Untried(server.Version);
    }

    private async Task InstallAsync(CancellationToken cancellation)
    {
        if (retentionDays > 0)
            await InstallPolicyAsync(cancellation).ConfigureAwait(false);

        var template = Load("indexes");
        var ours = (long)template["version"]!;
        if (await client.GetIndexTemplateVersionAsync(Name("indexes"), cancellation).ConfigureAwait(false) is { } theirs && theirs > ours)
        {
            if (!_toldNewer)
                Newer(Name("indexes"), theirs, ours);
            _toldNewer = true;
            return;
        }

        await client.PutComponentTemplateAsync(Name("mappings"), Load("mappings"), cancellation).ConfigureAwait(false);
        await client.PutIndexTemplateAsync(Name("indexes"), Fit(template), cancellation).ConfigureAwait(false);
    }

    private async Task InstallPolicyAsync(CancellationToken cancellation)
    {
        var policy = Load("lifecycle");
        policy["policy"]!["phases"]!["delete"]!["min_age"] = $"{retentionDays}d";
        HasLifecycles = await client.PutLifecyclePolicyAsync(Name("lifecycle"), policy, cancellation).ConfigureAwait(false);
        if (HasLifecycles == false && !_toldLifecycle)
        {
            _toldLifecycle = true;
            NoLifecycles(client.Address, retentionDays);
        }
    }

    private JsonNode Fit(JsonNode template)
    {
        template["index_patterns"] = new JsonArray([.. names.Patterns.Select(pattern => JsonValue.Create(pattern))]);
        template["priority"] = options.TemplatePriority;
        template["composed_of"] = new JsonArray(Name("mappings"));
        var settings = template["template"]!["settings"]!.AsObject();
        if (HasLifecycles == true)
            settings["lifecycle"]!["name"] = Name("lifecycle");
        else
            settings.Remove("lifecycle");
        return template;
    }

    private string Name(string part) => $"{options.TemplateName}-{part}";

    private static JsonNode Load(string part)
    {
        var name = $"Monitor.LogStore.OnElasticsearch.Templates.{OurName}-{part}.json";
        using var stream = typeof(IndexSetup).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not part of this build.");
        return JsonNode.Parse(stream)!;
    }

    private static ElasticsearchException Refused(string message) => new(ElasticsearchErrorKind.Refused, message);

    [LoggerMessage(50, LogLevel.Information, "Logs are stored in Elasticsearch {Version} at {Address}, cluster {Cluster}.")]
    private partial void Found(Version version, string address, string cluster);

    [LoggerMessage(51, LogLevel.Warning, "Elasticsearch {Version} is newer than any that this was written for (7.17 to 9). It is used all the same.")]
    private partial void Untried(Version version);

    [LoggerMessage(52, LogLevel.Warning,
        "The server at {Address} has no index lifecycle management. The monitor drops indexes itself once they are {Days} days old.")]
    private partial void NoLifecycles(string address, int days);

    [LoggerMessage(53, LogLevel.Warning, "The index template {Name} is of version {Theirs}, newer than ours ({Ours}). It is left as it is.")]
    private partial void Newer(string name, long theirs, long ours);
}
