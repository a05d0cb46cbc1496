using System.Globalization;
using Orchestrator.Worker.Sessions;

namespace Orchestrator.Benchmarks.Breakdown;

/// <summary>The passes of one session at all its stages, from the files its workers wrote. Times in microseconds on one clock.</summary>
internal sealed class PassTable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly Pass[][] all;
    private readonly Pass[][] stages;

    private PassTable(Pass[][] all)
    {
        this.all = all;
        stages = [.. all.Select(passes => passes.Where(pass => pass.Tokens == 1).ToArray()).Select(decode => decode[(decode.Length / 4)..])];
    }

    /// <summary>Waits for the files of an ended session and reads its passes. All but commitments is of its decode passes, the first quarter left out.</summary>
    internal static async Task<PassTable> ReadAsync(string folder, string session, int stages, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        var read = new Pass[stages][];
        for (int stage = 0; stage < stages; stage++)
        {
            string path = Path.Combine(folder, $"{session}.{stage}.csv");
            while (!File.Exists(path))
                await Task.Delay(Poll, TimeProvider.System, limit.Token);
            string[] lines = await File.ReadAllLinesAsync(path, cancel);
            if (lines[0] != PassLog.Header)
                throw new InvalidDataException($"{path} has other columns than this benchmark reads.");
            read[stage] = [.. lines.Skip(1).Select(Pass.Parse)];
        }

        return new PassTable(read);
    }

    /// <summary>From the frame at the first stage to the frame of the next token there.</summary>
    internal IEnumerable<double> Token => stages[0].Zip(stages[0].Skip(1), (pass, next) => next.Received - pass.Received);

    /// <summary>From the sending of one stage to the frame at the next; for the first stage, from the last stage through the edge.</summary>
    internal IEnumerable<double> Way(int stage) => stage > 0
        ? stages[stage - 1].Zip(stages[stage], (before, pass) => pass.Received - before.Ran)
        : stages[^1].Zip(stages[0].Skip(1), (before, pass) => pass.Received - before.Ran);

    /// <summary>From the frame to the executor.</summary>
    internal IEnumerable<double> Queue(int stage) => stages[stage].Select(pass => pass.Started - pass.Received);

    /// <summary>In the runtime.</summary>
    internal IEnumerable<double> Run(int stage) => stages[stage].Select(pass => pass.Ran - pass.Started);

    /// <summary>Draw on the last stage, encoding and handing to the link: the first part of the way.</summary>
    internal IEnumerable<double> Send(int stage) => stages[stage].Select(pass => pass.Sent - pass.Ran);

    /// <summary>Commitment, after the frame is on its way.</summary>
    internal IEnumerable<double> Commit(int stage) => stages[stage].Select(pass => pass.Committed - pass.Sent);

    /// <summary>When each pass could have started at the earliest, because the stage before had run it, and when it did: its way and its wait.</summary>
    internal IEnumerable<(double From, double To)> Before(int stage) => stage > 0
        ? stages[stage - 1].Zip(stages[stage], (before, pass) => (before.Ran, pass.Started))
        : stages[^1].Zip(stages[0].Skip(1), (before, pass) => (before.Ran, pass.Started));

    /// <summary>From when to when a stage committed to each pass, the prompt's included.</summary>
    internal IEnumerable<(double From, double To)> Commitments(int stage) => all[stage].Select(pass => (pass.Sent, pass.Committed));

    private readonly record struct Pass(int Tokens, double Received, double Started, double Ran, double Sent, double Committed)
    {
        internal static Pass Parse(string line)
        {
            double[] values = [.. line.Split(',').Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
            return new((int)values[1], values[2], values[3], values[4], values[5], values[6]);
        }
    }
}
