using System.Text;
using NodeAgent.Parse;
using Streams.Contracts.V1;

namespace NodeAgent.Tests.Parse;

public sealed class LevelTests
{
    [Theory]
    [InlineData("{\"level\":\"warn\",\"msg\":\"x\"}", Severity.Warn)]
    [InlineData("{\"time\":\"t\",\"nested\":{\"level\":\"error\"},\"severity\":\"ERROR\"}", Severity.Error)]
    [InlineData("{\"nested\":{\"level\":\"error\"},\"msg\":\"level error\"}", Severity.Unspecified)]
    [InlineData("{\"level\":50,\"msg\":\"pino\"}", Severity.Error)]
    [InlineData("{\"@t\":\"2026\",\"@l\":\"Fatal\"}", Severity.Fatal)]
    [InlineData("{\"msg\":\"cut off", Severity.Unspecified)]
    [InlineData("{not json, level=error}", Severity.Unspecified)]
    [InlineData("time=\"2026-01-01T00:00:00Z\" level=error msg=\"level=info\"", Severity.Error)]
    [InlineData("level=warning msg=x", Severity.Warn)]
    [InlineData("msg=\"all good\" level=error", Severity.Unspecified)]
    [InlineData("2026-01-01T00:00:00Z level=debug x=1", Severity.Debug)]
    [InlineData("E0102 15:04:05.000000       1 main.go:12] broken", Severity.Error)]
    [InlineData("W20260102 15:04:05.000000 1 main.cc:12] hm", Severity.Warn)]
    [InlineData("E0102 was the room", Severity.Unspecified)]
    [InlineData("<11>Jan  1 00:00:00 host app: failed", Severity.Error)]
    [InlineData("<165>1 2026-01-01T00:00:00Z host app - - - hi", Severity.Info)]
    [InlineData("<html>", Severity.Unspecified)]
    [InlineData("warn: Shop.Orders[12]", Severity.Warn)]
    [InlineData("crit: Shop.Orders[12]", Severity.Fatal)]
    [InlineData("fail: Shop.Orders[12]", Severity.Error)]
    [InlineData("WARNING:root:low on disk", Severity.Warn)]
    [InlineData("2026-01-01 12:00:00,123 - my.logger - WARNING - low", Severity.Warn)]
    [InlineData("2026-01-01 12:00:00,123 - mylogger - ERROR - no", Severity.Error)]
    [InlineData("SEVERE: it broke", Severity.Error)]
    [InlineData("2026-01-01 12:00:00.123  INFO 12345 --- [main] c.f.Bar : ERROR in the message", Severity.Info)]
    [InlineData("12:00:00.123 [http-nio-8080-exec-1] ERROR c.f.Bar - x", Severity.Error)]
    [InlineData("[2026-01-01T00:00:00Z WARN  app::db] slow", Severity.Warn)]
    [InlineData("2026-01-01T00:00:00.000000Z  WARN app: slow", Severity.Warn)]
    [InlineData("[12:00:00 INF] hello", Severity.Info)]
    [InlineData("2026-01-01 12:00:00.000 +00:00 [ERR] hello", Severity.Error)]
    [InlineData("E, [2026-01-01T00:00:00.123456 #123] ERROR -- : no", Severity.Error)]
    [InlineData("[2026-01-01T00:00:00,123][WARN ][o.e.c.Foo] [node-1] hm", Severity.Warn)]
    [InlineData("[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708] no", Severity.Error)]
    [InlineData("2026/01/02 12:00:00 [error] 123#0: *1 open() failed", Severity.Error)]
    [InlineData("2026-01-01T12:00:00.123456Z 0 [Warning] [MY-010055] hm", Severity.Warn)]
    [InlineData("2026-01-01 12:00:00.123 UTC [123] FATAL:  the database is starting up", Severity.Fatal)]
    [InlineData("[0701/114930:WARNING:dns_config_service_posix.cc(306)] Failed", Severity.Warn)]
    [InlineData("Dec 10 07:51:15 host sshd[24324]: error: Received disconnect", Severity.Error)]
    [InlineData("Jun 15 04:06:20 combo logrotate: ALERT exited abnormally with [1]", Severity.Unspecified)]
    [InlineData("Jul  2 17:56:40 host weather[32585]: Error in CoreDragRemoveReceiveHandler: -1856", Severity.Unspecified)]
    [InlineData("2016-09-29 00:01:46, Info                  CBS    Warning: Unrecognized attribute.", Severity.Info)]
    [InlineData("2026-01-01 12:00:00 error opening file", Severity.Unspecified)]
    [InlineData("3 errors found, no FATAL among them", Severity.Unspecified)]
    [InlineData("There was an ERROR", Severity.Unspecified)]
    [InlineData("the order failed with error: none", Severity.Unspecified)]
    [InlineData("10.0.0.1 - bob [10/Oct/2026:13:55:36 -0700] \"GET /ERROR HTTP/1.0\" 500 23", Severity.Unspecified)]
    [InlineData("<error>", Severity.Unspecified)]
    [InlineData("", Severity.Unspecified)]
    [InlineData("[", Severity.Unspecified)]
    [InlineData("[[[[", Severity.Unspecified)]
    public void A_line_has_the_level_that_it_states_of_itself(string line, Severity expected) =>
        Assert.Equal(expected, LevelDetector.Detect(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void Random_bytes_have_a_level_or_none_but_never_an_error()
    {
        var random = new Random(7);
        var line = new byte[300];
        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(line);
            line[0] = "{[<ETl2 "u8[i % 8];
            LevelDetector.Detect(line.AsSpan(0, random.Next(line.Length)));
        }
    }

    [SkippableTheory]
    [InlineData("Apache", 0, 1405, 0, 595)]
    [InlineData("HDFS", 0, 1920, 80, 0)]
    [InlineData("Spark", 0, 2000, 0, 0)]
    [InlineData("Windows", 0, 2000, 0, 0)]
    [InlineData("Zookeeper", 0, 669, 1318, 13)]
    [InlineData("HPC", 2000, 0, 0, 0)]
    [InlineData("HealthApp", 2000, 0, 0, 0)]
    [InlineData("Proxifier", 2000, 0, 0, 0)]
    [InlineData("Thunderbird", 2000, 0, 0, 0)]
    public void Real_logs_have_the_levels_that_their_ground_truth_counts(string system, int none, int info, int warn, int error)
    {
        var levels = Levels(system);

        Assert.Equal((none, info, warn, error), (levels[Severity.Unspecified], levels[Severity.Info], levels[Severity.Warn], levels[Severity.Error]));
    }

    // Syslog has no level; what remains is what the programs themselves put first, "sshd[9]: error: …", and nothing else.
    [SkippableTheory]
    [InlineData("Linux", 2)]
    [InlineData("OpenSSH", 48)]
    [InlineData("Mac", 3)]
    public void Real_syslogs_have_only_the_levels_that_programs_put_first(string system, int warnAndAbove)
    {
        var levels = Levels(system);

        Assert.Equal(warnAndAbove, levels.Where(level => level.Key >= Severity.Warn).Sum(level => level.Value));
    }

    private static Dictionary<Severity, int> Levels(string system)
    {
        var path = SampleLogs.Path($"{system}_2k.log");
        var counts = Enum.GetValues<Severity>().ToDictionary(level => level, _ => 0);
        foreach (var line in File.ReadLines(path))
            counts[LevelDetector.Detect(Encoding.UTF8.GetBytes(line))]++;
        return counts;
    }
}
