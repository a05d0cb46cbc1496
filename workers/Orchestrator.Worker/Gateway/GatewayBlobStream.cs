using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Orchestrator.Contracts;

namespace Orchestrator.Worker.Gateway;

/// <summary>A blob as it comes from gateways, forward only. A broken connection is replaced by one that asks for the rest.</summary>
internal sealed class GatewayBlobStream(GatewayWay way, Digest digest, TimeProvider time) : Stream
{
    private const int MostAttempts = 6;

    private const int LongestReason = 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private GatewayDoor? asked;
    private HttpResponseMessage? reply;
    private Stream? body;
    private long position;
    private int failures;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => position; set => throw new NotSupportedException(); }

    /// <exception cref="FileNotFoundException">The store does not have it.</exception>
    /// <exception cref="IOException">No gateway gave it.</exception>
    public async Task OpenAsync(CancellationToken cancel)
    {
        while (body is null)
        {
            try
            {
                await ConnectAsync(cancel);
            }
            catch (Exception e) when (e is HttpRequestException or Grpc.Core.RpcException or GatewayException or ObjectDisposedException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                await FailAsync(e, cancel);
            }
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            await OpenAsync(cancellationToken);
            try
            {
                int read = await body!.ReadAsync(buffer, cancellationToken);
                position += read;
                failures = read > 0 ? 0 : failures;
                return read;
            }
            catch (Exception e) when (e is IOException or HttpRequestException or ObjectDisposedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                Drop();
                await FailAsync(e, cancellationToken);
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Blobs are read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        Drop();
        base.Dispose(disposing);
    }

    private async Task ConnectAsync(CancellationToken cancel)
    {
        (asked, var over) = await way.DoorAsync(cancel);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, over);
        string token = await asked.TokenAsync(either.Token);
        // Not on the connection of the work: a large blob must not hold up a ping.
        using var request = new HttpRequestMessage(HttpMethod.Get, asked.Blob(digest)) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (position > 0)
            request.Headers.Range = new RangeHeaderValue(position, null);
        reply = await asked.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        if (reply.StatusCode == HttpStatusCode.Unauthorized)
            asked.Distrust(token);
        if (reply.StatusCode == HttpStatusCode.NotFound)
            throw new FileNotFoundException($"Blob {digest.Short} is not at the gateway's store.");
        if (!reply.IsSuccessStatusCode)
            throw new HttpRequestException($"the gateway answered {(int)reply.StatusCode} for blob {digest.Short}: {await ReasonAsync(reply, either.Token)}");
        bool rest = reply.StatusCode == HttpStatusCode.PartialContent && reply.Content.Headers.ContentRange?.From == position;
        var content = await reply.Content.ReadAsStreamAsync(either.Token);
        if (!rest)
            await SkipAsync(content, position, either.Token);
        body = content;
    }

    private async Task FailAsync(Exception e, CancellationToken cancel)
    {
        Drop();
        if (asked is not null)
            way.Failed(asked);
        if (++failures >= MostAttempts)
            throw new IOException($"Blob {digest.Short} did not come through the gateway: {e.Message}", e);
        await Task.Delay(Pause * failures, time, cancel);
    }

    private void Drop()
    {
        body?.Dispose();
        reply?.Dispose();
        (body, reply) = (null, null);
    }

    private static async Task<string> ReasonAsync(HttpResponseMessage reply, CancellationToken cancel)
    {
        byte[] text = new byte[LongestReason];
        await using var content = await reply.Content.ReadAsStreamAsync(cancel);
        int length = await content.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancel);
        return length == 0 ? "it says no more" : Encoding.UTF8.GetString(text, 0, length);
    }

    private static async Task SkipAsync(Stream content, long bytes, CancellationToken cancel)
    {
        byte[] buffer = new byte[1 << 16];
        while (bytes > 0)
        {
            int read = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, bytes)), cancel);
            if (read == 0)
                throw new HttpRequestException("the blob became shorter");
            bytes -= read;
        }
    }
}
