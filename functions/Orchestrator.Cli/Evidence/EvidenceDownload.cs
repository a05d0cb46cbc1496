using System.Globalization;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Cli;

/// <summary>Fetches a stage's evidence into a file, and checks it: the platform could lie as well.</summary>
/// <param name="Job">The job.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Choice">The completion.</param>
/// <param name="Node">The caller's node that could challenge; null for the job's owner.</param>
public sealed record EvidenceDownload(JobId Job, int Stage, int Choice, string? Node)
{
    private const long MostBytes = 1L << 32;

    /// <summary>Fetches. What does not fit leaves no file, and one that was there stays as it was.</summary>
    /// <exception cref="CliException">The network has none, or it does not fit its receipt.</exception>
    public async Task<EvidenceBundle> SaveAsync(ApiClient client, string path, CancellationToken cancel)
    {
        string query = string.Create(CultureInfo.InvariantCulture, $"choice={Choice}") + (Node is null ? "" : $"&node={Uri.EscapeDataString(Node)}");
        using var answer = await client.OpenAsync(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"api/jobs/{Job}/evidence/{Stage}?{query}"), null, cancel);
        string temporary = path + ".part";
        try
        {
            var bundle = await WriteAsync(await answer.Content.ReadAsStreamAsync(cancel), temporary, cancel);
            File.Move(temporary, path, overwrite: true);
            return bundle;
        }
        catch (InvalidDataException e)
        {
            throw new CliException($"what the network sent is not evidence of that stage: {e.Message}");
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private async Task<EvidenceBundle> WriteAsync(Stream content, string path, CancellationToken cancel)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite);
        await CopyAsync(content, file, cancel);
        file.Position = 0;
        var bundle = EvidenceBundle.Read(file);
        return bundle.Head.Job == Job && bundle.Head.Stage == Stage && bundle.Head.Choice == Choice
            ? bundle
            : throw new InvalidDataException("It is evidence of something else than was asked for.");
    }

    private static async Task CopyAsync(Stream from, FileStream to, CancellationToken cancel)
    {
        byte[] buffer = new byte[1 << 16];
        int read;
        while ((read = await from.ReadAsync(buffer, cancel)) > 0)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), cancel);
            if (to.Length > MostBytes)
                throw new InvalidDataException($"It has more than {MostBytes} bytes.");
        }
    }
}
