using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NodeAgent.Parse;
using NodeAgent.Tail;
using Streams.Contracts.V1;

namespace NodeAgent.Tests.Tail;

/// <summary>Logs as container runtimes write them.</summary>
public sealed class ContainerLogTests
{
    private static readonly string Id = new('0', 64);

    [Fact]
    public void A_record_holds_what_the_container_wrote_and_when_and_where_to()
    {
        using var scene = Scene();
        scene.Write("app.log", "2026-01-31T14:05:09.669794202+01:00 stderr F ERROR disk full\n2026-01-31T14:05:10.5Z stdout F \n");

        scene.Run();

        var records = scene.Records();
        Assert.Equal(["ERROR disk full", ""], scene.Messages());
        Assert.Equal(Severity.Error, records[0].Severity);
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 13, 5, 9, TimeSpan.Zero).AddTicks(6697942), records[0].Time.ToDateTimeOffset());
        Assert.Equal(["stderr", "stdout"], records.Select(record => record.Attributes["log.iostream"]));
    }

    [Fact]
    public void What_goes_on_is_marked_in_each_stream_by_itself()
    {
        using var scene = Scene();
        scene.Write(
            "app.log",
            """
            2026-01-31T14:05:09Z stdout P one,
            2026-01-31T14:05:09Z stderr F apart
            2026-01-31T14:05:09Z stdout P two,
            2026-01-31T14:05:09Z stdout F three
            2026-01-31T14:05:09Z stdout F:tag four

            """);

        scene.Run();

        Assert.Equal(["one,", "apart", "two,", "three", "four"], scene.Messages());
        Assert.Equal(
            [false, false, true, true, false], scene.Records().Select(record => record.Attributes.ContainsKey("log.continued")));
    }

    [Fact]
    public void A_rotated_log_is_read_on_through_the_link_and_names_its_container()
    {
        using var scene = Scene();
        var pod = Directory.CreateDirectory(Path.Combine(scene.Logs, "..", "pods", $"shop_order-7d9f_{Guid.Empty}", "web")).FullName;
        var file = Path.Combine(pod, "0.log");
        File.WriteAllText(file, "2026-01-31T14:05:09Z stdout F one\n");
        File.CreateSymbolicLink(scene.In($"order-7d9f_shop_web-{Id}.log"), file);
        scene.Run();

        File.AppendAllText(file, "2026-01-31T14:05:09Z stdout F two\n");
        File.Move(file, file + ".20260131-140510");
        File.WriteAllText(file, "2026-01-31T14:05:11Z stdout F three\n");
        scene.Run();

        Assert.Equal(["one", "two", "three"], scene.Messages());
        Assert.All(scene.Records(), record =>
        {
            Assert.Equal("web", record.Service);
            Assert.Equal("shop", record.Attributes["k8s.namespace.name"]);
            Assert.Equal("order-7d9f", record.Attributes["k8s.pod.name"]);
            Assert.Equal("web", record.Attributes["k8s.container.name"]);
        });
    }

    [Theory]
    [InlineData("/var/log/containers/order-7d9f_shop_web-app-0f0f.log", "shop order-7d9f web-app")]
    [InlineData("/var/log/pods/shop_order-7d9f_11-22/web-app/0.log", "shop order-7d9f web-app")]
    [InlineData("/var/log/nginx/access.log", null)]
    [InlineData("/var/log/a_b_c.log", null)]
    [InlineData("a.log", null)]
    public void A_path_names_its_container(string path, string? expected)
    {
        var name = ContainerName.Of(path);

        Assert.Equal(expected, name is null ? null : $"{name.Namespace} {name.Pod} {name.Container}");
    }

    [Theory]
    [InlineData("Traceback (most recent call last):")]
    [InlineData("2026-01-31T14:05:09Z stdlog F x")]
    [InlineData("2026-01-31T14:05:09Z stdout X x")]
    [InlineData("2026-01-31T14:05:09Z stdout Full x")]
    [InlineData("2026-01-31T14:05:09Z")]
    [InlineData("")]
    public void A_line_of_another_form_is_taken_as_it_stands(string line)
    {
        using var scene = Scene();
        scene.Write("app.log", line + "\n");

        scene.Run();

        Assert.Equal([line], scene.Messages());
        Assert.DoesNotContain("log.iostream", scene.Records()[0].Attributes.Keys);
    }

    [Fact]
    public void Plain_is_the_default_and_leaves_such_lines_alone()
    {
        using var scene = new TailScene();
        scene.Write("app.log", "2026-01-31T14:05:09Z stdout F x\n");

        scene.Run();

        Assert.Equal(["2026-01-31T14:05:09Z stdout F x"], scene.Messages());
    }

    [Fact]
    public void Whatever_stands_in_a_line_its_message_is_the_end_of_it() =>
        Prop.ForAll<string>(text =>
        {
            var line = Encoding.UTF8.GetBytes("2026-01-31T14:05:09Z stdout P " + text);
            return CriLine.TryRead(line, out var read) && read.IsPartial && !read.IsError && read.Message.SequenceEqual(line.AsSpan(30));
        }).QuickCheckThrowOnFailure();

    private static TailScene Scene() => new(options => options.Format = LineFormat.Cri);
}
