using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace NetBoot.Tests.Models.Xen;

/// <summary>
/// xenstore and its ring to the guest (docs/misc/xenstore.txt, docs/misc/xenstore-ring.txt, public/io/xs_wire.h): a tree with owners,
/// transactions and watches. The host's side is for tests and backends, and may do everything; the guest's is what its messages do.
/// </summary>
public sealed unsafe class SimulatedStore
{
    public const uint Directory = 1;
    public const uint ReadNode = 2;
    public const uint GetPermissions = 3;
    public const uint WatchNode = 4;
    public const uint UnwatchNode = 5;
    public const uint TransactionStart = 6;
    public const uint TransactionEnd = 7;
    public const uint GetDomainPath = 10;
    public const uint WriteNode = 11;
    public const uint MakeDirectory = 12;
    public const uint RemoveNode = 13;
    public const uint WatchEvent = 15;
    public const uint ErrorReply = 16;
    public const uint DirectoryPart = 22;

    private const int RingSize = 1024;
    private const int MaximumPayload = 4096;
    private const int MaximumPath = 3072;
    private const int HeaderSize = 16;
    private const int MaximumTransactions = 10;
    private const int MaximumWatches = 128;

    private sealed class Transaction(StoreNode root, ulong start)
    {
        public readonly StoreNode Root = root;
        public readonly ulong Start = start;
        public readonly HashSet<string> Touched = [];
        public readonly List<Action> Changes = [];
    }

    private readonly record struct GuestWatch(string Path, string Given, string Token);

    private readonly SimulatedXen _xen;
    private readonly byte* _page;
    private readonly StoreNode _root = new();
    private readonly Dictionary<string, ulong> _changedAt = [];
    private readonly Dictionary<uint, Transaction> _transactions = [];
    private readonly List<GuestWatch> _watches = [];
    private readonly List<(string Path, Action<string> Call)> _hostWatches = [];
    private readonly List<byte> _incoming = [];
    private readonly Queue<byte> _outgoing = new();
    private uint _requestConsumer;
    private uint _requestProducerSeen;
    private uint _responseProducer;
    private uint _responseConsumerSeen;
    private uint _nextTransaction = 4_000_000_000; // Numbers are the store's own choice.
    private ulong _changes;
    private ulong _generation = 1;

    internal SimulatedStore(SimulatedXen xen, byte* page)
    {
        _xen = xen;
        _page = page;
        new Span<byte>(page, 4096).Clear();
        SetIndices(0xFFFF_FD00); // Somebody has used the ring before; they wrap soon.
        Home = $"/local/domain/{SimulatedXen.GuestDomain}";
        Write($"{Home}/domid", $"{SimulatedXen.GuestDomain}", owner: 0, readers: [SimulatedXen.GuestDomain]);
        Node(Home).Readers.Add(SimulatedXen.GuestDomain);
        // Whose they are: libxl, libxl_create.c, libxl__domain_make.
        Write($"{Home}/device", "", owner: 0, readers: [SimulatedXen.GuestDomain]);
        Write($"{Home}/data", "", owner: SimulatedXen.GuestDomain, readers: []);
    }

    /// <summary>Where the guest's relative paths begin: "/local/domain/7".</summary>
    public string Home { get; }

    // Fault injection

    /// <summary>How long the store takes to answer.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>The store neither reads its ring nor writes to it.</summary>
    public bool IsDead { get; set; }

    /// <summary>How many bytes at a time the store puts in its ring; the rest comes with the next event, or a moment later.</summary>
    public int ChunkSize { get; set; } = RingSize;

    /// <summary>Answers a request with an error's name; null lets it through.</summary>
    public Func<StoreRequest, string?>? Fail { get; set; }

    /// <summary>Changes what goes to the guest, header and all; an empty message is none.</summary>
    public Func<byte[], byte[]>? Mangle { get; set; }

    /// <summary>How many more transactions collide with somebody else's change.</summary>
    public int Conflicts { get; set; }

    /// <summary>How many nodes the guest may own.</summary>
    public int Quota { get; set; } = 1000;

