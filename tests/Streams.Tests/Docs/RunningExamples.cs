using Kafka;
using Microsoft.Extensions.Logging;
using Streams.Tests.Runtime;
using Xunit.Abstractions;

namespace Streams.Tests.Docs;

/// <summary>docs/engine.md: an application on a broker, and queries.</summary>
public sealed class RunningExamples(OwnBroker broker, ITestOutputHelper output) : IClassFixture<OwnBroker>
{
    [SkippableFact]
    public async Task An_application_runs_and_answers()
    {
        await using var scene = new KafkaScene(broker, new TestLog(output));
        var (servers, topology, stopping) = (broker.BootstrapServers, FirstTopologyExamples.Words(), scene.GivesUp);
        using (var admin = scene.Client.CreateAdmin())
            await admin.CreateTopicsAsync([new("lines", 1), new("word-counts", 1)], scene.GivesUp);
        await using (var producer = scene.Client.CreateProducer(new()))
        {
            producer.TryAppend(new() { Topic = "lines", Key = "k"u8, HasKey = true, Value = "to be or not to be"u8, HasValue = true, TimestampMs = 1 });
            await producer.FlushAsync(scene.GivesUp);
        }

        #region run
        using var loggers = LoggerFactory.Create(_ => { });
        var client = new ConfluentLogClient(new KafkaSettings { BootstrapServers = servers }, loggers);
        var config = new StreamConfig { ApplicationId = "word-count", ThreadCount = 2, CommitInterval = TimeSpan.FromSeconds(1) };

        await using var application = new KafkaStream(topology, config, client, loggers, TimeProvider.System);
        application.StateChanged += (_, move) => Console.WriteLine($"{move.Previous} -> {move.Current}");
        await application.StartAsync(stopping);
        #endregion

        #region query
        var counts = application.Store(QueryableStore.KeyValue<string, long>("counts"));

        long? Ask(string word)
        {
            try
            {
                return counts.Get(word);
            }
            catch (StoreNotReadyException)
            {
                return null;    // Being restored, or moving to another instance: ask again in a moment.
            }
        }
        #endregion

        long? answer;
        while ((answer = Ask("be")) is not 2)
            await Task.Delay(TimeSpan.FromMilliseconds(50), scene.GivesUp);

        #region stop
        await application.StopAsync();
        #endregion
        Assert.Equal(2, answer);
        Assert.Equal(KafkaStreamState.NotRunning, application.State);
    }
}
