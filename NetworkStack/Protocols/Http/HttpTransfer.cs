using System;
using System.Text;
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
    private const ushort DefaultPort = 80;

    /// <summary>A body that is not wanted is read to its end to keep the connection, unless it is longer than this.</summary>
    private const ulong LongestDiscarded = 65536;
    private const ulong PauseBetweenTries = 250_000;

    private ResourceUri _uri = null!;
    private HttpRequest _request = options.Request ?? new HttpRequest();
    private byte[] _validator = [];
    private ulong? _resumeAt;
    private ulong _mostReceived;
    private ulong _discarded;
    private bool _isWanted;
    private bool _isResumeRefused;
    private bool _hasConnected;
    private Error? _downloadError;

    private enum Outcome
    {
        Complete,
        Redirected,
        Broken,
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

            tries = to.Received > _mostReceived ? 0 : tries + 1;
            _mostReceived = Math.Max(_mostReceived, to.Received);
            if (tries >= options.MaximumTries)
            {
                return error;
            }

            error = Pause(PauseBetweenTries << Math.Min(tries, 4));
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
        if (response.Status is 200 || (response.Status is > 200 and < 300 and not 206 && options.Request is not null))
        {
            _isWanted = true;
            _validator = response.Validator.SequenceEqual(_validator) ? _validator : response.Validator.ToArray();
            _downloadError = to.Begin(response.ContentLength);
        }
        else if (response.Status == 206 && _resumeAt is not null)
        {
            bool isSameFile = response.RangeTotal is null || to.Size is null || response.RangeTotal == to.Size;
            _isWanted = response.RangeStart == _resumeAt && isSameFile;
            _isResumeRefused = !_isWanted;
        }
        else
        {
            _isResumeRefused = response.Status == 416;
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
        error = client.ResolveHost(_uri, deadline, out IPv4Address address);
        if (error is not null)
        {
            return Outcome.Failed;
        }

        byte[] request = MakeRequest();
        IPv4Endpoint server = new(address, _uri.Port ?? DefaultPort);
        HttpConnection? kept = _request.IsIdempotent ? pool.Take(server) : null;
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

        HttpConnection? fresh = HttpConnection.Open(network, server, out error);
        if (fresh is null)
        {
            error = Failure(error!.Status, error.Message);
            return AfterNoConnection();
        }

        Outcome result = Exchange(fresh, request, out error);
        pool.Return(fresh);
        return result;
    }

    private Outcome Exchange(HttpConnection connection, ReadOnlySpan<byte> request, out Error? error)
    {
        HttpResponseReader response = connection.Response;
        connection.Begin(this);
        _isWanted = false;
        _isResumeRefused = false;
        _discarded = 0;
        _downloadError = null;
        ulong received = connection.Received;
        ulong progressAt = loop.Now;
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
            }
            else if (loop.Now - progressAt >= options.StallTimeout)
            {
                string what = connection.WasConnected ? "nothing received" : "no answer to the connection";
                error = Failure(EFI_STATUS.EFI_TIMEOUT, TextBuilder.Format($"{what} for {options.StallTimeout / 1_000_000} s{Progress()}"));
                return connection.WasConnected ? Outcome.Broken : AfterNoConnection();
            }
        }

        return Judge(connection, out error);
    }

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

        if (response.IsComplete && (to.Size is null || to.Received == to.Size))
        {
            return Outcome.Complete;
        }

        string why = connection.CloseError is Error closed ? closed.Message : "connection closed";
        EFI_STATUS status = connection.CloseError is Error cause ? cause.Status : EFI_STATUS.EFI_END_OF_FILE;
        error = Failure(status, TextBuilder.Format($"{why}{(response.HasHead ? Progress() : " before an answer")}"));
        return connection.WasConnected ? Outcome.Broken : AfterNoConnection();
    }

    private Outcome OnOtherStatus(HttpResponseReader response, out Error? error)
    {
        if (response.Status is not (301 or 302 or 303 or 307 or 308))
        {
            EFI_STATUS status = response.Status switch
            {
                404 or 410 => EFI_STATUS.EFI_NOT_FOUND,
                401 or 403 => EFI_STATUS.EFI_ACCESS_DENIED,
                _ => EFI_STATUS.EFI_HTTP_ERROR,
            };
            error = Failure(status, TextBuilder.Format($"{response.Status} {response.Reason}"));
            return Outcome.Failed;
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

        if (next.Scheme != "http" || string.IsNullOrEmpty(next.Host))
        {
            error = Failure(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"redirected to {next}, which is not supported"));
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
        bool isSameServer = next.Host == _uri.Host && next.Port == _uri.Port;
        _request = new HttpRequest
        {
            Method = status is 307 or 308 ? _request.Method : "GET",
            ContentType = status is 307 or 308 ? _request.ContentType : null,
            Content = status is 307 or 308 ? _request.Content : [],
            Fields = isSameServer ? _request.Fields : "",
        };
        _uri = next;
    }

    private byte[] MakeRequest()
    {
        TextBuilder text = new(512, 0);
        text.Append(_request.Method);
        text.Append(' ');
        text.Append(_uri.Path.Length > 0 ? _uri.Path : "/");
        if (_uri.Query is not null)
        {
            text.Append('?');
            text.Append(_uri.Query);
        }

        text.Append(" HTTP/1.1\r\nHost: ");
        _uri.AppendHost(ref text);
        text.Append("\r\nUser-Agent: ");
        text.Append(options.UserAgent);
        text.Append("\r\nAccept: */*\r\n");
        if (_uri.UserInfo is not null)
        {
            text.Append("Authorization: Basic ");
            AppendCredentials(ref text, _uri.UserInfo);
            text.Append("\r\n");
        }

        text.Append(_request.Fields);
        if (_request.Method != "GET" || _request.Content.Length > 0)
        {
            text.AppendFormatted(TextBuilder.Format($"Content-Length: {_request.Content.Length}\r\n"));
        }

        if (_request.ContentType is not null)
        {
            text.AppendFormatted(TextBuilder.Format($"Content-Type: {_request.ContentType}\r\n"));
        }

        _resumeAt = to.Received > 0 && _validator.Length > 0 && _request.Method == "GET" ? to.Received : null;
        if (_resumeAt is ulong start)
        {
            text.Append("Range: bytes=");
            text.AppendFormatted(start);
            text.Append("-\r\nIf-Range: ");
            text.Append(Encoding.Latin1.GetString(_validator));
            text.Append("\r\n");
        }

        text.Append("\r\n");
        byte[] request = new byte[text.Written.Length + _request.Content.Length];
        Encoding.Latin1.GetBytes(text.Written, request);
        _request.Content.AsSpan().CopyTo(new Span<byte>(request, text.Written.Length, _request.Content.Length));
        return request;
    }

    /// <summary>Base64 of "user:password" (RFC 7617; RFC 4648, 4).</summary>
    private static void AppendCredentials(ref TextBuilder text, string userInfo)
    {
        byte[] plain = new byte[userInfo.Length + 1];
        int length = PercentEncoding.Decode(userInfo.AsSpan(), plain); // encoded text is ASCII: it only gets shorter
        if (userInfo.AsSpan().IndexOf(':') < 0)
        {
            plain[length++] = (byte)':';
        }

        text.Append(Convert.ToBase64String(new ReadOnlySpan<byte>(plain, 0, length)));
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
            ? Failure(EFI_STATUS.EFI_TIMEOUT, TextBuilder.Format($"not finished in time{Progress()}"))
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
