using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodeAgent.Logging;
using Streams.Contracts.V1;
using TestKit;

namespace NodeAgent.Tests.Logging;

public sealed class LoggerTests
{
    private readonly AgentMetrics _metrics = new(new TestMeters());

    [Fact]
    public async Task A_services_own_log_goes_through_the_queue_with_its_values()
    {
        await using var gateway = await FakeGateway.StartAsync();
        using var folder = new TempDirectory();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddNodeAgent();
        builder.Services.AddNodeAgent(new AgentOptions { NodeId = "n1", Gateways = [gateway.Address], DataDirectory = folder.Path, Services = ["shop"] });
        using var host = builder.Build();
        await host.StartAsync();
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Shop.Orders");

        using (var activity = new Activity("order").Start())
        {
            logger.LogError(new EventId(7, "Failed"), new TimeoutException("too late"), "Order {Order} failed after {Elapsed} s", 12, 1.5);
            await host.StopAsync();

            var record = Assert.Single(gateway.Records, record => record.Attributes["log.logger"] == "Shop.Orders");
            Assert.Equal(("n1", "shop", Severity.Error, "Order 12 failed after 1.5 s"), (record.NodeId, record.Service, record.Severity, record.Message));
            Assert.Equal(("12", "1.5", "7", "Failed"), (record.Attributes["Order"], record.Attributes["Elapsed"], record.Attributes["event.id"], record.Attributes["event.name"]));
            Assert.Equal(("System.TimeoutException", "too late"), (record.Attributes["exception.type"], record.Attributes["exception.message"]));
            Assert.Equal(activity.TraceId.ToHexString(), record.TraceId);
            Assert.Equal(activity.SpanId.ToHexString(), record.SpanId);
        }

        Assert.DoesNotContain(gateway.Records, record => record.Attributes["log.logger"].StartsWith("NodeAgent", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(LogLevel.Trace, Severity.Trace)]
    [InlineData(LogLevel.Debug, Severity.Debug)]
    [InlineData(LogLevel.Information, Severity.Info)]
    [InlineData(LogLevel.Warning, Severity.Warn)]
    [InlineData(LogLevel.Error, Severity.Error)]
    [InlineData(LogLevel.Critical, Severity.Fatal)]
    public void Levels_keep_their_meaning(LogLevel level, Severity expected)
    {
        var intake = Intake(new AgentOptions());
        Logger(intake, new AgentOptions()).Log(level, "x");

        Assert.True(intake.Records.TryRead(out var record));
        Assert.Equal(expected, record.Severity);
    }

    [Fact]
    public void A_full_buffer_drops_and_counts()
    {
        var options = new AgentOptions { Logger = new() { BufferRecordsMax = 10 } };
        var intake = Intake(options);
        var logger = Logger(intake, options);

        for (var i = 0; i < 25; i++)
            logger.LogInformation("{Number}", i);

        Assert.Equal(15, _metrics.Dropped);
        Assert.Equal(10, intake.Records.Count);
    }

    [Fact]
    public async Task A_full_buffer_that_waits_loses_nothing()
    {
        var options = new AgentOptions { Logger = new() { BufferRecordsMax = 4, WhenFull = FullBehavior.Wait } };
        var intake = Intake(options);
        var logger = Logger(intake, options);
        var logging = Task.Run(() =>
        {
            for (var i = 0; i < 100; i++)
                logger.LogInformation("{Number}", i);
        });

        var messages = new List<string>();
        while (messages.Count < 100)
        {
            var record = await intake.Records.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            intake.Took(record);
            messages.Add(record.Message);
        }

        await logging;
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), messages);
        Assert.Equal(0, _metrics.Dropped);
    }

    [Fact]
    public void A_message_over_the_limit_is_cut_and_one_that_is_no_text_is_mended()
    {
        var options = new AgentOptions { Read = new() { RecordBytesMax = 1024 } };
        var intake = Intake(options);
        var logger = Logger(intake, options);

        logger.LogInformation("{Long}", new string('€', 5000));
        logger.LogInformation("{Half}", "half \uD83D here");

        Assert.True(intake.Records.TryRead(out var cut));
        Assert.Equal(new string('€', 341), cut.Message);
        Assert.Equal("true", cut.Attributes["log.truncated"]);
        Assert.True(intake.Records.TryRead(out var mended));
        Assert.Equal("half \uFFFD here", mended.Message);
    }

    private LogIntake Intake(AgentOptions options) => new(options, _metrics);

    private static ILogger Logger(LogIntake intake, AgentOptions options)
    {
        using var provider = new AgentLoggerProvider(intake, options, TimeProvider.System);
        return provider.CreateLogger("Test");
    }
}
