using Orchestrator.Contracts;
using Orchestrator.Core.Disputes;
using Orchestrator.Disputes.Evidence;
using Orchestrator.Disputes.Parties;
using Orchestrator.Disputes.Referees;
using Orchestrator.Disputes.Traces;
using Orchestrator.Onnx.Execution;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.Disputes.Tests.Kit;

/// <summary>Plays a whole dispute in one process: the platform's game, two parties that answer over signed messages, and a referee.</summary>
public sealed class Court(Recording recording, int stage, int statesPerRound = 15) : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(1);

    private readonly SigningKey challengerKey = Some.Key(1), defenderKey = Some.Key(2), refereeKey = Some.Key(3);

    public static ExecutionClass Class { get; } = new OnnxStageLoader(new OnnxOptions(ProviderPreference.Cpu)).Class;

    /// <summary>Messages from parties and referee.</summary>
    public int Messages { get; private set; }

    /// <summary>Their payload bytes, and those of evidence files.</summary>
    public long Bytes { get; private set; }

    /// <summary>Rounds of states.</summary>
    public int Rounds { get; private set; }

    /// <summary>Bytes of the evidence file that the referee got.</summary>
    public long EvidenceBytes { get; private set; }

    /// <summary>How often the referee computed anything.</summary>
    public int OperatorsRun { get; private set; }

    /// <summary>The last task of the referee.</summary>
    public RefereeTask? Task { get; private set; }

    /// <summary>Changes a party's evidence on its way: a liar may show anything.</summary>
    public Func<Party, byte[], byte[]> Tamper { get; init; } = (_, bytes) => bytes;

    private DisputeId Dispute => DisputeId.Derive(Some.Session(), stage, 0, challengerKey.Node);

    /// <summary>Plays to the end.</summary>
    /// <param name="committed">The defender's chunk hashes, as its receipt commits to them.</param>
    /// <param name="claims">What the challenger got.</param>
    /// <param name="challenger">The challenger's trace up to the end of a chunk.</param>
    /// <param name="defender">The defender's.</param>
    public DisputeVerdict Play(IReadOnlyList<Digest> committed, IReadOnlyList<Digest> claims, Func<int, StageTrace> challenger, Func<int, StageTrace> defender)
    {
        int[] through = [.. Enumerable.Range(0, committed.Count).Select(recording.PassesTo)];
        var opening = new DisputeOpening(Dispute, Some.Session(), 0, challengerKey.Node, [new(stage, defenderKey.Node, [.. through], [.. claims.Select((claim, i) => new Core.Disputes.ChunkClaim(i, claim))])]);
        var game = DisputeGame.Open(opening, DisputeRules.Default with { StatesPerRound = statesPerRound }, Now).Commit(stage, committed, Now).Game;
        if (game.Over)
            return game.Verdict!;
        using var theirs = challenger(game.Chunk!.Chunk);
        using var ours = defender(game.Chunk.Chunk);
        var parties = new Dictionary<Party, TraceParty>
        {
            [Party.Challenger] = new(theirs, Class, challengerKey, TimeProvider.System),
            [Party.Defender] = new(ours, Class, defenderKey, TimeProvider.System),
        };
        var blobs = new Dictionary<Digest, byte[]>();
        while (!game.Over)
            game = Move(game, parties, blobs);
        return game.Verdict!;
    }

    public void Dispose()
    {
        challengerKey.Dispose();
        defenderKey.Dispose();
        refereeKey.Dispose();
    }

    private DisputeGame Move(DisputeGame game, Dictionary<Party, TraceParty> parties, Dictionary<Digest, byte[]> blobs)
    {
        if (game.Phase == DisputePhase.States)
            Rounds++;
        if (game.Phase is DisputePhase.Count or DisputePhase.Referee)
            return Judge(game, blobs);
        foreach (var party in game.Awaited)
        {
            if (game.Phase is DisputePhase.Sizes or DisputePhase.States)
                game = game.Answer(party, States(Query(game, party, TraceQuestion.States, [.. game.Asked]), parties[party]), Now).Game;
            else if (game.Phase == DisputePhase.Leaf)
                game = Leaf(game, party, parties[party]);
            else if (game.Phase == DisputePhase.Evidence)
                game = Supply(game, party, parties[party], blobs);
        }

        return game;
    }

    private TraceStates States(TraceQuery query, TraceParty party)
    {
        var message = Count(party.Say(query));
        MessageSigning.TryOpen(message, MessageTypes.TraceStates, ContractsJson.Default.TraceStates, out var states, out string? error).ShouldBeTrue(error);
        DisputeChecks.Problem(states, query).ShouldBeNull();
        return states;
    }

    private DisputeGame Leaf(DisputeGame game, Party side, TraceParty party)
    {
        long step = game.Step!.Value;
        var query = Query(game, side, TraceQuestion.Leaf, [step]);
        MessageSigning.TryOpen(Count(party.Say(query)), MessageTypes.TraceLeaf, ContractsJson.Default.TraceLeaf, out var leaf, out string? error).ShouldBeTrue(error);
        DisputeChecks.Problem(leaf, query).ShouldBeNull();
        var after = (side == Party.Challenger ? game.Challenger : game.Defender).States[step + 1];
        return game.Open(side, step, TraceHash.Leaf(leaf.Outputs), TraceCheck.Fits(leaf, game.Agreed, after), Now).Game;
    }

    private DisputeGame Supply(DisputeGame game, Party side, TraceParty party, Dictionary<Digest, byte[]> blobs)
    {
        var query = game.Step is { } step ? Query(game, side, TraceQuestion.StepInputs, [step]) : Query(game, side, TraceQuestion.ChunkOutputs, []);
        using var file = new MemoryStream();
        TraceEvidenceFile.Write(file, party.Show(query));
        byte[] bytes = Tamper(side, file.ToArray());
        EvidenceBytes = bytes.Length;
        Bytes += bytes.Length;
        Messages++;
        var blob = Digest.Of(bytes);
        blobs[blob] = bytes;
        return game.Supply(side, blob, Now).Game;
    }

    private DisputeGame Judge(DisputeGame game, Dictionary<Digest, byte[]> blobs)
    {
        var blob = game.EvidenceAtHand?.Blob;
        byte[] evidence = blob is { } named ? blobs[named] : [];
        var question = game.AskedOfReferee!.Value;
        bool step = question == RefereeQuestion.Step;
        Task = new RefereeTask(
            RefereeTask.CurrentSchema, refereeKey.Node, Dispute, game.Attempt, Some.Digest(), stage, recording.PromptTokens, recording.Tokens.Length, game.Chunk!.Chunk,
            question, game.Step ?? game.High, game.Agreed, step ? game.Defender.Leaf : game.Chunk.Committed, step ? game.Challenger.Leaf : game.Chunk.Claimed,
            blob, evidence.Length, Some.Digest(2), 1, null, Class, Now);
        DisputeChecks.Problem(Task).ShouldBeNull();
        var model = recording.Model;
        var runtime = new CountingRuntime(Models.Runtime);
        var referee = new Referee(new RefereeRun(runtime, model.ShardPath(stage), model.Manifest, stage), new NoDraws());
        var judgement = referee.Judge(Task, evidence, recording.Passes(stage));
        OperatorsRun += runtime.Runs;
        Messages++;
        return game.Judge(Task.Attempt, question, judgement.Outcome, judgement.StepsPerPass, judgement.Reason, Now).Game;
    }

    private TraceQuery Query(DisputeGame game, Party party, TraceQuestion question, long[] steps)
    {
        var query = new TraceQuery(
            TraceQuery.CurrentSchema, party == Party.Challenger ? challengerKey.Node : defenderKey.Node, Dispute, Some.Session(), Some.Digest(), stage, 0,
            recording.PromptTokens, recording.Tokens.Length, game.Chunk!.Chunk, null, 0, question, steps, Now);
        DisputeChecks.Problem(query).ShouldBeNull();
        return query;
    }

    private SignedMessage Count(SignedMessage message)
    {
        Messages++;
        Bytes += message.Payload.Length;
        return message;
    }

    private sealed class NoDraws : IDrawReplay
    {
        public DrawGap? FirstWrong(DrawTask draws, int promptTokens, int vocabulary, IReadOnlyList<(int Position, ReadOnlyMemory<byte> Row)> rows) =>
            throw new InvalidOperationException("Nobody asked for draws.");
    }
}
