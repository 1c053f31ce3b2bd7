using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Elasticsearch;

/// <summary>The few requests that a log store makes of Elasticsearch. Each is tried once: whoever calls knows whether to try again.</summary>
/// <remarks>Thread-safe. Where a node does not answer, the next request goes to the next one.</remarks>
public sealed class ElasticsearchClient : IDisposable
{
    // Beside searches, no answer asked for here is larger than some kilobytes a document.
    private const int AnswerBytesMax = 64 << 20;

    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue Lines = new("application/x-ndjson");

    private readonly HttpClient _http;
    private readonly Uri[] _nodes;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private int _node;

    /// <summary>Makes a client; it connects with its first request.</summary>
    /// <param name="settings">Where the server is. At least one address.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ElasticsearchException">A certificate or key cannot be read; the message names the file.</exception>
    public ElasticsearchClient(ElasticsearchSettings settings, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfZero(settings.Urls.Count, nameof(settings));
        _nodes = [.. settings.Urls.Select(url => new Uri(url.EndsWith('/') ? url : url + "/"))];
        _limit = settings.RequestTimeout;
        _time = time;
        _http = Connections.Open(settings);
    }

    /// <summary>The server that the next request goes to, for messages.</summary>
    public string Address => Node.ToString().TrimEnd('/');

    private Uri Node => _nodes[(uint)Volatile.Read(ref _node) % (uint)_nodes.Length];

    /// <summary>What the server is.</summary>
    public async Task<ServerInfo> GetInfoAsync(CancellationToken cancellation)
    {
        var answer = await SendAsync(HttpMethod.Get, "", null, cancellation).ConfigureAwait(false);
        return Parse(answer, root =>
        {
            var version = root.GetProperty("version");
            // A snapshot's number goes on with "-SNAPSHOT".
            var number = version.GetProperty("number").GetString()!.Split('-')[0];
            return new ServerInfo(
                Version.Parse(number),
                version.TryGetProperty("distribution", out var distribution) ? distribution.GetString() : null,
                root.TryGetProperty("cluster_name", out var name) ? name.GetString() ?? "" : "");
        });
    }

