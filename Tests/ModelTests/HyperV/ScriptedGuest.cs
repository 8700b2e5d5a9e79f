using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using NetBoot.Tests.Models.HyperV;
using Xunit;

namespace NetBoot.Tests.ModelTests.HyperV;

/// <summary>A guest that does what a test tells it, byte by byte, with nothing of the product's.</summary>
internal sealed unsafe class ScriptedGuest : IDisposable
{
    public const int Page = 4096;

    private const int PageCount = 256;
    private const int HypercallPage = 0;
    private const int MessagePage = 1;
    private const int EventPage = 2;
    private const int PostPage = 3;
    private const int FirstFree = 4;

    private readonly byte* _memory;
    private int _nextPage = FirstFree;
    private uint _nextGpadl = 0xE1;

    public ScriptedGuest(HostKind kind = HostKind.Windows)
    {
        _memory = (byte*)NativeMemory.AlignedAlloc(PageCount * Page, Page);
        NativeMemory.Clear(_memory, PageCount * Page);
        Memory.Add(_memory, PageCount * Page);
        Host = new HyperVHost(Memory, kind);
    }

    public ProcessMemory Memory { get; } = new();

    public HyperVHost Host { get; }

    /// <summary>Where messages are posted to.</summary>
    public uint MessageConnection { get; set; } = 1;

    public ulong Address(int page) => (ulong)(_memory + (page * Page));

    public Span<byte> Bytes(int page, int count = 1) => new(_memory + (page * Page), count * Page);

    public int TakePages(int count)
    {
        int first = _nextPage;
        _nextPage += count;
        return first;
    }

    // SynIC

    /// <summary>Enables hypercalls and the SynIC, with SINT2 unmasked or not.</summary>
    public void Start(bool unmasked = true)
    {
        Host.WriteMsr(Register.GuestOsId, 0x8100_0000_0000_0000);
        Host.WriteMsr(Register.Hypercall, Address(HypercallPage) | 1);
        Host.WriteMsr(Register.Simp, Address(MessagePage) | 1);
        Host.WriteMsr(Register.Siefp, Address(EventPage) | 1);
        Host.WriteMsr(Register.Sint2, unmasked ? 0x2_0041u : 0x3_0041u);
        Host.WriteMsr(Register.Scontrol, 1);
    }

    public void Stop()
    {
        Host.WriteMsr(Register.Sint2, 0x1_0000);
        Host.WriteMsr(Register.Siefp, 0);
        Host.WriteMsr(Register.Simp, 0);
        Host.WriteMsr(Register.Hypercall, 0);
        Host.WriteMsr(Register.GuestOsId, 0);
    }

    private byte* Slot => _memory + (MessagePage * Page) + (VmbusHost.Source * 256);

    /// <summary>Whether the host has signalled a flag of VMBus's source, which this ends.</summary>
    public bool TakeEvent(uint flag)
    {
        ref uint word = ref ((uint*)(_memory + (EventPage * Page) + (VmbusHost.Source * 256)))[flag / 32];
        uint bit = 1u << (int)(flag % 32);
        bool isSet = (word & bit) != 0;
        word &= ~bit;
        return isSet;
    }

    public bool HasMessage => *(uint*)Slot != 0;

    public bool IsPending => (Slot[5] & 1) != 0;

    /// <summary>The message in the slot, which stays there.</summary>
    public byte[] PeekMessage() => new Span<byte>(Slot + 16, Slot[4]).ToArray();

    /// <summary>Takes the message out of the slot; writes EOM when the flag asks for it.</summary>
    public byte[]? TakeMessage(bool writesEom = true)
    {
        if (!HasMessage)
        {
            return null;
        }

        byte[] message = PeekMessage();
        *(uint*)Slot = 0;
        if (IsPending && writesEom)
        {
            Host.WriteMsr(Register.Eom, 0);
        }

        return message;
    }

    public byte[] Expect(VmbusMessage type)
    {
        byte[]? message = TakeMessage();
        Assert.NotNull(message);
        Assert.Equal(type, (VmbusMessage)Word(message, 0));
        return message;
    }

    public static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    // Hypercalls

