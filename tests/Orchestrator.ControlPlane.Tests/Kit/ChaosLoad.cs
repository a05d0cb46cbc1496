using System.Collections.Concurrent;
using System.Text.Json;
using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Tests.Kit;

/// <summary>What a client does with one job.</summary>
internal enum ChaosKind
{
    Batch,
    Whole,
    Stream,
    BatchCancelledWhileRunning,
    BatchCancelledAtOnce,
    StreamAbandoned,
    BatchWhoseFirstChainsFail,
    BatchThatCannotBePaid,
}

/// <summary>One job of a load.</summary>
internal sealed record ChaosJob(int Number, ChaosKind Kind, int Chains, string Key)
{
    /// <summary>Names the job to <see cref="ChaosLoad.Behave"/>.</summary>
    public string Question => $"{(char)('a' + (int)Kind)}{Number}";

    public string Answer => $"You said: {Question}.";
}

/// <summary>
/// Clients that behave as they should while the platform has all faults: they repeat what failed, batch jobs under the same idempotency key. Every job
/// acknowledged with an id is noted with what its client saw.
/// </summary>
internal sealed class ChaosLoad(Platform platform, CancellationToken cancel)
{
    private static readonly string[] Keys = [Platform.UserKey, Platform.OtherKey, Platform.AdminKey];

    private readonly Dictionary<string, HttpClient> clients = new[] { Platform.UserKey, Platform.OtherKey, Platform.AdminKey, Platform.PoorKey }.ToDictionary(k => k, k => platform.Client(k));
    private readonly TaskCompletionSource never = new();

    /// <summary>Requests that had to be sent again, counted by what was wrong.</summary>
    public ConcurrentDictionary<string, int> Repeats { get; } = new();

    /// <summary>Jobs acknowledged, by what their client saw of them: an answer, or that they were cancelled.</summary>
    public ConcurrentDictionary<string, ChaosJob> Answered { get; } = new();

    /// <summary>Jobs whose client took them back while their chains could not go on.</summary>
    public ConcurrentDictionary<string, ChaosJob> Abandoned { get; } = new();

    /// <summary>Batch jobs by their acknowledged id.</summary>
    public ConcurrentDictionary<string, ChaosJob> Batches { get; } = new();

