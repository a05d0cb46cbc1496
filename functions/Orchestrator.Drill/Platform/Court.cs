using Orchestrator.Contracts;
using Orchestrator.Core.Disputes;
using Orchestrator.Disputes.Evidence;
using Orchestrator.Disputes.Parties;
using Orchestrator.Disputes.Traces;
using Orchestrator.Drill.Models;
using Orchestrator.Drill.Network;
using Orchestrator.Verification;
using ChunkClaim = Orchestrator.Core.Disputes.ChunkClaim;

namespace Orchestrator.Drill.Platform;

/// <summary>
/// Plays a dispute to its end in this process: the platform's game, two parties who answer with signed messages about their traces, and a referee that
/// runs one operator.
/// </summary>
public sealed class Court(Engines engines, VirtualClock clock)
{
    /// <summary>Disputes that came down to one operator.</summary>
    public int Narrowed { get; private set; }

    /// <summary>Plays.</summary>
    /// <param name="challenger">Who says that a receipt is wrong.</param>
    /// <param name="challenged">The work that the receipt is about.</param>
    /// <param name="claims">What the challenger says that chunks put out.</param>
    /// <param name="drawn">Tokens of the answer: then draws are disputed, from logits that both agree on.</param>
    /// <param name="withheld">Whether a public demand proves that leaves which are not served are withheld.</param>
    public DisputeVerdict Play(DrillNode challenger, StageWork challenged, IReadOnlyList<ChunkClaim> claims, IReadOnlyList<int>? drawn, Func<StageWork, bool> withheld)
    {
        var hearing = new Hearing(challenger, challenged, drawn);
        var stage = new ChallengedStage(challenged.Stage, challenged.Node.Id, [.. hearing.PassesThrough()], [.. claims]);
        var opening = new DisputeOpening(
            DisputeId.Derive(challenged.Session, challenged.Stage, 0, challenger.Id), challenged.Session, 0, challenger.Id, [stage],
            drawn is null ? DisputeSubject.Outputs : DisputeSubject.Draws);
        var game = DisputeGame.Open(opening, DrillRules.Disputes, clock.GetUtcNow());
        if (game.Phase == DisputePhase.Leaves)
        {
            game = challenged.Node.Conduct.Serves(challenged)
                ? game.Commit(challenged.Stage, [.. challenged.Committer.Chunks.Select(c => c.Output)], clock.GetUtcNow()).Game
                : game.Miss(withheld(challenged), game.Clock);
        }

        while (!game.Over)
        {
            var before = game;
            game = Move(game, hearing);
            if (!ReferenceEquals(before, game))
                continue;
            // Nobody has anything more to say: the deadline decides.
            clock.Advance(DrillRules.Disputes.AnswerTime);
            game = game.Tick(clock.GetUtcNow());
        }

        if (game.Verdict!.Step is not null)
            Narrowed++;
        return game.Verdict;
    }

    private DisputeGame Move(DisputeGame game, Hearing hearing)
    {
        if (game.Phase is DisputePhase.Count or DisputePhase.Referee)
            return Judge(game, hearing);
        foreach (var party in game.Awaited)
        {
            if (game.Over || game.Chunk is not { } chunk || !hearing.Serves(party))
                continue;
            game = game.Phase switch
            {
                DisputePhase.Sizes or DisputePhase.States => States(game, party, hearing, chunk),
                DisputePhase.Leaf => Leaf(game, party, hearing, chunk),
                DisputePhase.Evidence => Supply(game, party, hearing, chunk),
                _ => game,
            };
        }

        return game;
    }

    private DisputeGame States(DisputeGame game, Party party, Hearing hearing, DisputedChunk chunk)
    {
        var query = Query(game, party, hearing, chunk, TraceQuestion.States, [.. game.Asked]);
        var message = Speaker(party, hearing, chunk).Say(query);
        return MessageSigning.TryOpen(message, MessageTypes.TraceStates, ContractsJson.Default.TraceStates, out var states, out _)
            && MessageSigning.Signer(message) == query.Node && DisputeChecks.Problem(states, query) is null
            ? game.Answer(party, states, clock.GetUtcNow()).Game
            : game;
    }

    private DisputeGame Leaf(DisputeGame game, Party party, Hearing hearing, DisputedChunk chunk)
    {
        long step = game.Step!.Value;
        var query = Query(game, party, hearing, chunk, TraceQuestion.Leaf, [step]);
        var message = Speaker(party, hearing, chunk).Say(query);
        if (!MessageSigning.TryOpen(message, MessageTypes.TraceLeaf, ContractsJson.Default.TraceLeaf, out var leaf, out _) || DisputeChecks.Problem(leaf, query) is not null)
            return game;
        var after = (party == Party.Challenger ? game.Challenger : game.Defender).States[step + 1];
        return game.Open(party, step, TraceHash.Leaf(leaf.Outputs), TraceCheck.Fits(leaf, game.Agreed, after), clock.GetUtcNow()).Game;
    }