    /// <summary>Posts a VMBus message of a type and words.</summary>
    public ulong Post(VmbusMessage type, params ReadOnlySpan<uint> words)
    {
        Span<byte> page = Bytes(PostPage);
        page[..256].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(page, MessageConnection);
        BinaryPrimitives.WriteUInt32LittleEndian(page[8..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(page[12..], 8 + (words.Length * 4));
        BinaryPrimitives.WriteUInt32LittleEndian(page[16..], (uint)type);
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(page[(24 + (i * 4))..], words[i]);
        }

        return Call(0x5C, Address(PostPage));
    }

    public ulong Call(ulong control, ulong input) => Host.Call(Address(HypercallPage), control, input, 0);

    public ulong Signal(HostChannel channel) => Call(0x1_005D, channel.Connection);

    // VMBus

    /// <summary>Starts, connects, and reads all offers.</summary>
    public void Connect(uint version = VmbusVersion.Win10)
    {
        Start();
        Contact(version);
        Assert.Equal(1, Expect(VmbusMessage.VersionResponse)[8]);
        RequestOffers();
    }

    public void Contact(uint version, ulong interruptPage = 0) => Post(
        VmbusMessage.InitiateContact, version, 0, (uint)interruptPage, (uint)(interruptPage >> 32), 0, 0, 0, 0);

    public void RequestOffers()
    {
        Post(VmbusMessage.RequestOffers);
        while (Word(TakeMessage()!, 0) != (uint)VmbusMessage.AllOffersDelivered)
        {
        }
    }

    /// <summary>Creates a GPADL over pages.</summary>
    /// <returns>Its number; the answer is still to be read.</returns>
    public uint BeginGpadl(HostChannel channel, int firstPage, int count)
    {
        uint gpadl = _nextGpadl++;
        uint[] words = new uint[5 + (Math.Min(count, 26) * 2)];
        words[0] = channel.Id;
        words[1] = gpadl;
        words[2] = (uint)(8 + (count * 8)) | (1 << 16);
        words[3] = (uint)(count * Page);
        AddPages(words.AsSpan(5), firstPage);
        Post(VmbusMessage.GpadlHeader, words);
        for (int done = 26; done < count; done += 28)
        {
            words = new uint[2 + (Math.Min(count - done, 28) * 2)];
            words[1] = gpadl;
            AddPages(words.AsSpan(2), firstPage + done);
            Post(VmbusMessage.GpadlBody, words);
        }

        return gpadl;
    }

    private void AddPages(Span<uint> words, int firstPage)
    {
        for (int i = 0; i < words.Length / 2; i++)
        {
            ulong frame = Address(firstPage + i) >> 12;
            words[i * 2] = (uint)frame;
            words[(i * 2) + 1] = (uint)(frame >> 32);
        }
    }

    public uint CreateGpadl(HostChannel channel, int firstPage, int count)
    {
        uint gpadl = BeginGpadl(channel, firstPage, count);
        byte[] created = Expect(VmbusMessage.GpadlCreated);
        Assert.Equal((channel.Id, gpadl, 0u), (Word(created, 8), Word(created, 12), Word(created, 16)));
        return gpadl;
    }

    /// <summary>Takes a GPADL back, which nothing uses; Windows does not answer when the channel is gone.</summary>
    public void TearDown(HostChannel channel, uint gpadl)
    {
        Post(VmbusMessage.GpadlTeardown, channel.Id, gpadl);
        if (channel.IsRescinded && Host.Kind == HostKind.Windows)
        {
            Assert.False(HasMessage);
            return;
        }

        Assert.Equal(gpadl, Word(Expect(VmbusMessage.GpadlTorndown), 8));
    }

    /// <summary>Posts OPEN_CHANNEL; the answer is still to be read.</summary>
    public void BeginOpen(HostChannel channel, uint gpadl, uint downstreamPage)
    {
        uint[] words = new uint[35];
        words[0] = channel.Id;
        words[1] = channel.Id;
        words[2] = gpadl;
        words[3] = 0xFFFF_FFFF;
        words[4] = downstreamPage;
        Post(VmbusMessage.OpenChannel, words);
    }

    /// <summary>Opens a channel with rings of so many pages of data each.</summary>
    public GuestChannel Open(HostChannel channel, int pages = 4)
    {
        int first = TakePages(2 * (pages + 1));
        Bytes(first, 2 * (pages + 1)).Clear();
        uint gpadl = CreateGpadl(channel, first, 2 * (pages + 1));
        BeginOpen(channel, gpadl, (uint)pages + 1);
        byte[] result = Expect(VmbusMessage.OpenChannelResult);
        Assert.Equal((channel.Id, channel.Id, 0u), (Word(result, 8), Word(result, 12), Word(result, 16)));
        return new GuestChannel(this, channel, gpadl, first, pages);
    }

    public void Dispose() => NativeMemory.AlignedFree(_memory);
}