    /// <summary>A load with all kinds in it.</summary>
    public static IReadOnlyList<ChaosJob> Draw(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(number =>
        {
            var kind = random.Next(100) switch
            {
                < 35 => ChaosKind.Batch,
                < 60 => ChaosKind.Whole,
                < 80 => ChaosKind.Stream,
                < 85 => ChaosKind.BatchCancelledWhileRunning,
                < 90 => ChaosKind.BatchCancelledAtOnce,
                < 94 => ChaosKind.StreamAbandoned,
                < 98 => ChaosKind.BatchWhoseFirstChainsFail,
                _ => ChaosKind.BatchThatCannotBePaid,
            };
            string key = kind == ChaosKind.BatchThatCannotBePaid ? Platform.PoorKey : Keys[random.Next(Keys.Length)];
            return new ChaosJob(number, kind, random.Next(100) < 30 ? 2 : 1, key);
        })];
    }

    /// <summary>What the fake chains do with a job.</summary>
    public Script Behave(Assignment assignment) => assignment.Edge!.Prompt.Messages![0].Content[0] switch
    {
        (char)('a' + (int)ChaosKind.BatchCancelledWhileRunning) or (char)('a' + (int)ChaosKind.StreamAbandoned) => new Script { Pause = (3, never.Task) },
        (char)('a' + (int)ChaosKind.BatchWhoseFirstChainsFail) when assignment.Attempt == 0 =>
            new Script { Failure = new ChainFailure(FailureCodes.Unreachable, "Stage 1 went away.", 1) },
        _ => Script.Honest,
    };

    /// <summary>Runs a job to the end its client wants.</summary>
    public Task RunAsync(ChaosJob job) => job.Kind switch
    {
        ChaosKind.Whole => WholeAsync(job),
        ChaosKind.Stream => StreamAsync(job),
        ChaosKind.StreamAbandoned => AbandonAsync(job),
        _ => BatchAsync(job),
    };

    private async Task BatchAsync(ChaosJob job)
    {
        string id;
        while (true)
        {
            using var request = Request("/api/jobs", job, stream: false);
            request.Headers.Add("Idempotency-Key", $"chaos-{job.Number}");
            using var response = await clients[job.Key].SendAsync(request, cancel);
            if (response.IsSuccessStatusCode)
            {
                id = JobOf(response);
                break;
            }

            await RepeatAsync(response);
        }

        Batches[id] = job;
        if (job.Kind == ChaosKind.BatchCancelledWhileRunning)
            await platform.Network.Sessions.FirstAsync(s => s.Assignment.Job.Value == id, $"a session of {id}", cancel);
        if (job.Kind is ChaosKind.BatchCancelledWhileRunning or ChaosKind.BatchCancelledAtOnce)
        {
            using var deleted = await clients[job.Key].DeleteAsync($"/api/jobs/{id}", cancel);
            deleted.IsSuccessStatusCode.ShouldBeTrue($"{job}: {await deleted.Content.ReadAsStringAsync(cancel)}");
            if (job.Kind == ChaosKind.BatchCancelledWhileRunning)
                Abandoned[id] = job;
        }

        await platform.Workflows.WaitForCompletionAsync(id, cancel);
    }

    private async Task WholeAsync(ChaosJob job)
    {
        while (true)
        {
            using var request = Request("/v1/chat/completions", job, stream: false);
            using var response = await clients[job.Key].SendAsync(request, cancel);
            if (response.IsSuccessStatusCode)
            {
                using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancel));
                body.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().ShouldBe(job.Answer);
                Answered[JobOf(response)] = job;
                return;
            }

            await RepeatAsync(response);
        }
    }

    private async Task StreamAsync(ChaosJob job)
    {
        while (true)
        {
            using var request = Request("/v1/chat/completions", job, stream: true);
            using var response = await clients[job.Key].SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if (response.IsSuccessStatusCode && await ReadAsync(response) is { } text)
            {
                text.ShouldBe(job.Answer);
                Answered[JobOf(response)] = job;
                return;
            }

            await RepeatAsync(response);
        }
    }

    private async Task AbandonAsync(ChaosJob job)
    {
        while (true)
        {
            using var request = Request("/v1/chat/completions", job, stream: true);
            using var response = await clients[job.Key].SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if (response.IsSuccessStatusCode)
            {
                using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
                (await reader.ReadLineAsync(cancel)).ShouldNotBeNull();
                Abandoned[JobOf(response)] = job;
                return;
            }

            await RepeatAsync(response);
        }
    }

    /// <summary>The streamed text; null when the stream did not end well.</summary>
    private async Task<string?> ReadAsync(HttpResponseMessage response)
    {
        string text = "";
        try
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
            while (await reader.ReadLineAsync(cancel) is { } line)
            {
                if (line == "data: [DONE]")
                    return text;
                if (!line.StartsWith("data: ", StringComparison.Ordinal))
                    continue;
                using var chunk = JsonDocument.Parse(line["data: ".Length..]);
                if (!chunk.RootElement.TryGetProperty("choices", out var choices))
                    return null;
                if (choices.GetArrayLength() > 0 && choices[0].GetProperty("delta").TryGetProperty("content", out var content))
                    text += content.GetString();
            }

            return null;
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return null;
        }
    }

    private HttpRequestMessage Request(string path, ChaosJob job, bool stream) => new(HttpMethod.Post, path)
    {
        Content = Platform.Json(JsonSerializer.Serialize(new
        {
            model = platform.Model.Manifest.Name,
            messages = new[] { new { role = "user", content = job.Question } },
            max_tokens = 40,
            stream,
            orchestrator = new { chains = job.Chains },
        })),
    };

    private static string JobOf(HttpResponseMessage response) => response.Headers.GetValues("x-orchestrator-job").Single();

    private async Task RepeatAsync(HttpResponseMessage response)
    {
        int status = (int)response.StatusCode;
        if (status < 500 && status != 200)
            throw new InvalidOperationException($"A client cannot repeat this: {status} {await response.Content.ReadAsStringAsync(cancel)}");
        string reason = status == 200 ? "stream" : await response.Content.ReadAsStringAsync(cancel);
        Repeats.AddOrUpdate($"{status} {(reason.Length > 150 ? reason[..150] : reason)}", 1, (_, n) => n + 1);
    }
}
