using System.Diagnostics;
using System.Reflection;

namespace Orchestrator.Durable.Analysis;

/// <summary>What workflow code must not call, and what it calls instead.</summary>
static class BannedCalls
{
    const string Clock = "use context.UtcNow.";
    const string Ids = "use context.NewGuid().";
    const string Timers = "use context.CreateTimerAsync.";
    const string Activity = "do it in an activity.";
    const string Context = "stay on the workflow's synchronization context.";

    static readonly Dictionary<Type, string> Types = new()
    {
        [typeof(Random)] = Activity,
        [typeof(System.Security.Cryptography.RandomNumberGenerator)] = Activity,
        [typeof(Stopwatch)] = Clock,
        [typeof(TimeProvider)] = Clock,
        [typeof(PeriodicTimer)] = Timers,
        [typeof(Timer)] = Timers,
        [typeof(Thread)] = Activity,
        [typeof(ThreadPool)] = Activity,
        [typeof(Parallel)] = Activity,
        [typeof(TaskFactory)] = Activity,
        [typeof(Environment)] = Activity,
        [typeof(Process)] = Activity,
        [typeof(File)] = Activity,
        [typeof(Directory)] = Activity,
        [typeof(FileStream)] = Activity,
        [typeof(Console)] = "use context.CreateReplaySafeLogger.",
        [typeof(HttpClient)] = Activity,
        [typeof(HttpMessageInvoker)] = Activity,
    };

    static readonly Dictionary<(Type Type, string Method), string> Methods = new()
    {
        [(typeof(DateTime), "get_Now")] = Clock,
        [(typeof(DateTime), "get_UtcNow")] = Clock,
        [(typeof(DateTime), "get_Today")] = Clock,
        [(typeof(DateTimeOffset), "get_Now")] = Clock,
        [(typeof(DateTimeOffset), "get_UtcNow")] = Clock,
        [(typeof(Guid), nameof(Guid.NewGuid))] = Ids,
        [(typeof(Guid), nameof(Guid.CreateVersion7))] = Ids,
        [(typeof(Task), nameof(Task.Run))] = Activity,
        [(typeof(Task), nameof(Task.Delay))] = Timers,
        [(typeof(Task), nameof(Task.Wait))] = "await it.",
        [(typeof(Task), nameof(Task.WaitAll))] = "await Task.WhenAll.",
        [(typeof(Task), nameof(Task.WaitAny))] = "await Task.WhenAny.",
        [(typeof(Task), nameof(Task.ContinueWith))] = Context,
        [(typeof(Task), nameof(Task.ConfigureAwait))] = Context,
        [(typeof(Task<>), nameof(Task.ContinueWith))] = Context,
        [(typeof(Task<>), nameof(Task.ConfigureAwait))] = Context,
        [(typeof(Task), nameof(Task.WaitAsync))] = Timers,
        [(typeof(Task<>), nameof(Task.WaitAsync))] = Timers,
        [(typeof(CancellationTokenSource), nameof(CancellationTokenSource.CancelAfter))] = Timers,
        [(typeof(CancellationTokenSource), nameof(CancellationTokenSource.CancelAsync))] = "call Cancel().",
    };

    public static string? Advice(MethodBase method)
    {
        if (method.DeclaringType is not { } type)
        {
            return null;
        }
        type = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return Methods.GetValueOrDefault((type, method.Name)) ?? (method.Name == "get_NewLine" ? null : Types.GetValueOrDefault(type));
    }
}
