using System;
using System.Text;
using NetBoot.NetworkStack.Protocols.Dns;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.Http;

/// <summary>
/// One file by HTTP/1.1 (RFC 9110, RFC 9112): redirects, kept connections, and going on after a broken connection where the server can
/// (Range with If-Range) or from the start where it cannot. What may not be done twice is tried once.
/// </summary>
internal sealed class HttpTransfer(
    FetchClient client, Network network, EventLoop loop, HttpConnectionPool pool, DownloadTarget to, FetchOptions options, ulong deadline) : IHttpBody
{
    /// <summary>A body that is not wanted is read to its end to keep the connection, unless it is longer than this.</summary>
    private const ulong LongestDiscarded = 65536;
    private const ulong PauseBetweenTries = 250_000;

    /// <summary>A longer Retry-After is not waited for, in seconds.</summary>
    private const ulong LongestRetryAfter = 120;

    /// <summary>A try that brought less counts as one without progress: nobody holds us with a byte a connection.</summary>
    private const ulong LeastProgress = 16 * 1024;

    /// <summary>In so many microseconds a server sends so many bytes, or it counts as silent.</summary>
    private const ulong RateTime = 60_000_000;
    private const ulong LeastInRateTime = 1024;

    private readonly HttpRange? _range = options.Range;
    private ResourceUri _uri = null!;
    private HttpRequest _request = options.Request ?? new HttpRequest();
    private byte[] _validator = [];
    private byte[] _challenge = []; // of the server; empty while it asked for no credentials
    private uint _nonceCount;
    private bool _isStrongTag; // the validator
    private ulong? _resumeAt;
    private ulong _mostReceived;
    private ulong _discarded;
    private ulong _retryAfter;
    private bool _isWanted;
    private bool _isResumeRefused;
    private bool _hasConnected = options.Range?.Total is not null;
    private Error? _downloadError;

    private enum Outcome
    {
        Complete,

        /// <summary>To be asked elsewhere, or otherwise.</summary>
        Redirected,
        Broken,

        /// <summary>There was no connection.</summary>
        Unreachable,
        Failed,
    }

    public Error? Run(ResourceUri uri)
    {
        _uri = uri;
        int redirects = 0;
        int tries = 0;
        while (true)
        {
            Outcome outcome = Exchange(out Error? error);
            if (outcome == Outcome.Complete)
            {
                to.Complete();
                return null;
            }

            if (outcome == Outcome.Failed || (outcome == Outcome.Broken && !_request.IsIdempotent))
            {
                return error;
            }

            if (outcome == Outcome.Redirected)
            {
                if (++redirects > options.MaximumRedirects)
                {
                    return Failure(EFI_STATUS.EFI_HTTP_ERROR, TextBuilder.Format($"more than {options.MaximumRedirects} redirects from {uri}"));
                }

                ForgetProgress();
                continue;
            }

            tries = to.Received >= _mostReceived + LeastProgress ? 0 : tries + 1;
            _mostReceived = Math.Max(_mostReceived, to.Received);
            if (tries >= options.MaximumTries)
            {
                return error;
            }

            error = Pause(Math.Max(_retryAfter, PauseBetweenTries << Math.Min(tries, 4)));
            if (error is not null)
            {
                return error;
            }
        }
    }

    public void OnHead(HttpResponseReader response)
    {
        _isWanted = false;
        _discarded = 0;
        if (_range is not null)
        {
            OnHeadOfRange(response, _range);
            return;
        }

        bool isEmpty = response.Status is 204 or 205; // an answer to what was sent, but no file
        if (response.Status is >= 200 and < 300 and not 206 && (!isEmpty || options.Request is not null))
        {
            _isWanted = true;
            _validator = response.Validator.SequenceEqual(_validator) ? _validator : response.Validator.ToArray();
            _isStrongTag = response.HasStrongTag;
            _downloadError = IsCodingTaken(response.ContentCoding)
                ? to.Begin(response.ContentLength)
                : CodingNotTaken(response);
        }
        else if (response.Status == 206 && _resumeAt is not null)
        {
            // RFC 9110, 15.3.7.3: parts of one file have one validator.
            bool isSameFile = response.Validator.IsEmpty || (response.HasStrongTag == _isStrongTag && response.Validator.SequenceEqual(_validator));
            bool isSameSize = response.RangeTotal is null || to.Size is null || response.RangeTotal == to.Size;
            _isWanted = response.RangeStart == _resumeAt && isSameFile && isSameSize;
            _isResumeRefused = !_isWanted;
        }
        else
        {
            _isResumeRefused = response.Status == 416;
        }
    }

    private static Error CodingNotTaken(HttpResponseReader response) => new(
        EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"sent in content coding \"{response.ContentCoding}\", which was not asked for"));

    /// <summary>Takes the part that was asked for, of the file that it was, and nothing else.</summary>
    private void OnHeadOfRange(HttpResponseReader response, HttpRange range)
    {
        if (response.Status is not ((>= 200 and < 300) or 416) || (response.Status == 416 && range.Total is null))
        {
            return;
        }

        bool isWhole = response.Status is not (206 or 416);
        if (isWhole && range.IsWholeOf(response))
        {
            _downloadError = new Error(
                EFI_STATUS.EFI_UNSUPPORTED, "the server ignores ranges now: it sends the whole file, which is the same, for a part of it");
        }
        else if (isWhole && (range.Total is null || range.Validator.IsEmpty))
        {
            _downloadError = new Error(EFI_STATUS.EFI_UNSUPPORTED, "the server ignores ranges: it would send the whole file for each part of it");
        }
        else if (response.Status == 206 && (response.RangeStart != range.Start + to.Received || response.RangeTotal is null))
        {
            _downloadError = new Error(
                EFI_STATUS.EFI_PROTOCOL_ERROR, "the server does not say what part of how large a file it sends, or sends another than was asked for");
        }
        else if (response.Status != 206 || !range.TryTake(response))
        {
            _downloadError = new Error(EFI_STATUS.EFI_MEDIA_CHANGED, "the file has changed on the server since it was first read");
        }
        else if (!response.ContentCoding.IsEmpty)
        {
            _downloadError = CodingNotTaken(response);
        }
        else
        {
            _isWanted = true;
            _downloadError = to.Size is null ? to.Begin(Math.Min(range.Length, range.Total!.Value - range.Start)) : null;
        }
    }

    public void OnBody(ReadOnlySpan<byte> data)
    {
        if (!_isWanted)
        {
            _discarded += (ulong)data.Length;
        }
        else if (_downloadError is null && to.Write(data) is Error error)
        {
            _downloadError = error;
        }
    }

    /// <summary>Sends one request and takes in its response.</summary>
    private Outcome Exchange(out Error? error)
    {
        Span<IPAddress> addresses = stackalloc IPAddress[DnsCache.MaximumAddresses];
        if (client.HttpProxy is not null && _uri.Scheme != "http")
        {
            error = Failure(EFI_STATUS.EFI_UNSUPPORTED, "only http goes through an HTTP proxy (clear http-proxy to ask the server itself)");
            return Outcome.Failed;
        }

        ResourceUri first = client.HttpProxy ?? _uri;
        Scheme scheme = client.Schemes.Find(first.Scheme)!; // One of those that go over streams.
        error = client.ResolveHost(first, deadline, addresses, out int count);
        if (error is not null)
        {
            return IsOfKnownFile && error.Status != EFI_STATUS.EFI_ABORTED ? Outcome.Broken : Outcome.Failed;
        }

        byte[] request = MakeRequest();
        ushort port = first.Port ?? scheme.Port;
        for (int i = 0; i < count && _request.IsIdempotent; i++)
        {
            HttpConnection? kept = pool.Take(scheme, first.Host!, new IPEndpoint(addresses[i], port));
            if (kept is not null)
            {
                Outcome outcome = Exchange(kept, request, out error);
                bool wasStale = outcome == Outcome.Broken && kept.Response.IsUntouched;
                pool.Return(kept);
                if (!wasStale)
                {
                    return outcome;
                }
            }
        }

        // Where there is but one address, the request goes with the handshake's last segment.
        HttpConnection? connection = count == 1
            ? HttpConnection.Open(network, scheme, first.Host!, new IPEndpoint(addresses[0], port), out error)
            : Race(new HttpConnectionRace(network, loop, scheme, first.Host!), addresses.Slice(0, count), port, out error);
        if (connection is null)
        {
            error = Failure(error!.Status, error.Message);
            return error.Status == EFI_STATUS.EFI_ABORTED ? Outcome.Failed : AfterNoConnection();
        }

        pool.Use(connection);
        Outcome result = Exchange(connection, request, out error);
        pool.Return(connection);
        return result == Outcome.Unreachable ? AfterNoConnection() : result;
    }

    /// <summary>The first of several addresses that answers; null with the first one's error when none does in time.</summary>
    private HttpConnection? Race(HttpConnectionRace race, ReadOnlySpan<IPAddress> addresses, ushort port, out Error? error)
    {
        race.Begin();
        ulong started = loop.Now;
        HttpConnection? winner;
        while (!race.TryFinish(addresses, port, out winner, out error))
        {
            error = Turn();
            if (error is null && loop.Now - started >= options.StallTimeout)
            {
                error = new Error(EFI_STATUS.EFI_TIMEOUT, TextBuilder.Format($"no answer to the connection for {options.StallTimeout / 1_000_000} s"));
            }

            if (error is not null)
            {
                race.Stop();
                return null;
            }
        }

        for (int i = 0; i < addresses.Length; i++)
        {
            if (race.HasLost(i))
            {
                client.Demote(addresses[i]);
            }
        }

        return winner;
    }

    /// <param name="connection">New, or kept.</param>
    /// <param name="request">All of it.</param>
    /// <param name="error">What went wrong.</param>
    private Outcome Exchange(HttpConnection connection, ReadOnlySpan<byte> request, out Error? error)
    {
        HttpResponseReader response = connection.Response;
        connection.Begin(this);
        _isWanted = false;
        _isResumeRefused = false;
        _discarded = 0;
        _retryAfter = 0;
        _downloadError = null;
        ulong received = connection.Received;
        ulong progressAt = loop.Now;
        ulong rateReceived = received;
        ulong rateAt = progressAt;
        while (!response.IsComplete && response.Failure is null && !connection.IsClosed &&
            _downloadError is null && _discarded <= LongestDiscarded)
        {
            if (!request.IsEmpty)
            {
                int sent = connection.Send(request);
                request = request.Slice(sent);
                progressAt = sent > 0 ? loop.Now : progressAt;
            }

            error = Turn();
            if (error is not null)
            {
                return Outcome.Failed;
            }

            _hasConnected |= connection.WasConnected;
            if (connection.Received != received)
            {
                received = connection.Received;
                progressAt = loop.Now;
                deadline = options.Timeout == 0 ? 0 : loop.Now + options.Timeout;
            }
            else if (loop.Now - progressAt >= options.StallTimeout)
            {
                string what = connection.WasConnected ? "nothing received" : connection.IsReached ? "no end of the handshake" : "no answer to the connection";
                error = Failure(EFI_STATUS.EFI_TIMEOUT, TextBuilder.Format($"{what} for {(loop.Now - progressAt) / 1_000_000} s{Progress()}"));
                return connection.WasConnected ? Outcome.Broken : Outcome.Unreachable;
            }

            if (loop.Now - rateAt >= RateTime)
            {
                if (received - rateReceived < LeastInRateTime)
                {
                    error = Failure(EFI_STATUS.EFI_TIMEOUT, TextBuilder.Format($"{received - rateReceived} bytes in {RateTime / 1_000_000} s{Progress()}"));
                    return Outcome.Broken;
                }

                rateReceived = received;
                rateAt = loop.Now;
            }
        }

        return Judge(connection, out error);
    }

    /// <summary>A part of a file of which there were others before.</summary>
    private bool IsOfKnownFile => _range?.Total is not null;

    /// <summary>A server that was there during this transfer may come back; one that never was is not waited for.</summary>
    private Outcome AfterNoConnection() => _hasConnected ? Outcome.Broken : Outcome.Failed;

    private Outcome Judge(HttpConnection connection, out Error? error)
    {
        HttpResponseReader response = connection.Response;
        error = null;
        if (_downloadError is not null)
        {
            error = Failure(_downloadError.Status, _downloadError.Message);
            return Outcome.Failed;
        }

        if (response.Failure is not null)
        {
            error = Failure(EFI_STATUS.EFI_PROTOCOL_ERROR, TextBuilder.Format($"{response.Failure}: \"{response.FailedLine}\""));
            return Outcome.Failed;
        }

        if (response.HasHead && _isResumeRefused)
        {
            ForgetProgress(); // the file has changed: from the start
            error = Failure(EFI_STATUS.EFI_HTTP_ERROR, "the file changed while it was fetched");
            return Outcome.Broken;
        }

        if (response.HasHead && !_isWanted)
        {
            return OnOtherStatus(response, out error);
        }

        // A part that is there is all that was wanted, whatever else the answer lacks.
        if (to.Size is null ? response.IsComplete : to.Received == to.Size && (response.IsComplete || _range is not null))
        {
            return Outcome.Complete;
        }

        string why = connection.CloseError is Error closed ? closed.Message : "connection closed";
        EFI_STATUS status = connection.CloseError is Error cause ? cause.Status : EFI_STATUS.EFI_END_OF_FILE;
        error = Failure(status, TextBuilder.Format($"{why}{(response.HasHead ? Progress() : connection.WasConnected ? " before an answer" : "")}"));
        return connection.WasConnected ? Outcome.Broken : Outcome.Unreachable;
    }

    private Outcome OnOtherStatus(HttpResponseReader response, out Error? error)
    {
        if (response.Status == 401 && _uri.UserInfo is not null && IsChallengeNew(response.Challenge))
        {
            error = null;
            _challenge = response.Challenge.ToArray();
            _nonceCount = 0;
            return Outcome.Redirected;
        }

        if (response.Status is not (301 or 302 or 303 or 307 or 308))
        {
            EFI_STATUS status = response.Status switch
            {
                404 or 410 => EFI_STATUS.EFI_NOT_FOUND,
                401 or 403 => EFI_STATUS.EFI_ACCESS_DENIED,
                _ => EFI_STATUS.EFI_HTTP_ERROR,
            };
            error = Failure(status, TextBuilder.Format($"{response.Status} {response.Reason}"));
            if (response.Status >= 500 && IsOfKnownFile)
            {
                return Outcome.Broken; // It was there before.
            }

            if (response.Status is not (429 or 503) || response.RetryAfter is not <= LongestRetryAfter)
            {
                return Outcome.Failed;
            }

            _retryAfter = response.RetryAfter.Value * 1_000_000;
            return Outcome.Broken;
        }

        if (response.Location.IsEmpty)
        {
            error = Failure(EFI_STATUS.EFI_HTTP_ERROR, TextBuilder.Format($"{response.Status} {response.Reason}, but to nowhere"));
            return Outcome.Failed;
        }

        ResourceUri? next = _uri.Resolve(Encoding.Latin1.GetString(response.Location), out error);
        if (next is null)
        {
            error = Failure(EFI_STATUS.EFI_HTTP_ERROR, TextBuilder.Format($"redirected to a bad {error!.Message}"));
            return Outcome.Failed;
        }

        if (client.CheckPolicy(next) is Error refusal)
        {
            error = Failure(refusal.Status, TextBuilder.Format($"redirected to {refusal.Message}"));
            return Outcome.Failed;
        }

        if (client.Schemes.Find(next.Scheme)?.Streams is null || string.IsNullOrEmpty(next.Host))
        {
            error = Failure(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"redirected to {next}, which is not supported"));
            return Outcome.Failed;
        }

        if (_uri.Scheme == "https" && next.Scheme != "https" && response.Status is 307 or 308 && _request.Content.Length > 0)
        {
            error = Failure(EFI_STATUS.EFI_SECURITY_VIOLATION, TextBuilder.Format($"redirected to {next}, where what is sent would go in clear"));
            return Outcome.Failed;
        }

        Redirect(response.Status, next);
        to.MovedTo = next;
        return Outcome.Redirected;
    }

    /// <summary>
    /// After 307 and 308 the request is the same, after others a GET without content (RFC 9110, 15.4); fields go to their own server alone, for
    /// they may hold secrets.
    /// </summary>
    private void Redirect(int status, ResourceUri next)
    {
        bool isSameServer = next.Scheme == _uri.Scheme && next.Host == _uri.Host && next.Port == _uri.Port;
        _request = new HttpRequest
        {
            Method = status is 307 or 308 ? _request.Method : "GET",
            ContentType = status is 307 or 308 ? _request.ContentType : null,
            Content = status is 307 or 308 ? _request.Content : [],
            Fields = isSameServer ? _request.Fields : "",
        };
        _challenge = isSameServer ? _challenge : [];
        _uri = next;
    }

    private byte[] MakeRequest()
    {
        TextBuilder text = new(512, 0);
        text.Append(_request.Method);
        text.Append(client.HttpProxy is null ? " " : " http://");
        if (client.HttpProxy is not null)
        {
            _uri.AppendHost(ref text, withZone: false); // RFC 9112, 3.2.2
        }

        string target = TextBuilder.Format($"{(_uri.Path.Length > 0 ? _uri.Path : "/")}{(_uri.Query is null ? "" : "?")}{_uri.Query}");
        text.Append(target);
        text.Append(" HTTP/1.1\r\nHost: ");
        _uri.AppendHost(ref text, withZone: false);
        text.Append("\r\nUser-Agent: ");
        text.Append(options.UserAgent);
        text.Append("\r\nAccept: */*\r\nAccept-Encoding: identity\r\n");
        AppendProxyCredentials(ref text);
        AppendCredentials(ref text, target);
        text.Append(_request.Fields);
        if (_request.Method != "GET" || _request.Content.Length > 0)
        {
            text.AppendFormatted(TextBuilder.Format($"Content-Length: {_request.Content.Length}\r\n"));
        }

        if (_request.ContentType is not null)
        {
            text.AppendFormatted(TextBuilder.Format($"Content-Type: {_request.ContentType}\r\n"));
        }

        if (_range is not null)
        {
            AppendRange(ref text, _range);
        }

        _resumeAt = _range is null && to.Received > 0 && _validator.Length > 0 && _request.Method == "GET" ? to.Received : null;
        if (_resumeAt is ulong start)
        {
            text.AppendFormatted(TextBuilder.Format($"Range: bytes={start}-\r\n"));
            AppendCondition(ref text, _validator);
        }

        text.Append("\r\n");
        byte[] request = new byte[text.Written.Length + _request.Content.Length];
        Encoding.Latin1.GetBytes(text.Written, request);
        _request.Content.AsSpan().CopyTo(new Span<byte>(request, text.Written.Length, _request.Content.Length));
        return request;
    }

    /// <summary>What is left of a part.</summary>
    private void AppendRange(ref TextBuilder text, HttpRange range)
    {
        if (range.Validator.IsEmpty)
        {
            to.Begin(null); // Nothing would tell whether the rest is of the same file.
        }

        ulong end = range.Start + Math.Min(range.Length, (range.Total ?? ulong.MaxValue) - range.Start);
        text.AppendFormatted(TextBuilder.Format($"Range: bytes={range.Start + to.Received}-{end - 1}\r\n"));
        if (!range.Validator.IsEmpty)
        {
            AppendCondition(ref text, range.Validator);
        }
    }

    private static void AppendCondition(ref TextBuilder text, ReadOnlySpan<byte> validator)
    {
        text.Append("If-Range: ");
        text.Append(Encoding.Latin1.GetString(validator));
        text.Append("\r\n");
    }

    /// <summary>
    /// What we ask for is the file as it is (RFC 9110, 12.5.3). Some servers call a file that is compressed itself, as its name says, coded.
    /// </summary>
    private bool IsCodingTaken(ReadOnlySpan<byte> coding) => coding.IsEmpty ||
        ((AsciiText.EqualsIgnoreCase(coding, "gzip"u8) || AsciiText.EqualsIgnoreCase(coding, "x-gzip"u8)) &&
            (_uri.Path.AsSpan().EndsWith(".gz") || _uri.Path.AsSpan().EndsWith(".tgz")));

    /// <summary>Whether an answer can be given that was not yet: to the first challenge, and to one that says that the last has only become too old.</summary>
    private bool IsChallengeNew(ReadOnlySpan<byte> value)
    {
        HttpChallenge challenge = new(value);
        bool isPossible = challenge.IsBasic || (client.Hashes is IHashes hashes && new HttpDigest(hashes, challenge).IsPossible);
        return isPossible && (_challenge.Length == 0 || challenge.IsStale);
    }

    /// <summary>Nobody is told a password who did not ask for it, and none in clear who can do without.</summary>
    private void AppendCredentials(ref TextBuilder text, string target)
    {
        if (_uri.UserInfo is null || _challenge.Length == 0)
        {
            return;
        }

        text.Append("Authorization: ");
        byte[] credentials = ReadCredentials(_uri.UserInfo);
        HttpChallenge challenge = new(_challenge);
        if (challenge.IsBasic)
        {
            AppendBasic(ref text, credentials);
        }
        else
        {
            string own = TextBuilder.Format($"{network.Random.Next32():x8}");
            new HttpDigest(client.Hashes!, challenge).Append(ref text, credentials, _request.Method, target, ++_nonceCount, own);
        }

        text.Append("\r\n");
    }

    private void AppendProxyCredentials(ref TextBuilder text)
    {
        if (client.HttpProxy?.UserInfo is string userInfo)
        {
            text.Append("Proxy-Authorization: ");
            AppendBasic(ref text, ReadCredentials(userInfo));
            text.Append("\r\n");
        }
    }

    /// <summary>Base64 of "user:password" (RFC 7617; RFC 4648, 4).</summary>
    private static void AppendBasic(ref TextBuilder text, byte[] credentials)
    {
        text.Append("Basic ");
        text.Append(Convert.ToBase64String(credentials));
    }

    /// <summary>"user:password" as bytes, whether or not there is a password.</summary>
    private static byte[] ReadCredentials(string userInfo)
    {
        byte[] plain = new byte[userInfo.Length + 1];
        int length = PercentEncoding.Decode(userInfo.AsSpan(), plain); // encoded text is ASCII: it only gets shorter
        if (userInfo.AsSpan().IndexOf(':') < 0)
        {
            plain[length++] = (byte)':';
        }

        return plain.AsSpan(0, length).ToArray();
    }

    private Error? Pause(ulong time)
    {
        ulong until = loop.Now + time;
        while (loop.Now < until)
        {
            Error? error = Turn();
            if (error is not null)
            {
                return error;
            }
        }

        return null;
    }

    private Error? Turn()
    {
        if (!loop.RunOnce())
        {
            return Failure(EFI_STATUS.EFI_ABORTED, TextBuilder.Format($"stopped by the user{Progress()}"));
        }

        return deadline != 0 && loop.Now >= deadline
            ? Failure(EFI_STATUS.EFI_TIMEOUT, TextBuilder.Format($"no progress in time{Progress()}"))
            : null;
    }

    private void ForgetProgress()
    {
        _validator = [];
        _resumeAt = null;
    }

    private string Progress() => to.Size is ulong size ? TextBuilder.Format($" after {to.Received} of {size} bytes")
        : to.Received > 0 ? TextBuilder.Format($" after {to.Received} bytes")
        : "";

    private Error Failure(EFI_STATUS status, string what) => new(status, TextBuilder.Format($"HTTP {_uri}: {what}"));
}
