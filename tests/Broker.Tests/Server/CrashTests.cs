using System.Diagnostics;
using System.Net.Sockets;
using Kafka.Protocol;
using Kafka.Protocol.Messages;
using TestKit;

namespace Broker.Tests.Server;

/// <summary>A broker in a process of its own, killed in the middle of its work.</summary>
public sealed class CrashTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Killed_while_it_takes_records_it_loses_none_that_it_acknowledged()
    {
        using var folder = new TempDirectory();
        var acknowledged = 0;
        for (var round = 0; round < 3; round++)
        {
            using var process = Serve(folder.Path);
            var port = await PortOfAsync(process);
            using var client = await RawClient.ConnectAsync(port);
            await client.AskAsync(new MetadataRequest { Topics = [new() { Name = "t" }] }, 9);
            var killAfter = acknowledged + 200;

            // Five batches are under way when the kill comes, as many as a client may have: some written, some not even read.
            var killing = Task.CompletedTask;
            try
            {
                var sent = acknowledged;
                while (true)
                {
                    for (; sent < acknowledged + 5; sent++)
                        await client.SendAsync(RawClient.Produce("t", Batches.From(1, 0, sent, $"{sent}")), 9);
                    var frame = await client.ReceiveFrameAsync();
                    if (frame is null)
                        break;
                    var answer = Frame.ReadResponse<ProduceResponse>(frame, ApiKey.Produce, 9, out _).Responses[0].PartitionResponses[0];
                    Assert.Equal((ErrorCode.None, (long)acknowledged), (answer.ErrorCode, answer.BaseOffset));
                    acknowledged++;
                    if (acknowledged == killAfter)
                        killing = Task.Run(process.Kill);
                }
            }
            catch (Exception gone) when (gone is IOException or SocketException)
            {
                // The kill came while something was being sent.
            }

            await killing;
            await process.WaitForExitAsync().WaitAsync(Patience);
        }

        using var last = Serve(folder.Path);
        using var reader = await RawClient.ConnectAsync(await PortOfAsync(last));
        var end = (await reader.OffsetAsync("t", -1)).Offset;
        var values = new List<string>();
        while (values.Count < end)
            values.AddRange(Batches.Records((await reader.FetchAsync("t", values.Count)).Records!.Value).Select(record => record.Value));
        last.Kill();
        await last.WaitForExitAsync().WaitAsync(Patience);

        Assert.True(end >= acknowledged, $"{acknowledged} were acknowledged, {end} are there.");
        Assert.Equal(Enumerable.Range(0, values.Count).Select(i => $"{i}"), values);
    }

    private static Process Serve(string directory) => Process.Start(new ProcessStartInfo("dotnet", [typeof(CrashTests).Assembly.Location, directory])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    private static async Task<int> PortOfAsync(Process process)
    {
        var address = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        return int.Parse(address!.Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
