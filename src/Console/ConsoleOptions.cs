using System.ComponentModel.DataAnnotations;
using Metrics.Admin;

namespace WebConsole;

/// <summary>Where the web console listens and whom it asks.</summary>
public sealed class ConsoleOptions
{
    /// <summary>The address to listen on. Default <c>127.0.0.1</c>: the page shows logs and asks nobody who they are.</summary>
    [Required]
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>The TCP port. Default 8080; 0 takes any free one.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 8080;

    /// <summary>The monitor's query endpoint. Default <c>http://127.0.0.1:7071</c>.</summary>
    [Required]
    public string Monitor { get; set; } = "http://127.0.0.1:7071";

    /// <summary>Most pages that may watch live at a time; one more is answered 503. Default 32.</summary>
    [Range(1, 10_000)]
    public int WatchersMax { get; set; } = 32;

    /// <summary>Most rows in one answer, whatever the page asks for. Default 1,000.</summary>
    [Range(1, 10_000)]
    public int RowsMax { get; set; } = 1_000;

    /// <summary>How long a question to the monitor may take. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan QueryTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Where the console answers for metrics and health. Port 0 takes any free one. Default <c>127.0.0.1:9474</c>.</summary>
    [Required]
    public AdminOptions Admin { get; set; } = new() { Port = 9474 };

    /// <summary>Host names that browsers may use for the page, besides the loopback ones and <see cref="Host"/>.</summary>
    /// <remarks>A request under any other name is refused, so that no web site can reach the page by pointing a name of its own at it.</remarks>
    public IList<string> AllowedHosts { get; } = [];
}
