using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Durable.Engine;
using Orchestrator.Durable.History;

namespace Orchestrator.Durable.Tests.Harness;

/// <summary>
/// The embedded engine on a file of its own, with virtual time and injected faults. When a fault kills the engine, a new one is opened on the
/// same file, as a supervisor would.
/// </summary>
sealed class EmbeddedHost : ContractHost
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("durable-");
    readonly ServiceProvider _services;
    readonly Action<DurableEngineOptions> _configure;
    readonly List<DurableEngine> _dead = [];
    readonly RevivingClient _client;
    readonly CancellationTokenSource _stopping = new();
    Task _supervisor = Task.CompletedTask;

    EmbeddedHost(Action<IServiceCollection, ContractHost> register, Faults faults, Action<DurableEngineOptions> configure)
    {
        var services = new ServiceCollection();
        register(services, this);
        _services = services.BuildServiceProvider();
        _configure = configure;
        Faults = faults;
        _client = new(this);
    }

    public Faults Faults { get; set; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public DurableEngine Engine { get; private set; } = null!;

    public string JournalPath => Path.Combine(_folder.FullName, "journal.db");

    public override IWorkflowClient Client => _client;

    public override DateTimeOffset UtcNow => Time.GetUtcNow();

    public static async Task<EmbeddedHost> StartAsync(
        Action<IServiceCollection, ContractHost> register, Faults? faults = null, Action<DurableEngineOptions>? configure = null)
    {
        var host = new EmbeddedHost(register, faults ?? Faults.None, configure ?? (_ => { }));
        await host.OpenAsync();
        host._supervisor = host.SuperviseAsync();
        return host;
    }

    public override void Advance(TimeSpan by) => Time.Advance(by);

    /// <summary>Stops cleanly and opens the file again.</summary>
    public async Task RestartAsync(Action? whileDown = null)
    {
        await Engine.StopAsync(CancellationToken.None);
        await Engine.DisposeAsync();
        whileDown?.Invoke();
        await OpenAsync();
    }

    /// <summary>Another engine on the same file, as a second process would open it.</summary>
    public DurableEngine Second(Action<IServiceCollection>? register = null, Faults? faults = null)
    {
        var services = _services;
        if (register is not null)
        {
            var collection = new ServiceCollection();
            register(collection);
            services = collection.BuildServiceProvider();
        }
        return Create(services, faults ?? Faults.None);
    }

    public IReadOnlyList<HistoryTurn> History(string id) =>
        Engine.Parts.Reader.Instance(id) is { } row ? Engine.Parts.Reader.History(id, row.Execution) : [];

    /// <summary>Rows left in every table but the instances and their histories.</summary>
    public long Leftovers() => Engine.Parts.Reader.Use(s =>
        s.Scalar<long>("SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM activities) + (SELECT count(*) FROM timers)"))!.Value;

    public override async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _supervisor;
        await Engine.DisposeAsync();
        foreach (var engine in _dead)
        {
            await engine.DisposeAsync();
        }
        await _services.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    internal async Task<DurableEngine> NextAsync(DurableEngine seen)
    {
        var deadline = Task.Delay(Patience);
        while (Engine == seen && !deadline.IsCompleted)
        {
            await Task.WhenAny(deadline, Task.Delay(1));
        }
        return Engine != seen ? Engine : throw new TimeoutException("The crashed engine was not replaced.");
    }

    async Task SuperviseAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var engine = Engine;
            await engine.Crashed.WaitAsync(_stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (engine.Crashed.IsCompleted)
            {
                _dead.Add(engine);
                try
                {
                    await OpenAsync();
                }
                catch (Exception) when (Engine.Crashed.IsCompleted)
                {
                    // It died while it was starting; the loop opens the next one.
                }
            }
        }
    }

    async Task OpenAsync()
    {
        var engine = Create(_services, new CurrentFaults(this));
        await engine.StartAsync(CancellationToken.None);
        Engine = engine;
    }

    DurableEngine Create(IServiceProvider services, Faults faults)
    {
        var options = new DurableEngineOptions { JournalPath = JournalPath };
        _configure(options);
        return new(
            options, services.GetServices<WorkflowRegistration>(), services.GetServices<ActivityRegistration>(), services, Time,
            services.GetService<ILoggerFactory>(), faults);
    }

    sealed class CurrentFaults(EmbeddedHost host) : Faults
    {
        public override bool Crashes(CrashPoint point) => host.Faults.Crashes(point);

        public override int Copies() => host.Faults.Copies();
    }
}
