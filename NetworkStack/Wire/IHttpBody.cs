using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Who takes a response from an <see cref="HttpResponseReader"/>.</summary>
internal interface IHttpBody
{
    /// <summary>Status and header fields of the final response are known; the body follows.</summary>
    void OnHead(HttpResponseReader response);

    /// <summary>The next piece of the body, in order; valid during the call only.</summary>
    void OnBody(ReadOnlySpan<byte> data);
}
