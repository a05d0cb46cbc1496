using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Disputes;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.Core.Disputes;
using Orchestrator.TestKit;
using Orchestrator.Verification;
using static Orchestrator.ControlPlane.Tests.Kit.Outsider;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Which tokens were drawn can be challenged by whoever has a stake, with public evidence alone.</summary>
public sealed class DrawChallengeTests
{
    private const int Last = 3;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tokens_that_the_logits_do_not_give_overturn_the_answer_and_slash_the_last_stage_once()
    {
        await using var platform = await StartAsync();
        platform.Network.Behave = _ => new Script { Lie = t => t == 'Y' ? 'Z' : t };
        platform.Network.Court.WrongDraws = draws => draws.Tokens[0] == 'Z';
        var (bundle, challenger) = await AnsweredAsync(platform);

        var (status, said) = await ChallengeAsync(platform, challenger, Draws(bundle));
        status.ShouldBe(HttpStatusCode.Accepted, said.GetRawText());
        await platform.Workflows.WaitForCompletionAsync(bundle.Head.Job.Value, Cancel).WaitAsync(TimeSpan.FromSeconds(90), Cancel);

        (await platform.GetAsync<JsonElement>($"/api/jobs/{bundle.Head.Job}", Platform.UserKey)).GetProperty("status").GetString().ShouldBe("overturned");
        var dispute = await platform.GetAsync<JsonElement>($"/api/disputes/{said.GetProperty("dispute").GetString()}");
        dispute.GetProperty("subject").GetString().ShouldBe("draws");
        dispute.GetProperty("ground").GetString().ShouldBe("judged");
        dispute.GetProperty("loser").GetString().ShouldBe(bundle.Receipt.Node.Value);
        platform.Network.Court.RefereeTasks.Single().ShouldSatisfyAllConditions(
            t => t.Question.ShouldBe(RefereeQuestion.Draws),
            t => t.Defender.ShouldBe(bundle.Chunks[t.Chunk].Output, "the logits are those under the receipt's root"),
            t => t.Draws!.Tokens.ShouldBe(bundle.Result.Choices[0].Tokens),
            t => (t.Draws!.Sampling with { TopLogProbs = -1 }).ShouldBe(bundle.Sampling, "the challenger was told what the referee goes by"));
        (await SlashesAsync(platform, bundle.Receipt.Node)).ShouldBe(["wrong_result"]);
        var account = await platform.AccountAsync(challenger.Host);
        account.Held.ShouldBe(0, "the bond is back");
        account.Available.ShouldBeGreaterThanOrEqualTo(1_000_000 - 100_000);
    }

    /// <summary>Else a node would show its evidence to who asks, and get rid of every challenge by not showing it again.</summary>
    [Fact]
    public async Task Who_withholds_from_the_dispute_what_the_challenger_has_to_run_is_slashed_for_that()
    {
        await using var platform = await StartAsync();
        platform.Network.Behave = _ => new Script { Lie = t => t == 'Y' ? 'Z' : t };
        platform.Network.Court.WrongDraws = draws => draws.Tokens[0] == 'Z';
        var (bundle, challenger) = await AnsweredAsync(platform);
        platform.Network.Court.Withholds = r => r.Stage == Last && r.Kind == EvidenceKind.Inputs;
        platform.Network.Court.Silent = q => q.Node == bundle.Receipt.Node;

        var (status, said) = await ChallengeAsync(platform, challenger, Draws(bundle));
        status.ShouldBe(HttpStatusCode.Accepted, said.GetRawText());

        (await EndedAsync(platform, said)).GetProperty("outcome").GetString().ShouldBe("overturned");
        (await SlashesAsync(platform, bundle.Receipt.Node)).ShouldBe(["withholding"]);
        (await platform.AccountAsync(challenger.Host)).Held.ShouldBe(0, "the bond is back");
    }

    [Fact]
    public async Task Who_challenges_right_draws_loses_bond_and_stake_and_the_answer_stands()
    {
        await using var platform = await StartAsync();
        var (bundle, challenger) = await AnsweredAsync(platform);

        var (status, said) = await ChallengeAsync(platform, challenger, Draws(bundle));
        status.ShouldBe(HttpStatusCode.Accepted, said.GetRawText());

        (await EndedAsync(platform, said)).GetProperty("outcome").GetString().ShouldBe("upheld");
        (await SlashesAsync(platform, challenger.Id)).ShouldBe(["false_accusation"]);
        (await SlashesAsync(platform, bundle.Receipt.Node)).ShouldBeEmpty();
        var account = await platform.AccountAsync(challenger.Host);
        (account.Available + account.Held).ShouldBe(1_000_000 - 100_000 - said.GetProperty("bond").GetInt64(), "stake and bond have left");
        (await platform.GetAsync<JsonElement>($"/api/jobs/{bundle.Head.Job}", Platform.UserKey)).GetProperty("finality").GetString().ShouldBe("provisional");
    }

    [Fact]
    public async Task A_leaf_that_the_receipt_does_not_have_costs_the_bond_and_no_referee()
    {
        await using var platform = await StartAsync();
        var (bundle, challenger) = await AnsweredAsync(platform);

        var (_, said) = await ChallengeAsync(platform, challenger, Challenge(bundle, "draws", Last, Drawing(bundle), Digest.Of([1])));

        (await EndedAsync(platform, said)).GetProperty("ground").GetString().ShouldBe("nothing_disputed");
        (await SlashesAsync(platform, challenger.Id)).ShouldBeEmpty();
        platform.Network.Court.RefereeTasks.ShouldBeEmpty();
        (await platform.AccountAsync(challenger.Host)).Available.ShouldBe(1_000_000 - 100_000 - said.GetProperty("bond").GetInt64());
    }

