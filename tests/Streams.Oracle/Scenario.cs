using System.Globalization;
using System.Text;
using Streams.TestKit;

namespace Streams.Oracle;

/// <summary>Runs a scenario in the oracle's language and answers in its format, line for line.</summary>
internal sealed class Scenario : IDisposable
{
    private readonly Scene _scene;
    private readonly Topology _topology;
    private readonly TopologyTestDriver _driver;
    private readonly Action<string> _write;
    private readonly List<string> _produced = [];
    private readonly bool _showsInternals;
    private bool _stopped;

    private Scenario(string[] words, Action<string> write, StoreEngine? onDisk)
    {
        _write = write;
        if (words is not ["topology", var name, .. var options])
            throw new ScenarioException("The first line is `topology NAME [option=value ...]`.");

        _scene = new(new(options), onDisk);
        Catalogue.Find(name).Build(_scene);
        _showsInternals = _scene.Options.On("internal", false);
        var wallClock = DateTimeOffset.FromUnixTimeMilliseconds(_scene.Options.Number("wallclock", 0));
        _topology = _scene.Build();
        _scene.Options.RefuseUnknown();
        _driver = new(_topology, _scene.Config, wallClock) { OnProduced = Show };
    }

    /// <summary>Runs the lines of one scenario.</summary>
    /// <param name="lines">The lines; empty ones and those that begin with <c>#</c> are skipped.</param>
    /// <param name="write">Told each line of the answer.</param>
    /// <param name="onDisk">The stores where the scenario asks for RocksDB; null for stores in memory that expire and list as those do.</param>
    public static void Run(IEnumerable<string> lines, Action<string> write, StoreEngine? onDisk = null)
    {
        Scenario? scenario = null;
        try
        {
            foreach (var line in lines.Select(l => l.Trim()).Where(l => l.Length > 0 && !l.StartsWith('#')))
            {
                write($"# {line}");
                if (scenario is not null)
                    scenario.Do(line);
                else if (!TryStart(line, write, onDisk, out scenario))
                    return;
            }
        }
        finally
        {
            scenario?.Dispose();
        }
    }

    public void Dispose() => _driver.Dispose();

    private static bool TryStart(string line, Action<string> write, StoreEngine? onDisk, out Scenario? scenario)
    {
        try
        {
            scenario = new(Words.Of(line), write, onDisk);
            return true;
        }
        catch (Exception error) when (JavaErrors.NameOf(error) is { } name)
        {
            scenario = null;
            write($"error {name}");
            return false;
        }
    }

    private void Do(string line)
    {
        var words = Words.Of(line);
        var runs = words[0] is "in" or "advance" or "commit";
        if (_stopped && runs)
        {
            _write("stopped");
            return;
        }

        Exception? failure = null;
        try
        {
            Do(words);
        }
        catch (Exception error) when (JavaErrors.NameOf(error) is not null)
        {
            failure = error;
        }

        // Kafka Streams' driver collects what a record caused when the record is done: of one that failed it shows nothing.
        if (failure is not null && runs)
            _produced.Clear();

        Tell(_scene.Log);
        Tell(_produced);
        if (failure is not null)
        {
            _write($"error {JavaErrors.NameOf(failure)}");
            _stopped |= runs && !JavaErrors.IsAboutTheScenario(failure);
        }
    }

    private void Do(string[] words)
    {
        switch (words[0])
        {
            case "in":
                Pipe(words);
                break;
            case "advance":
                _driver.AdvanceWallClockTime(TimeSpan.FromMilliseconds(Words.Number(words[1])));
                break;
            case "commit":
                _driver.AdvanceWallClockTime(TimeSpan.Zero);
                break;
            case "describe":
                Tell(_topology.Describe().Split('\n').Select(l => $"| {l}"));
                break;
            case "topics":
                Tell(InternalTopicLines.Of(_topology, _scene.Config));
                break;
            case "metric":
                _write($"metric {words[1]} {Metric(words[1])}");
                break;
            case "store":
                Tell(_scene.Stores.Ask(_driver, words));
                break;
            default:
                throw new ScenarioException($"There is no command '{words[0]}'.");
        }
    }

    private void Pipe(string[] words)
    {
        if (words is not ["in", var topic, var key, var value, var timestamp, .. var more])
            throw new ScenarioException("in TOPIC KEY VALUE TIMESTAMP [header=value ...]");

        var headers = Headers.Empty;
        foreach (var header in more)
        {
            var equals = header.IndexOf('=');
            headers = headers.With(header[..equals], Encoding.UTF8.GetBytes(header[(equals + 1)..]));
        }

        var numbers = _scene.Inputs.TryGetValue(topic, out var kind) && kind == InputKind.NumberOrNoise;
        var (keyBytes, valueBytes) = (Words.Bytes(key), Words.Bytes(value, numbers));
        _driver.Pipe(
            topic, keyBytes, keyBytes is not null, valueBytes, valueBytes is not null, Words.Number(timestamp), headers.Count == 0 ? null : headers);
    }

    private string Metric(string name) =>
        name == "dropped-records-total" ? _driver.DroppedRecords.ToString(CultureInfo.InvariantCulture) : "-";

    private void Show(string topic, CapturedRecord record)
    {
        var isOutput = _scene.Outputs.TryGetValue(topic, out var show);
        if (!isOutput && !_showsInternals)
            return;

        var line = new StringBuilder(isOutput ? "out " : "internal ").Append(topic).Append(' ');
        if (isOutput)
            line.Append(show!(record.Key, record.Value));
        else
            line.Append(Shown.Hex(record.Key)).Append(' ').Append(Shown.Hex(record.Value));
        line.Append(' ').Append(record.HasTimestamp ? record.Timestamp.ToString(CultureInfo.InvariantCulture) : "-");
        foreach (var header in record.Headers ?? Headers.Empty)
        {
            line.Append(' ').Append(header.Key).Append('=')
                .Append(isOutput ? Shown.Header(header.Key, header.Value) : Shown.Hex(header.Value));
        }

        _produced.Add(line.ToString());
    }

    private void Tell(List<string> lines)
    {
        foreach (var line in lines)
            _write(line);
        lines.Clear();
    }

    private void Tell(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            _write(line);
    }
}
