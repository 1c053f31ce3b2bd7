using Broker.Log;

namespace Broker.Requests;

/// <summary>The buffers of one fetch's answer, held until it is sent.</summary>
internal sealed class FetchLease : IDisposable
{
    private readonly List<LogRead> _reads = [];

    public void Add(LogRead read) => _reads.Add(read);

    public void Dispose()
    {
        foreach (var read in _reads)
            read.Dispose();
        _reads.Clear();
    }
}
