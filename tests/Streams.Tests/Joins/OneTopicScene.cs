using System.Globalization;
using Streams.TestKit;

namespace Streams.Tests.Joins;

/// <summary>A topology from <c>in</c> to <c>out</c>, all text: each call returns what its record caused, as <c>key value@time</c>.</summary>
internal sealed class OneTopicScene : IDisposable
{
    private readonly TestInputTopic<string, string> _input;
    private readonly TestOutputTopic<string, string> _output;

    public OneTopicScene(
        Func<StreamBuilder, KStream<string, string>> declare, TopologyOptimization optimization = TopologyOptimization.None, Action<StreamConfig>? configure = null)
    {
        var builder = new StreamBuilder();
        declare(builder).To("out");
        var config = new StreamConfig { ApplicationId = "test" };
        configure?.Invoke(config);
        Driver = new(builder.Build(optimization), config);
        _input = Driver.CreateInputTopic<string, string>("in");
        _output = Driver.CreateOutputTopic<string, string>("out");
    }

    public TopologyTestDriver Driver { get; }

    public string[] Pipe(string? key, string? value, long at)
    {
        _input.PipeInput(new TestRecord<string, string>(key!, value!, DateTimeOffset.FromUnixTimeMilliseconds(at)));
        return
        [
            .. _output.ReadRecordsToList()
                .Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key ?? "-"} {r.Value ?? "-"}@{r.Timestamp}")),
        ];
    }

    public void Dispose() => Driver.Dispose();
}
