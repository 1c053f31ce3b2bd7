using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using LoadTesting;
using Settings;

namespace LoadScenarios.Targets;

/// <summary>A gateway or monitor: how to connect, and how to say what went wrong.</summary>
internal sealed class Target
{
    // A server that has not answered by then is not there.
    private static readonly TimeSpan _connectTimeout = TimeSpan.FromSeconds(5);

    // What has just started says so, and is asked again for this long.
    private static readonly TimeSpan _startTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _askAgainAfter = TimeSpan.FromMilliseconds(250);

    private readonly string _kind;
    private readonly string _flag;
    private readonly Metadata? _headers;
    private readonly X509Certificate2Collection? _authorities;
    private readonly X509Certificate2? _certificate;

    private Target(string kind, string flag, string address, LoadOptions options)
    {
        (_kind, _flag, Address) = (kind, flag, new Uri(address));
        _headers = options.Token is { Length: > 0 } token ? [new Metadata.Entry("authorization", $"Bearer {token}")] : null;
        if (Address.Scheme != Uri.UriSchemeHttps)
            return;

        if (options.Tls.CaFile is { } authorities)
            _authorities = Read("load.tls.caFile", authorities, ImportAuthorities);
        if (options.Tls.CertificateFile is { } certificate)
            _certificate = Read("load.tls.certificateFile", certificate, file => X509Certificate2.CreateFromPemFile(file, options.Tls.KeyFile));
    }

    public Uri Address { get; }

    /// <exception cref="SetupException">A certificate cannot be read.</exception>
    public static Target Gateway(LoadOptions options) => new("gateway", "--gateway", options.Gateway, options);

    /// <exception cref="SetupException">A certificate cannot be read.</exception>
    public static Target Monitor(LoadOptions options) => new("monitor", "--monitor", options.Monitor, options);

    /// <summary>A connection of its own, made when it is first used.</summary>
    public GrpcChannel Open()
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = _connectTimeout,
            EnableMultipleHttp2Connections = true,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            SslOptions = Security(),
        };
        return GrpcChannel.ForAddress(Address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }

    public CallOptions Call(CancellationToken cancellation, DateTime? deadline = null) => new(_headers, deadline, cancellation);

    /// <summary>Asks before the load, and again for a while where the answer is "not yet".</summary>
    /// <exception cref="TargetException">Nobody answers, or not what is needed.</exception>
    public Task<T> AskAsync<T>(Func<Task<T>> question, TimeProvider time, CancellationToken cancellation) =>
        AskAsync(question, isThere: _ => true, time, cancellation);

    /// <summary>Asks before the load, and again for a while where the answer is "not yet", said or seen.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="isThere">False of an answer that will be another shortly; the last one is given all the same.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the asking.</param>
    /// <exception cref="TargetException">Nobody answers, or not what is needed.</exception>
    public async Task<T> AskAsync<T>(Func<Task<T>> question, Func<T, bool> isThere, TimeProvider time, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                var answer = await question().ConfigureAwait(false);
                if (isThere(answer) || time.GetElapsedTime(began) >= _startTime)
                    return answer;
            }
            catch (RpcException e) when (IsStarting(e) && time.GetElapsedTime(began) < _startTime)
            {
                // Another try.
            }
            catch (RpcException e)
            {
                throw Explain(e);
            }

            await Task.Delay(_askAgainAfter, time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Why nothing can be measured, for the user.</summary>
    public TargetException Explain(RpcException e)
    {
        var detail = e.Status.Detail.ReplaceLineEndings(" ").TrimEnd('.');
        return new TargetException(
            e.StatusCode switch
            {
                StatusCode.Unavailable when !IsStarting(e) =>
                    $"no {_kind} answers at {Address} ({detail}). Start one with './streams up', or name another with {_flag} URL.",
                StatusCode.Unavailable => $"the {_kind} at {Address} is not ready: {detail}. Try again shortly.",
                StatusCode.Unimplemented => $"what answers at {Address} is no {_kind}, or an older one: {detail}.",
                StatusCode.Unauthenticated or StatusCode.PermissionDenied => $"the {_kind} at {Address} does not let this client in: {detail}. Give --token, or --cert and --key.",
                _ => $"the {_kind} at {Address} answered {e.StatusCode}: {detail}.",
            },
            e);
    }

    /// <summary>A failure to count, under its gRPC status.</summary>
    public static Response Failure(RpcException e) => Response.Fail($"{e.StatusCode}", e.Status.Detail.ReplaceLineEndings(" "));

    // Nobody there shows as an exception of this process; "not yet" is the server's own answer.
    private static bool IsStarting(RpcException e) => e is { StatusCode: StatusCode.Unavailable, Status.DebugException: null };

    private SslClientAuthenticationOptions Security()
    {
        var options = new SslClientAuthenticationOptions();
        if (_certificate is not null)
            options.ClientCertificates = [_certificate];
        if (_authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(_authorities);
        }

        return options;
    }

    private static X509Certificate2Collection ImportAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("it holds no certificate");
    }

    private static T Read<T>(string setting, string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new SetupException($"Setting '{setting}' names {file}, which cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }
}

/// <summary>A gateway or monitor that is not there, or does not do what a scenario needs. The message says what to do.</summary>
public sealed class TargetException(string message, Exception? inner = null) : Exception(message, inner);