    [Fact]
    public async Task What_nobody_could_judge_is_refused_by_name_and_holds_no_money()
    {
        await using var platform = await StartAsync();
        var (bundle, challenger) = await AnsweredAsync(platform, question: new string('a', 200));
        var leaf = bundle.Chunks[Drawing(bundle)].Output;
        Drawing(bundle).ShouldBe(1, "the first chunk is prompt only");

        await RefusedAsync(Challenge(bundle, "prompt", Last, 1, leaf), "subject");
        await RefusedAsync(Challenge(bundle, "", Last, 1, leaf), "subject");
        await RefusedAsync(Challenge(bundle, "Draws", Last, 1, leaf), "subject");
        await RefusedAsync(Challenge(bundle, "draws", 1, 1, leaf), "draws nothing");
        await RefusedAsync(Challenge(bundle, "draws", 99, 1, leaf), "stage does not exist");
        await RefusedAsync(Challenge(bundle, "draws", Last, 0, leaf), "prompt only");
        await RefusedAsync(Challenge(bundle, "draws", Last, 1, leaf, claims: 2), "one chunk");
        await RefusedAsync(Challenge(bundle, "draws", Last, 5000, leaf), "0 to");
        (await platform.AccountAsync(challenger.Host)).Held.ShouldBe(0);

        async Task RefusedAsync(object challenge, string why)
        {
            var (status, said) = await ChallengeAsync(platform, challenger, challenge);
            status.ShouldBe(HttpStatusCode.BadRequest, said.GetRawText());
            said.GetProperty("error").GetProperty("message").GetString()!.ShouldContain(why);
        }
    }

    [Fact]
    public void A_challenge_in_the_journal_of_an_earlier_release_is_about_outputs()
    {
        var (session, node) = (SessionId.Derive(JobId.New(TimeProvider.System), 0, 0), SigningKey.FromSeed(new byte[32]).Node);
        var arrived = new ChallengeArrived(
            DisputeId.OfDraws(session, Last, 0, node), node, "host", session, Last, 0, [], 1, DateTimeOffset.UnixEpoch, FakeNetwork.Class, DisputeSubject.Draws);
        var json = JsonSerializer.SerializeToNode(arrived)!.AsObject();
        json.Remove(nameof(ChallengeArrived.Subject)).ShouldBeTrue();

        json.Deserialize<ChallengeArrived>()!.Subject.ShouldBe(DisputeSubject.Outputs);
        arrived.Dispute.ShouldNotBe(DisputeId.OfChallenge(session, Last, 0, node), "who challenged the outputs may challenge the draws too");
    }

    /// <summary>A provisional answer, and the evidence of its last stage as an outsider with a stake gets it.</summary>
    private static async Task<(EvidenceBundle Bundle, FakeNode Challenger)> AnsweredAsync(Platform platform, string question = "check me")
    {
        var (job, _) = await AnswerAsync(platform, "public", question: question);
        var challenger = await StakeAsync(platform, platform.Network.Nodes.First(n => platform.Network.Assignments.Items.All(a => a.Job.Value != job || a.Node != n.Id)));
        using var evidence = await ReadAsync(platform, Platform.AdminKey, $"/api/jobs/{job}/evidence/{Last}?node={challenger.Id}");
        var bundle = EvidenceBundle.Read(evidence);
        MessageSigning.Signer(bundle.Head.Terms!).ShouldBe(platform.Services.GetRequiredService<SigningKey>().Node);
        return (bundle, challenger);
    }

    /// <summary>The chunk whose logits the first token was drawn from.</summary>
    private static int Drawing(EvidenceBundle bundle) => ChunkPlan.Holding(bundle.Result.PromptTokens, bundle.Result.PromptTokens - 1);

    private static object Draws(EvidenceBundle bundle) => Challenge(bundle, "draws", Last, Drawing(bundle), bundle.Chunks[Drawing(bundle)].Output);

    private static object Challenge(EvidenceBundle bundle, string subject, int stage, int chunk, Digest output, int claims = 1) => new
    {
        job = bundle.Head.Job.Value,
        session = bundle.Receipt.Session.Value,
        stage,
        choice = 0,
        subject,
        claims = Enumerable.Range(chunk, claims).Select(c => new { chunk = c, output = output.Value }),
    };

    private static async Task<JsonElement> EndedAsync(Platform platform, JsonElement challenge)
    {
        string dispute = challenge.GetProperty("dispute").GetString()!;
        await Eventually.Holds(async () => await platform.Workflows.GetAsync(dispute, Cancel) is { IsFinished: true }, () => "the dispute does not end", limitSeconds: 60);
        return await platform.GetAsync<JsonElement>($"/api/disputes/{dispute}");
    }

    private static async Task<IReadOnlyList<string?>> SlashesAsync(Platform platform, NodeId node) =>
        [.. (await platform.GetAsync<JsonElement>($"/api/nodes/{node}")).GetProperty("trust").GetProperty("slashes").EnumerateArray().Select(s => s.GetProperty("fault").GetString())];
}