    /// <summary>Sets a lifecycle policy.</summary>
    /// <returns>False where this server has no lifecycle management.</returns>
    public async Task<bool> PutLifecyclePolicyAsync(string name, JsonNode policy, CancellationToken cancellation)
    {
        try
        {
            await PutAsync($"_ilm/policy/{Escape(name)}", policy, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (ElasticsearchException absent) when (absent.IsUnknownEndpoint)
        {
            return false;
        }
    }

    /// <summary>Sets a component template.</summary>
    public Task PutComponentTemplateAsync(string name, JsonNode template, CancellationToken cancellation) =>
        PutAsync($"_component_template/{Escape(name)}", template, cancellation);

    /// <summary>Sets an index template.</summary>
    public Task PutIndexTemplateAsync(string name, JsonNode template, CancellationToken cancellation) =>
        PutAsync($"_index_template/{Escape(name)}", template, cancellation);

    /// <summary>The version of an index template; null where there is no such template or it has none.</summary>
    public async Task<long?> GetIndexTemplateVersionAsync(string name, CancellationToken cancellation)
    {
        try
        {
            var answer = await SendAsync(HttpMethod.Get, $"_index_template/{Escape(name)}", null, cancellation).ConfigureAwait(false);
            return Parse(answer, root =>
            {
                foreach (var template in root.GetProperty("index_templates").EnumerateArray())
                {
                    if (template.GetProperty("index_template").TryGetProperty("version", out var version))
                        return version.GetInt64();
                }

                return (long?)null;
            });
        }
        catch (ElasticsearchException absent) when (absent.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>The indexes that match <paramref name="patterns"/>, which are separated by commas.</summary>
    public async Task<IReadOnlyList<IndexInfo>> ListIndexesAsync(string patterns, CancellationToken cancellation)
    {
        var answer = await SendAsync(
            HttpMethod.Get, $"{patterns}/_settings/index.creation_date?{Lenient}", null, cancellation).ConfigureAwait(false);
        return Parse(answer, root => root.EnumerateObject()
            .Select(index => new IndexInfo(index.Name, DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(
                index.Value.GetProperty("settings").GetProperty("index").GetProperty("creation_date").GetString()!,
                System.Globalization.CultureInfo.InvariantCulture))))
            .ToList());
    }

    /// <summary>How many documents there are in the indexes that match.</summary>
    public async Task<long> CountAsync(string patterns, CancellationToken cancellation)
    {
        var answer = await SendAsync(HttpMethod.Get, $"{patterns}/_count?{Lenient}", null, cancellation).ConfigureAwait(false);
        return Parse(answer, root => root.GetProperty("count").GetInt64());
    }

    /// <summary>Drops an index. One that is not there is no error.</summary>
    public Task DeleteIndexAsync(string name, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Delete, $"{Escape(name)}?ignore_unavailable=true", null, cancellation);

    /// <summary>Makes everything that was taken findable at once. Otherwise it takes as long as the indexes' refresh interval.</summary>
    public Task RefreshAsync(string patterns, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, $"{patterns}/_refresh?{Lenient}", null, cancellation);

    /// <summary>Finds documents. Indexes that are not there have none; where a part of those that are does not answer, none is the answer.</summary>
    /// <param name="patterns">Which indexes, separated by commas.</param>
    /// <param name="search">The search.</param>
    /// <param name="answerBytesMax">Most bytes that the answer may have.</param>
    /// <param name="cancellation">Ends the search on the server too.</param>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(string patterns, JsonNode search, int answerBytesMax, CancellationToken cancellation)
    {
        var answer = await SendAsync(
            HttpMethod.Post,
            $"{patterns}/_search?{Lenient}&allow_partial_search_results=false&filter_path=hits.hits._id,hits.hits._source,_shards.failed,timed_out",
            Body(search),
            cancellation,
            answerBytesMax).ConfigureAwait(false);
        return Hits(answer);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static string Lenient => "ignore_unavailable=true&allow_no_indices=true";

    /// <summary>Sends documents, once.</summary>
    internal async Task<BulkItem[]> BulkAsync(ReadOnlyMemory<byte> compressed, int count, CancellationToken cancellation)
    {
        var content = new ReadOnlyMemoryContent(compressed);
        content.Headers.ContentType = Lines;
        content.Headers.ContentEncoding.Add("gzip");
        var answer = await SendAsync(
            HttpMethod.Post, "_bulk?filter_path=items.*.status,items.*.error", content, cancellation).ConfigureAwait(false);
        try
        {
            return BulkAnswer.Read(answer, count);
        }
        catch (JsonException nonsense)
        {
            throw NotUnderstood(nonsense);
        }
    }

    private async Task PutAsync(string path, JsonNode body, CancellationToken cancellation) =>
        await SendAsync(HttpMethod.Put, path, Body(body), cancellation).ConfigureAwait(false);

    private static ReadOnlyMemoryContent Body(JsonNode body)
    {
        var content = new ReadOnlyMemoryContent(JsonSerializer.SerializeToUtf8Bytes(body));
        content.Headers.ContentType = Json;
        return content;
    }

    private async Task<ReadOnlyMemory<byte>> SendAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellation, int answerBytesMax = AnswerBytesMax)
    {
        var node = Node;
        using var limit = new CancellationTokenSource(_limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var request = new HttpRequestMessage(method, new Uri(node, path)) { Content = content };
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            var body = await AnswerBody.ReadAsync(response.Content, answerBytesMax, either.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? body : throw Refusals.From(response, body, Asked(method, node, path), _time);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            AskNextNode(node);
            throw new ElasticsearchException(
                ElasticsearchErrorKind.Unavailable, $"{Asked(method, node, path)} was not answered within {_limit.TotalSeconds:0.###} s.");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            AskNextNode(node);
            throw new ElasticsearchException(
                ElasticsearchErrorKind.Unavailable, $"{Asked(method, node, path)} got no answer: {Innermost(broken)}", inner: broken);
        }
    }

    // Another request may have moved on already.
    private void AskNextNode(Uri failed)
    {
        var node = Volatile.Read(ref _node);
        if (_nodes[(uint)node % (uint)_nodes.Length] == failed)
            Interlocked.CompareExchange(ref _node, node + 1, node);
    }

    private T Parse<T>(ReadOnlyMemory<byte> answer, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return read(document.RootElement);
        }
        catch (Exception nonsense) when (nonsense is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw NotUnderstood(nonsense);
        }
    }

    private List<SearchHit> Hits(ReadOnlyMemory<byte> answer) => Parse(answer, root =>
    {
        if (root.TryGetProperty("timed_out", out var late) && late.ValueKind == JsonValueKind.True)
            throw new FormatException("The search was given up half-way.");
        if (root.TryGetProperty("_shards", out var shards) && shards.GetProperty("failed").GetInt32() is > 0 and var failed)
            throw new FormatException($"{failed} shards did not answer.");
        if (!root.TryGetProperty("hits", out var hits))
            return [];

        return hits.GetProperty("hits").EnumerateArray()
            // The source outlives the document that it is read from.
            .Select(hit => new SearchHit(hit.GetProperty("_id").GetString()!, JsonSerializer.SerializeToUtf8Bytes(hit.GetProperty("_source"))))
            .ToList();
    });

    private ElasticsearchException NotUnderstood(Exception nonsense) => new(
        ElasticsearchErrorKind.Unavailable, $"{Address} answered what is no answer of Elasticsearch's: {nonsense.Message}", inner: nonsense);

    private static string Escape(string name) => Uri.EscapeDataString(name);

    private static string Asked(HttpMethod method, Uri node, string path) => $"{method} {node}{path.Split('?')[0]}";

    private static string Innermost(Exception error) => error.GetBaseException().Message is var message && message.EndsWith('.') ? message : $"{message}.";
}
