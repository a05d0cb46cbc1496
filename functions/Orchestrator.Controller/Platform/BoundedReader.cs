namespace Orchestrator.Controller.Platform;

/// <summary>Reads what others send without believing how much it is.</summary>
internal static class BoundedReader
{
    /// <summary>All bytes.</summary>
    /// <exception cref="PlatformException">There are more than <paramref name="limit"/>.</exception>
    public static async Task<byte[]> ReadAsync(HttpContent content, int limit, string what, CancellationToken cancel)
    {
        await using var stream = await content.ReadAsStreamAsync(cancel);
        using var copy = new MemoryStream();
        byte[] buffer = new byte[81_920];
        while (await stream.ReadAsync(buffer, cancel) is > 0 and var read)
        {
            if (copy.Length + read > limit)
                throw new PlatformException(PlatformException.BadSource, $"The {what} is larger than the limit of {limit} bytes.");
            copy.Write(buffer, 0, read);
        }

        return copy.ToArray();
    }
}
