using System.Buffers;

namespace Elasticsearch;

/// <summary>Reads an answer's body, no further than a limit: what is on the way may be larger than memory.</summary>
internal static class AnswerBody
{
    private const int Step = 64 << 10;

    /// <exception cref="ElasticsearchException">There is more than <paramref name="bytesMax"/>.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, int bytesMax, CancellationToken cancellation)
    {
        var body = new ArrayBufferWriter<byte>();
        var stream = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            while (true)
            {
                var read = await stream.ReadAsync(body.GetMemory(Step), cancellation).ConfigureAwait(false);
                if (read == 0)
                    return body.WrittenMemory;
                body.Advance(read);
                if (body.WrittenCount > bytesMax)
                    throw new ElasticsearchException(ElasticsearchErrorKind.AnswerTooLarge, $"The answer has more than {bytesMax:N0} bytes.");
            }
        }
    }
}
