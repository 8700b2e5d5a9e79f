using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Protocols.Http;

/// <summary>
/// A part of a file by HTTP (RFC 9110, 14), and which file that is: what the first answer says of it has to hold for all that follow. Made once for
/// a file, and used again for each part.
/// </summary>
public sealed class HttpRange
{
    private readonly byte[] _validator = new byte[HttpResponseReader.MaximumValidator];
    private int _validatorLength;
    private bool _isStrong;

    /// <summary>The first byte.</summary>
    public ulong Start { get; set; }

    /// <summary>How many are wanted, at least one; fewer come where the file ends.</summary>
    public ulong Length { get; set; }

    /// <summary>The size of the file; null until a server has said it.</summary>
    public ulong? Total { get; private set; }

    /// <summary>What If-Range says (RFC 9110, 13.1.5); empty when the server gives nothing that would tell one file from another.</summary>
    internal ReadOnlySpan<byte> Validator => new(_validator, 0, _validatorLength);

    /// <summary>Whether an answer with the whole file proves that it is still that file.</summary>
    /// <param name="response">Of another status than 206.</param>
    internal bool IsWholeOf(HttpResponseReader response) => !Validator.IsEmpty && response.HasStrongTag == _isStrong &&
        response.Validator.SequenceEqual(Validator) && (response.ContentLength is null || response.ContentLength == Total);

    /// <summary>Takes what an answer with a part says of the whole.</summary>
    /// <param name="response">Of status 206, with the size of the whole.</param>
    /// <returns>False when it is another file than before.</returns>
    internal bool TryTake(HttpResponseReader response)
    {
        if (Total is null)
        {
            Total = response.RangeTotal;
            response.Validator.CopyTo(_validator);
            _validatorLength = response.Validator.Length;
            _isStrong = response.HasStrongTag;
            return true;
        }

        // RFC 9110, 15.3.7.3: parts of one file have one validator.
        return response.RangeTotal == Total && (response.Validator.IsEmpty || Validator.IsEmpty ||
            (response.HasStrongTag == _isStrong && response.Validator.SequenceEqual(Validator)));
    }
}
