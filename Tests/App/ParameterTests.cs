using System;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>params, param, and URIs that end in ##params.</summary>
public sealed class ParameterTests : IDisposable
{
    private readonly TestSession _session = new();

    public ParameterTests() => _session.Platform.AddFile("http://server/dir/x", "x");

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("params\nparam a b  c\nparam uuid 1&2\nimgfetch -q x##params", "POST a=b%20c&uuid=1%262")]
    [InlineData("params\nimgfetch -q x##params", "GET ")]
    [InlineData("params --name p --method PUT\nparam --params p --header X-Ttl 21600\nimgfetch -q x##params=p", "PUT X-Ttl: 21600\r\n")]
    [InlineData("params\nparam -H Metadata-Flavor Google\nimgset y x##params", "GET Metadata-Flavor: Google\r\n")]
    [InlineData("params -m GET\nparam a b\nimgfetch -q http://server/dir/x##params", "GET a=b")]
    [InlineData("params\nparam a\nparam b ${undefined}\nparam c=d \xE9\nimgfetch -q x##params", "POST a=&b=&c%3Dd=%E9")]
    [InlineData("params\nparam a b\nparams\nparam c d\nimgfetch -q x##params", "POST c=d")]
    [InlineData("params\nparam a b\nparams --delete\nimgfetch -q x##params", "")]
    [InlineData("imgfetch -q x##params=nosuch", "")]
    [InlineData("params -n other\nparam -p other a b\nimgfetch -q x##params", "")]
    public void List_IsSentWithTheUriThatNamesIt(string lines, string expected)
    {
        Assert.True(_session.Run(lines).IsSuccess, _session.Output);

        Assert.Equal([expected], _session.Platform.Requests);
        Assert.Equal(["http://server/dir/x"], _session.Platform.Fetched);
    }

    [Fact]
    public void List_IsUsedOnce()
    {
        _session.Run("params\nparam a b\nimgfetch -q x##params\nimgfetch -q x##params\nparam c d");

        Assert.Equal(["POST a=b", ""], _session.Platform.Requests);
        Assert.Equal("boot.ipxe:6: param: no such parameter list: params makes one\n", _session.Output);
    }

    [Theory]
    [InlineData("param a b", "no such parameter list: params makes one")]
    [InlineData("params\nparam --params p a b", "no such parameter list: p")]
    [InlineData("params --method BREW", "BREW: not a method that can be used (GET, POST and PUT are)")]
    [InlineData("params\nset x:hex 41:0d:0a:42\nparam --header A ${x:string}", "not a header that HTTP can send: A")]
    [InlineData("params\nparam --header A:B c", "not a header that HTTP can send: A%3AB")]
    [InlineData("params\nset a 0123456789\nset a ${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}\n:more\nparam x ${a}\ngoto more", "no room for more parameters")]
    [InlineData("set i:int32 0\n:more\nparams --name ${i}\ninc i\ngoto more", "no room for more parameter lists")]
    public void WhatIsWrong_IsTold(string lines, string expected)
    {
        Assert.True(_session.Run(lines).IsError);

        Assert.EndsWith($": {expected}\n", _session.Output);
    }
}
