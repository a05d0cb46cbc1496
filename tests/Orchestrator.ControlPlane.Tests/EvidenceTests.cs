using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.Core.Audits;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Honest nodes are not slashed for what the platform did, and edges cannot make something else of right tokens.</summary>
public sealed class EvidenceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_are_told_to_keep_evidence_for_as_long_as_it_may_be_asked_for()
    {
        await using var platform = await Platform.StartAsync();
        foreach (string assurance in (string[])["none", "redundant:2", "sampled", "optimistic"])
        {
            var (job, _) = await RunAsync(platform, assurance);
            var assignments = platform.Network.Assignments.Items.Where(a => a.Job.Value == job).ToList();
            assignments.ShouldNotBeEmpty();
            var options = platform.Services.GetRequiredService<ControlPlaneOptions>().Audits;
            var least = assurance switch
            {
                "optimistic" => options.ChallengeWindow + options.LongestCheck,
                "sampled" => options.LongestCheck,
                _ => 2 * options.Disputes.Longest,
            };
            assignments.ShouldAllBe(a => assurance == "none" ? a.EvidenceUntil == null : a.EvidenceUntil >= a.ExpiresAt + least, assurance);
        }
    }

    [Fact]
    public async Task A_model_that_is_published_anew_makes_no_honest_node_a_withholder()
    {
        // Evidence is waited for until the model is published, however slow the machine is.
        await using var platform = await Platform.StartAsync(configure: o => o with { Audits = o.Audits with { EvidencePatience = TimeSpan.FromMinutes(1) } });
        var asked = new TaskCompletionSource();
        bool published = false;
        platform.Network.Court.Withholds = r =>
        {
            asked.TrySetResult();
            return !Volatile.Read(ref published);
        };
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body(platform, "sampled"), Cancel);
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();
        await Eventually.Ends(asked.Task, () => "no audit began");

        using var admin = platform.Client(Platform.AdminKey);
        byte[] other = [.. platform.Model.ManifestJson, .. "\n"u8];
        using var anew = await admin.PostAsync("/api/models", new ByteArrayContent(other), Cancel);
        anew.StatusCode.ShouldBe(HttpStatusCode.Created, await anew.Content.ReadAsStringAsync(Cancel));
        Volatile.Write(ref published, true);

        await Eventually.Gets(platform.Workflows.WaitForCompletionAsync(job, Cancel), () => "the job does not end");
        var view = await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey);
        view.GetProperty("finality").GetString().ShouldBe("final", view.GetRawText());
        foreach (var node in platform.Network.Nodes)
            (await platform.GetAsync<JsonElement>($"/api/nodes/{node.Id}")).GetProperty("trust").GetProperty("slashes").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task A_planted_error_is_in_the_audited_chunk_and_nowhere_else()
    {
        await using var platform = await Platform.StartAsync(configure: o => o with { Audits = o.Audits with { Policy = AuditPolicy.Default with { PlantedShare = 1, ExactShare = 0 } } });

        var (_, view) = await RunAsync(platform, "sampled");

        view.GetProperty("finality").GetString().ShouldBe("final", view.GetRawText());
        var first = platform.Network.Court.AuditTasks.Where(t => t.Stage == 0).GroupBy(t => t.Inputs).ToList();
        first.Count.ShouldBe(2, "an audit, and one with a planted error");
        List<int[]> tokens = [];
        foreach (var task in first.Select(g => g.First()))
        {
            await using var file = await platform.Services.GetRequiredService<IBlobStore>().OpenAsync(task.Inputs, Cancel);
            using var reader = new InputFileReader(file, platform.Model.Manifest.Stages[0], task.PromptTokens, task.Tokens);
            List<int> all = [];
            while (reader.Read() is { } pass)
                all.AddRange(pass.Tokens);
            tokens.Add([.. all]);
        }

        int[] differs = [.. Enumerable.Range(0, tokens[0].Length).Where(i => tokens[0][i] != tokens[1][i])];
        var chunk = ChunkPlan.At(first[0].First().PromptTokens, first[0].First().Tokens, first[0].First().Chunks[0]);
        differs.ShouldBe(Enumerable.Range(chunk.Start, chunk.Tokens), "every pass of the chunk, or a fingerprint could forgive it");
    }

    public static TheoryData<string> Forgeries => ["text", "reason", "early", "late"];

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task What_an_edge_makes_of_right_tokens_does_not_stand_on_its_word(string forgery)
    {
        await using var platform = await Platform.StartAsync();
        int forged = 0;
        platform.Network.Behave = _ => new Script
        {
            Forge = result => Interlocked.Increment(ref forged) > 1 ? result : result with { Choices = [Forge(forgery, result.Choices[0])] },
        };

        var (_, view) = await RunAsync(platform, "none");

        view.GetProperty("status").GetString().ShouldBe("completed", view.GetRawText());
        forged.ShouldBeGreaterThan(1, "the chain is run again");
        view.GetRawText().ShouldNotContain("Rob the bank");
        view.GetRawText().ShouldContain("You said: check me.");
    }

    private static ChoiceResult Forge(string how, ChoiceResult choice) => how switch
    {
        "text" => choice with { Text = "Rob the bank." },
        "reason" => choice with { FinishReason = FinishReason.Length },
        "early" => choice with { Tokens = [.. choice.Tokens.Take(3)], Text = choice.Text[..3] },
        _ => choice with { Tokens = [.. choice.Tokens, 33], Text = choice.Text + "!" },
    };

    private static async Task<(string Job, JsonElement View)> RunAsync(Platform platform, string assurance)
    {
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body(platform, assurance), Cancel);
        submitted.StatusCode.ShouldBe(HttpStatusCode.Accepted, await submitted.Content.ReadAsStringAsync(Cancel));
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();
        await Eventually.Gets(platform.Workflows.WaitForCompletionAsync(job, Cancel), () => "the job does not end");
        return (job, await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey));
    }

    private static StringContent Body(Platform platform, string assurance) => Platform.Json(
        $$$"""{"model":"{{{platform.Model.Manifest.Name}}}","messages":[{"role":"user","content":"check me"}],"max_tokens":60,"orchestrator":{"assurance":"{{{assurance}}}"}}""");
}