    private DisputeGame Supply(DisputeGame game, Party party, Hearing hearing, DisputedChunk chunk)
    {
        var query = game.Step is { } step
            ? Query(game, party, hearing, chunk, TraceQuestion.StepInputs, [step])
            : Query(game, party, hearing, chunk, TraceQuestion.ChunkOutputs, []);
        using var file = new MemoryStream();
        TraceEvidenceFile.Write(file, Speaker(party, hearing, chunk).Show(query));
        byte[] bytes = file.ToArray();
        var blob = Digest.Of(bytes);
        hearing.Blobs[blob] = bytes;
        return game.Supply(party, blob, clock.GetUtcNow()).Game;
    }

    private DisputeGame Judge(DisputeGame game, Hearing hearing)
    {
        var (challenged, chunk) = (hearing.Challenged, game.Chunk!);
        var question = game.AskedOfReferee!.Value;
        byte[] evidence = game.EvidenceAtHand is { } supplied ? hearing.Blobs[supplied.Blob] : [];
        bool step = question == RefereeQuestion.Step, draws = question == RefereeQuestion.Draws;
        var task = new RefereeTask(
            RefereeTask.CurrentSchema, challenged.Node.Id, game.Opening.Dispute, game.Attempt, engines.Model.Digest, challenged.Stage,
            challenged.Job.Prompt.Count, challenged.Committer.Tokens, chunk.Chunk, question, game.Step ?? game.High, draws ? null : game.Agreed,
            step ? game.Defender.Leaf : chunk.Committed, step ? game.Challenger.Leaf : draws ? null : chunk.Claimed,
            game.EvidenceAtHand?.Blob, evidence.Length, engines.Model.Digest, 1,
            draws ? new DrawTask(challenged.Job.Sampling, 0, hearing.Drawn!) : null, engines.Model.Loader.Class, clock.GetUtcNow() + DrillRules.Disputes.RefereeTime);
        if (DisputeChecks.Problem(task) is { } problem)
            throw new InvalidOperationException($"The referee's task is not valid: {problem}.");
        var judgement = engines.Referee(challenged.Stage).Judge(task, evidence, hearing.Inputs);
        return game.Judge(task.Attempt, question, judgement.Outcome, judgement.StepsPerPass, judgement.Reason, clock.GetUtcNow()).Game;
    }

    private TraceParty Speaker(Party party, Hearing hearing, DisputedChunk chunk)
    {
        if (hearing.Speakers.TryGetValue(party, out var speaker))
            return speaker;
        var node = hearing.NodeOf(party);
        var own = party == Party.Defender ? node.Conduct.Defend(hearing.Challenged) : node.Conduct.Accuse(hearing.Challenged);
        speaker = new TraceParty(new StageTrace(own, hearing.Inputs, chunk.Passes), engines.Model.Loader.Class, node.Key, clock);
        return hearing.Speakers[party] = speaker;
    }

    private TraceQuery Query(DisputeGame game, Party party, Hearing hearing, DisputedChunk chunk, TraceQuestion question, long[] steps) => new(
        TraceQuery.CurrentSchema, hearing.NodeOf(party).Id, game.Opening.Dispute, game.Opening.Session, engines.Model.Digest, hearing.Challenged.Stage, 0,
        hearing.Challenged.Job.Prompt.Count, hearing.Challenged.Committer.Tokens, chunk.Chunk, null, 0, question, steps, clock.GetUtcNow() + DrillRules.Disputes.AnswerTime);

    private sealed class Hearing(DrillNode challenger, StageWork challenged, IReadOnlyList<int>? drawn)
    {
        public StageWork Challenged => challenged;

        public IReadOnlyList<int>? Drawn => drawn;

        public IReceivedPasses Inputs { get; } = new KeptPasses(challenged.Received);

        public Dictionary<Party, TraceParty> Speakers { get; } = [];

        public Dictionary<Digest, byte[]> Blobs { get; } = [];

        public DrillNode NodeOf(Party party) => party == Party.Challenger ? challenger : challenged.Node;

        public bool Serves(Party party) => NodeOf(party).Conduct.Serves(challenged);

        public IEnumerable<int> PassesThrough()
        {
            int passes = 0;
            foreach (var chunk in ChunkPlan.All(challenged.Job.Prompt.Count, challenged.Committer.Tokens))
                yield return passes += chunk.Passes;
        }
    }
}
