using System.Text.Json;
using Google.Protobuf;
using Streams;

namespace Monitor.LogStore.OnElasticsearch;

/// <summary>Something to store, as the queue takes it: a struct, so that a record costs the queue no object of its own but <see cref="Origin"/>.</summary>
internal interface IBulkDocument
{
    /// <summary>Its index.</summary>
    string Index { get; }

    /// <summary>What makes storing it twice the same as storing it once.</summary>
    string Id { get; }

    /// <summary>0 for a document that never changes; otherwise a higher version takes the place of a lower one, and never the other way round.</summary>
    long Version { get; }

    /// <summary>Where it came from.</summary>
    Origin Origin { get; }

    /// <summary>Writes it, one JSON object.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="row">Order of arrival, which tells apart what happened at one time.</param>
    void Write(Utf8JsonWriter json, long row);
}

/// <summary>Where a document came from: what a dead letter says where the store will never take it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">The key of its record.</param>
/// <param name="Message">What it was made of.</param>
/// <param name="Source">The record; null where it was made by the monitor.</param>
internal readonly record struct Origin(string Id, string Key, IMessage Message, RecordMetadata? Source);