    /// <summary>Whether there is DIRECTORY_PART.</summary>
    public bool HasDirectoryPart { get; set; } = true;

    /// <summary>Every request of the guest that came in whole.</summary>
    public List<StoreRequest> Requests { get; } = [];

    public int OpenTransactions => _transactions.Count;
    public IReadOnlyList<string> GuestWatches => [.. _watches.Select(each => each.Path)];

    /// <summary>
    /// Whether the ring is as the next user needs it: nothing half said, nothing to be read.
    /// </summary>
    public bool IsQuiet =>
        _incoming.Count == 0 && _outgoing.Count == 0 && Word(RequestProducer) == _requestConsumer &&
        Word(ResponseConsumer) == _responseProducer;

    /// <summary>The ring's 32-bit words, from its page.</summary>
    public const int RequestConsumer = 2048;
    public const int RequestProducer = 2052;
    public const int ResponseConsumer = 2056;
    public const int ResponseProducer = 2060;
    public const int Connection = 2068;
    public const int RingError = 2072;

    public ref uint Word(int offset) => ref *(uint*)(_page + offset);

    /// <summary>Makes the ring be empty at some index, as an earlier user has left it.</summary>
    public void SetIndices(uint index)
    {
        Word(RequestConsumer) = Word(RequestProducer) = _requestConsumer = _requestProducerSeen = index;
        Word(ResponseConsumer) = Word(ResponseProducer) = _responseProducer = _responseConsumerSeen = index + 100;
    }

    /// <summary>Puts bytes in the guest's ring, as a broken or hostile store might.</summary>
    public void Inject(ReadOnlySpan<byte> bytes)
    {
        foreach (byte each in bytes)
        {
            _outgoing.Enqueue(each);
        }

        Flush();
    }

