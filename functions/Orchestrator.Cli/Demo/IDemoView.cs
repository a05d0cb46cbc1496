using Orchestrator.Local;
using Orchestrator.Sharder;

namespace Orchestrator.Cli;

/// <summary>Shows the demo while it runs.</summary>
public interface IDemoView
{
    /// <summary>A step begins.</summary>
    void Step(string what);

    /// <summary>The model was cut.</summary>
    void Sharded(ShardingResult result);

    /// <summary>Network and model are ready.</summary>
    void Started(LocalNetwork network);

    /// <summary>A question goes out.</summary>
    void Asking(string question);

    /// <summary>A piece of the answer came in.</summary>
    void Text(string piece);

    /// <summary>The answer is complete and compared.</summary>
    void Answered(DemoQuestion question);
}
