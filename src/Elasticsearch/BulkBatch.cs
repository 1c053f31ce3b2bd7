using System.Buffers;
using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Elasticsearch;

/// <summary>Documents for one bulk request, written once and sent as often as it takes.</summary>
/// <remarks>
/// Holds each document as the bytes that go out, so that its size is known while it fills and a repetition can leave out what was taken.
/// Not thread-safe.
/// </remarks>
public sealed class BulkBatch : IDisposable
{
    private static readonly JsonWriterOptions Options = new()
    {
        // Nothing here ends up in HTML: what JSON allows is written as it is.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<int> _ends = [];
    private readonly Utf8JsonWriter _json;

    /// <summary>Makes an empty batch.</summary>
    public BulkBatch() => _json = new(_bytes, Options);

    /// <summary>How many documents there are.</summary>
    public int Count => _ends.Count;

    /// <summary>Bytes before compression.</summary>
    public int Bytes => _bytes.WrittenCount;

    /// <summary>Begins a document that is only taken where there is none with its id.</summary>
    /// <returns>Where to write the document, one JSON object. <see cref="End"/> follows.</returns>
    public Utf8JsonWriter BeginCreate(string index, string id) => Begin("create"u8, index, id, version: 0);

    /// <summary>Begins a document that takes the place of those of a lower version, and is refused where there is one of its own or a higher version.</summary>
    /// <param name="index">The index.</param>
    /// <param name="id">The document's id.</param>
    /// <param name="version">Its version, at least 1.</param>
    /// <returns>Where to write the document, one JSON object. <see cref="End"/> follows.</returns>
    public Utf8JsonWriter BeginVersion(string index, string id, long version) => Begin("index"u8, index, id, version);

    /// <summary>Ends the document begun last.</summary>
    public void End()
    {
        EndLine();
        _ends.Add(_bytes.WrittenCount);
    }

    /// <summary>Bytes of one document and its action.</summary>
    public int BytesOf(int item) => _ends[item] - Start(item);

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    /// <summary>Some of the documents as a request's body, compressed.</summary>
    internal ReadOnlyMemory<byte> Compress(ReadOnlySpan<int> items)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            // Neighbours go in one piece; nearly always all of them do.
            for (var i = 0; i < items.Length;)
            {
                var first = items[i];
                var last = first;
                while (++i < items.Length && items[i] == last + 1)
                    last++;
                gzip.Write(_bytes.WrittenSpan[Start(first).._ends[last]]);
            }
        }

        return compressed.GetBuffer().AsMemory(0, (int)compressed.Length);
    }

    private Utf8JsonWriter Begin(ReadOnlySpan<byte> action, string index, string id, long version)
    {
        _json.WriteStartObject();
        _json.WriteStartObject(action);
        _json.WriteString("_index"u8, index);
        _json.WriteString("_id"u8, id);
        if (version > 0)
        {
            _json.WriteNumber("version"u8, version);
            _json.WriteString("version_type"u8, "external"u8);
        }

        _json.WriteEndObject();
        _json.WriteEndObject();
        EndLine();
        return _json;
    }

    private void EndLine()
    {
        _json.Flush();
        _json.Reset(_bytes);
        _bytes.Write("\n"u8);
    }

    private int Start(int item) => item == 0 ? 0 : _ends[item - 1];
}