    /// <summary>A whole message.</summary>
    public static byte[] Message(uint type, uint id, uint transaction, ReadOnlySpan<byte> payload)
    {
        byte[] message = new byte[HeaderSize + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(message, type);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(4), id);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), transaction);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(12), (uint)payload.Length);
        payload.CopyTo(message.AsSpan(HeaderSize));
        return message;
    }

    // The host's side

    /// <summary>A node's value as text; null when there is none.</summary>
    public string? Read(string path) => _root.Find(path) is { } node ? Encoding.ASCII.GetString(node.Value) : null;

    /// <summary>The names below a node.</summary>
    public IReadOnlyList<string> List(string path) => _root.Find(path) is { } node ? [.. node.Children.Keys] : [];

    /// <summary>Writes a node as another domain; watches of both sides see it.</summary>
    public void Write(string path, string value) => WriteAs(_root, 0, path, Encoding.ASCII.GetBytes(value), log: true);

    /// <summary>Writes a node and says whose it is.</summary>
    public void Write(string path, string value, ushort owner, ushort[] readers)
    {
        Write(path, value);
        StoreNode node = Node(path);
        node.Owner = owner;
        node.Readers = [.. readers];
    }

    /// <summary>Writes a node that keeps its owner, of any bytes.</summary>
    public void WriteBytes(string path, byte[] value) => WriteAs(_root, 0, path, value, log: true);

    /// <summary>The guest's connection begins anew, as after a store that was broken: empty rings, no transactions, no watches.</summary>
    public void Reset()
    {
        _incoming.Clear();
        _outgoing.Clear();
        DropTransactions();
        _watches.Clear();
        Word(RingError) = 0;
        SetIndices(0xFFFF_FF00);
    }

    /// <summary>Forgets transactions that the guest could not know of.</summary>
    public void DropTransactions() => _transactions.Clear();

    public void Remove(string path) => RemoveAs(_root, path, log: true);

    /// <summary>Calls when a node, or anything below it, changes; each call comes when the store is done with its message.</summary>
    public void Watch(string path, Action<string> onChange) => _hostWatches.Add((path, onChange));

    /// <summary>
    /// The nodes of a device, as a toolstack makes them: the frontend's directory at <c>device/type/index</c>, owned by the guest, state 1,
    /// and the backend's in domain 0, which the guest may read, state 2.
    /// </summary>
    public SimulatedDeviceNodes AddDevice(string type, uint index, string? backendType = null)
    {
        string frontend = $"{Home}/device/{type}/{index}";
        string backend = $"/local/domain/0/backend/{backendType ?? type}/{SimulatedXen.GuestDomain}/{index}";
        ushort guest = SimulatedXen.GuestDomain;
        Write(frontend, "", owner: guest, readers: [0]);
        Write($"{frontend}/backend", backend, owner: guest, readers: [0]);
        Write($"{frontend}/backend-id", "0", owner: guest, readers: [0]);
        Write($"{frontend}/state", "1", owner: guest, readers: [0]);
        Write(backend, "", owner: 0, readers: [guest]);
        Write($"{backend}/frontend", frontend, owner: 0, readers: [guest]);
        Write($"{backend}/frontend-id", $"{guest}", owner: 0, readers: [guest]);
        Write($"{backend}/online", "1", owner: 0, readers: [guest]);
        Write($"{backend}/state", "2", owner: 0, readers: [guest]);
        return new SimulatedDeviceNodes(this, frontend, backend);
    }

    private StoreNode Node(string path) => _root.Find(path) ?? throw new ArgumentException($"There is no {path}.");

    private void WriteAs(StoreNode root, ushort domain, string path, byte[] value, bool log)
    {
        StoreNode node = root;
        string at = "";
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            at += '/' + name;
            if (!node.Children.TryGetValue(name, out StoreNode? child))
            {
                child = new StoreNode { Owner = domain, Readers = [.. node.Readers], Generation = _generation++ };
                if (node.Owner != domain)
                {
                    child.Readers.Add(node.Owner);
                }

                node.Children.Add(name, child);
                node.Generation = _generation++;
                Note(at, log);
                Note(Parent(at), log);
            }

            node = child;
        }

        node.Value = value;
        if (log)
        {
            Note(path, true);
            Fire(path);
        }
    }

    private void RemoveAs(StoreNode root, string path, bool log)
    {
        if (root.Find(Parent(path)) is not { } parent || !parent.Children.Remove(Leaf(path)))
        {
            return;
        }

        parent.Generation = _generation++;
        if (log)
        {
            Note(path, true);
            Note(Parent(path), true);
            Fire(path);
        }
    }

    private void Note(string path, bool log)
    {
        if (log)
        {
            _changedAt[path] = ++_changes;
        }
    }

    private static string Parent(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    private static string Leaf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static bool IsAtOrBelow(string path, string top) => path == top || path.StartsWith(top + '/', StringComparison.Ordinal);

    // A watch sees what is at its node or below it, and the removal of what is above it.
    private static bool IsSeenBy(string path, string watched) => IsAtOrBelow(path, watched) || IsAtOrBelow(watched, path);

    private void Fire(string path)
    {
        foreach (GuestWatch watch in _watches.ToArray())
        {
            bool isBelow = IsAtOrBelow(path, watch.Path);
            if (isBelow || (IsSeenBy(path, watch.Path) && _root.Find(path) is null))
            {
                SendEvent(watch, isBelow ? path : watch.Path);
            }
        }

        foreach ((string watched, Action<string> call) in _hostWatches.ToArray())
        {
            if (IsSeenBy(path, watched))
            {
                _xen.After(TimeSpan.Zero, () => call(path));
            }
        }
    }

    private void SendEvent(GuestWatch watch, string path)
    {
        string shown = watch.Given.StartsWith('/') ? path : path[(Home.Length + 1)..];
        Send(Message(WatchEvent, 0, 0, Encoding.ASCII.GetBytes($"{shown}\0{watch.Token}\0")));
    }

    // The ring

    /// <summary>The guest has sent an event: its requests are taken, and what there was no room for is sent.</summary>
    public void OnEvent()
    {
        if (IsDead)
        {
            return;
        }

        Verify();
        uint waiting = Word(RequestProducer) - _requestConsumer;
        if (waiting > RingSize)
        {
            _xen.Violate($"The guest's request index is {waiting} ahead");
            return;
        }

        while (_requestConsumer != Word(RequestProducer))
        {
            _incoming.Add(_page[_requestConsumer % RingSize]);
            _requestConsumer++;
        }

        Word(RequestConsumer) = _requestConsumer;
        while (TakeRequest() is { } request)
        {
            Requests.Add(request);
            if (Latency == TimeSpan.Zero)
            {
                Answer(request);
            }
            else
            {
                _xen.After(Latency, () => Answer(request));
            }
        }

        Flush();
    }

    private StoreRequest? TakeRequest()
    {
        if (_incoming.Count < HeaderSize)
        {
            return null;
        }

        byte[] header = [.. _incoming.Take(HeaderSize)];
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12));
        if (length > MaximumPayload)
        {
            _xen.Violate($"The guest announced a message of {length} bytes");
            _incoming.Clear();
            return null;
        }

        if (_incoming.Count < HeaderSize + length)
        {
            return null;
        }

        byte[] payload = [.. _incoming.Skip(HeaderSize).Take((int)length)];
        _incoming.RemoveRange(0, HeaderSize + (int)length);
        return new StoreRequest(
            BinaryPrimitives.ReadUInt32LittleEndian(header), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4)),
            BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8)), payload);
    }

    /// <summary>Whether the guest has left the store's indices alone, and moved its own forward only.</summary>
    internal void Verify()
    {
        if (Word(RequestConsumer) != _requestConsumer || Word(ResponseProducer) != _responseProducer)
        {
            if (!_isCorrupted)
            {
                _xen.Violate("The guest changed the store's indices");
            }
        }

        uint produced = Word(RequestProducer) - _requestProducerSeen;
        uint consumed = Word(ResponseConsumer) - _responseConsumerSeen;
        if (produced > RingSize)
        {
            _xen.Violate("The guest set its request index back");
        }

        if (consumed > RingSize || Word(ResponseConsumer) - _responseConsumerSeen > _responseProducer - _responseConsumerSeen)
        {
            _xen.Violate("The guest set its response index back, or beyond what there is");
        }

        _requestProducerSeen = Word(RequestProducer);
        _responseConsumerSeen = Word(ResponseConsumer);
    }

    private bool _isCorrupted;

    /// <summary>Shows the guest an index that cannot be; from then on the store is dead.</summary>
    public void CorruptIndex(int word, uint value)
    {
        Word(word) = value;
        _isCorrupted = true;
        IsDead = true;
    }

    private void Send(byte[] message)
    {
        foreach (byte each in Mangle is null ? message : Mangle(message))
        {
            _outgoing.Enqueue(each);
        }

        Flush();
    }

    private void Flush()
    {
        if (IsDead)
        {
            return;
        }

        uint used = _responseProducer - Word(ResponseConsumer);
        int room = used > RingSize ? 0 : Math.Min(RingSize - (int)used, ChunkSize);
        bool wrote = false;
        while (room-- > 0 && _outgoing.TryDequeue(out byte each))
        {
            _page[RingSize + (_responseProducer % RingSize)] = each;
            _responseProducer++;
            wrote = true;
        }

        if (!wrote)
        {
            return;
        }

        Word(ResponseProducer) = _responseProducer;
        _responseConsumerSeen = Word(ResponseConsumer);
        _xen.Channels.Signal(_xen.StoreChannel);
        if (_outgoing.Count != 0 && ChunkSize < RingSize)
        {
            _xen.After(TimeSpan.FromMicroseconds(20), Flush);
        }
    }

    private void Answer(StoreRequest request)
    {
        string? error = Fail?.Invoke(request);
        byte[] payload = [];
        uint type = request.Type;
        if (error is null)
        {
            error = Do(request, out payload, out List<Action> after);
            Reply();
            after.ForEach(each => each());
        }
        else
        {
            Reply();
        }

        void Reply()
        {
            if (error is not null)
            {
                type = ErrorReply;
                payload = Encoding.ASCII.GetBytes(error + '\0');
            }

            Send(Message(type, request.Id, request.Transaction, payload));
        }
    }

    // The guest's side

    private static readonly byte[] s_ok = "OK\0"u8.ToArray();

    private string? Do(StoreRequest request, out byte[] answer, out List<Action> after)
    {
        answer = s_ok;
        after = [];
        Transaction? transaction = null;
        if (request.Transaction != 0 && !_transactions.TryGetValue(request.Transaction, out transaction))
        {
            _xen.Violate($"Transaction {request.Transaction} is not open");
            return "ENOENT";
        }

        switch (request.Type)
        {
            case TransactionStart:
                return Begin(request, out answer);
            case TransactionEnd:
                return End(request, after);
            case GetDomainPath:
                answer = [.. Encoding.ASCII.GetBytes($"/local/domain/{request.First}"), 0];
                return null;
            default:
                break;
        }

        if (!request.IsTerminated || !TryResolve(request.First, out string path))
        {
            _xen.Violate($"Request {request.Type} with the path '{request.First}'");
            return "EINVAL";
        }

        StoreNode root = transaction?.Root ?? _root;
        transaction?.Touched.Add(path);
        switch (request.Type)
        {
            case Directory:
                return ListNode(root, path, out answer);
            case DirectoryPart when HasDirectoryPart:
                return ListPart(root, path, request, out answer);
            case ReadNode:
                return ReadFrom(root, path, out answer);
            case WriteNode:
                return Change(root, path, transaction, after, node => WriteAs(node, SimulatedXen.GuestDomain, path, request.Rest.ToArray(),
                    node == _root));
            case MakeDirectory when root.Find(path) is not null:
                return null;
            case MakeDirectory:
                return Change(root, path, transaction, after, node => WriteAs(node, SimulatedXen.GuestDomain, path, [], node == _root));
            case RemoveNode when root.Find(path) is null:
                return root.Find(Parent(path)) is null ? "ENOENT" : null;
            case RemoveNode:
                return Change(root, path, transaction, after, node => RemoveAs(node, path, node == _root));
            case GetPermissions:
                return PermissionsOf(root, path, out answer);
            case WatchNode:
                return AddWatch(request, path, after);
            case UnwatchNode:
                return RemoveWatch(request, path);
            default:
                return "ENOSYS";
        }
    }

    private bool TryResolve(string given, out string path)
    {
        path = given.StartsWith('/') ? given : given.Length == 0 ? Home : $"{Home}/{given}";
        return given.Length is > 0 and <= MaximumPath && !given.Contains("//") && (given.Length == 1 || !given.EndsWith('/')) &&
            given.All(each => char.IsAsciiLetterOrDigit(each) || "-/_@".Contains(each));
    }

    private static bool MayRead(StoreNode node) =>
        node.Owner == SimulatedXen.GuestDomain || node.Readers.Contains(SimulatedXen.GuestDomain);

    private string? Begin(StoreRequest request, out byte[] answer)
    {
        answer = s_ok;
        if (request.Payload is not [0])
        {
            _xen.Violate("A transaction's beginning without its empty text");
        }

        if (_transactions.Count >= MaximumTransactions)
        {
            return "ENOSPC";
        }

        _transactions.Add(_nextTransaction, new Transaction(_root.Clone(), _changes));
        answer = [.. Encoding.ASCII.GetBytes($"{_nextTransaction}"), 0];
        _nextTransaction++;
        return null;
    }

    private string? End(StoreRequest request, List<Action> after)
    {
        if (!_transactions.Remove(request.Transaction, out Transaction? transaction))
        {
            _xen.Violate("The end of no transaction");
            return "ENOENT";
        }

        if (request.First is not ("T" or "F") || !request.IsTerminated)
        {
            _xen.Violate($"A transaction's end with '{request.First}'");
            return "EINVAL";
        }

        if (request.First == "F")
        {
            return null;
        }

        if (Conflicts > 0)
        {
            Conflicts--;
            return "EAGAIN";
        }

        if (transaction.Touched.Any(each => _changedAt.GetValueOrDefault(each) > transaction.Start))
        {
            return "EAGAIN";
        }

        after.AddRange(transaction.Changes);
        return null;
    }

    private static string? ReadFrom(StoreNode root, string path, out byte[] answer)
    {
        answer = s_ok;
        if (root.Find(path) is not { } node)
        {
            return MissingBelow(root, path);
        }

        if (!MayRead(node))
        {
            return "EACCES";
        }

        answer = node.Value;
        return null;
    }

    // A guest is not told whether there is something in a directory that it may not read.
    private static string MissingBelow(StoreNode root, string path)
    {
        string at = path;
        while (at.Length > 0)
        {
            at = Parent(at);
            if (root.Find(at) is { } above)
            {
                return MayRead(above) ? "ENOENT" : "EACCES";
            }
        }

        return "ENOENT";
    }

    private static string? ListNode(StoreNode root, string path, out byte[] answer)
    {
        string? error = ReadFrom(root, path, out _);
        answer = error is null ? Names(root.Find(path)!) : s_ok;
        return answer.Length > MaximumPayload ? "E2BIG" : error;
    }

    private static byte[] Names(StoreNode node) => Encoding.ASCII.GetBytes(string.Concat(node.Children.Keys.Select(each => each + '\0')));

    private static string? ListPart(StoreNode root, string path, StoreRequest request, out byte[] answer)
    {
        answer = s_ok;
        if (ReadFrom(root, path, out _) is { } error)
        {
            return error;
        }

        StoreNode node = root.Find(path)!;
        byte[] names = Names(node);
        byte[] generation = [.. Encoding.ASCII.GetBytes($"{node.Generation}"), 0];
        int from = int.Parse(Encoding.ASCII.GetString(request.Rest).TrimEnd('\0'));
        int to = from;
        while (to < names.Length)
        {
            int next = Array.IndexOf(names, (byte)0, to) + 1;
            if (next - from > MaximumPayload - generation.Length - 1)
            {
                break;
            }

            to = next;
        }

        byte[] end = to >= names.Length ? [0] : [];
        answer = [.. generation, .. names[Math.Min(from, names.Length)..Math.Min(to, names.Length)], .. end];
        return null;
    }

    private string? Change(StoreNode root, string path, Transaction? transaction, List<Action> after, Action<StoreNode> change)
    {
        StoreNode? node = root.Find(path);
        for (string at = path; node is null; node = root.Find(at))
        {
            at = Parent(at);
        }

        if (node.Owner != SimulatedXen.GuestDomain)
        {
            return "EACCES";
        }

        if (root.Find(path) is null && root.CountOwned(SimulatedXen.GuestDomain) >= Quota)
        {
            return "ENOSPC";
        }

        if (transaction is null)
        {
            after.Add(() => change(_root)); // The answer comes before the events.
        }
        else
        {
            change(root);
            transaction.Changes.Add(() => change(_root));
        }

        return null;
    }

    private static string? PermissionsOf(StoreNode root, string path, out byte[] answer)
    {
        string? error = ReadFrom(root, path, out answer);
        if (error is null)
        {
            StoreNode node = root.Find(path)!;
            answer = Encoding.ASCII.GetBytes($"n{node.Owner}\0" + string.Concat(node.Readers.Order().Select(each => $"r{each}\0")));
        }

        return error;
    }

    private string? AddWatch(StoreRequest request, string path, List<Action> after)
    {
        string token = Encoding.ASCII.GetString(request.Rest);
        if (!token.EndsWith('\0'))
        {
            _xen.Violate("A watch's token without its end");
            return "EINVAL";
        }

        GuestWatch watch = new(path, request.First, token[..^1]);
        if (_watches.Contains(watch))
        {
            return "EEXIST";
        }

        if (_watches.Count >= MaximumWatches)
        {
            return "E2BIG";
        }

        _watches.Add(watch);
        after.Add(() => SendEvent(watch, path)); // Each watch fires once at its beginning.
        return null;
    }

    private string? RemoveWatch(StoreRequest request, string path)
    {
        string token = Encoding.ASCII.GetString(request.Rest).TrimEnd('\0');
        return _watches.RemoveAll(each => each.Path == path && each.Token == token) == 0 ? "ENOENT" : null;
    }
}
