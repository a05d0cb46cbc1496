using System.Text.Json.Nodes;

namespace Orchestrator.ControlPlane.Tracing;

/// <summary>
/// The same in the Trace Event Format that chrome://tracing and Perfetto read: a process per chain, a thread per stage. Nodes' clocks are not compared, so
/// within a trip the stages stand one after the other and the network's time is spread evenly over the hops.
/// </summary>
public static class ChromeTrace
{
    /// <summary>Writes a trace.</summary>
    public static JsonObject Of(JobTraceView trace)
    {
        var events = new JsonArray();
        foreach (var chain in trace.Chains)
        {
            events.Add(Name("process_name", chain.Chain, 0, $"chain {chain.Chain}"));
            for (int stage = 0; stage < chain.Nodes.Count; stage++)
                events.Add(Name("thread_name", chain.Chain, stage + 1, $"stage {stage} {chain.Nodes[stage].Short}"));
            events.Add(Name("thread_name", chain.Chain, 0, "edge"));
            foreach (var pass in chain.Passes)
                Add(events, chain, pass);
        }

        return new JsonObject { ["displayTimeUnit"] = "ms", ["otherData"] = new JsonObject { ["job"] = trace.Job, ["source"] = trace.Source }, ["traceEvents"] = events };
    }

    private static void Add(JsonArray events, ChainTraceView chain, PassTraceView pass)
    {
        events.Add(Event($"token {pass.Position}", chain.Chain, 0, pass.At, pass.Trip));
        long hop = pass.Network / (pass.Stages.Count + 1);
        long at = pass.At + hop;
        foreach (var stage in pass.Stages)
        {
            events.Add(Event("queue", chain.Chain, stage.Stage + 1, at, stage.Queue));
            events.Add(Event("compute", chain.Chain, stage.Stage + 1, at + stage.Queue, stage.Compute));
            events.Add(Event("send", chain.Chain, stage.Stage + 1, at + stage.Queue + stage.Compute, stage.Send));
            at += stage.Queue + stage.Compute + stage.Send + hop;
        }
    }

    private static JsonObject Event(string name, int chain, int thread, long at, long took) =>
        new() { ["name"] = name, ["ph"] = "X", ["pid"] = chain, ["tid"] = thread, ["ts"] = at, ["dur"] = took };

    private static JsonObject Name(string what, int chain, int thread, string name) =>
        new() { ["name"] = what, ["ph"] = "M", ["pid"] = chain, ["tid"] = thread, ["args"] = new JsonObject { ["name"] = name } };
}
