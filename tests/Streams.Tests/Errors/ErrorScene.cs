using System.Text;
using Streams.TestKit;

namespace Streams.Tests.Errors;

/// <summary>A topology from <c>in</c> to <c>out</c> of texts, with its error settings; dead letters go to <c>dead</c>.</summary>
internal sealed class ErrorScene : IDisposable
{
    private readonly TopologyTestDriver _driver;

    public ErrorScene(Action<StreamBuilder> write, Action<StreamConfig> configure)
        : this(Written(write), configure)
    {
    }

    public ErrorScene(Topology topology, Action<StreamConfig> configure)
    {
        var config = new StreamConfig { ApplicationId = "test" };
        configure(config);
        _driver = new(topology, config);
        In = _driver.CreateInputTopic<string, string>("in");
        Out = _driver.CreateOutputTopic<string, string>("out");
        Dead = _driver.CreateOutputTopic<string, string>("dead");
    }

    public TopologyTestDriver Driver => _driver;

    public TestInputTopic<string, string> In { get; }

    public TestOutputTopic<string, string> Out { get; }

    public TestOutputTopic<string, string> Dead { get; }

    public void Dispose() => _driver.Dispose();

    public static string Header(Record<string, string> record, string name) =>
        record.Headers.TryGetLast(name, out var value) ? value is null ? "(null)" : Encoding.UTF8.GetString(value) : "(none)";

    private static Topology Written(Action<StreamBuilder> write)
    {
        var builder = new StreamBuilder();
        write(builder);
        return builder.Build();
    }
}
