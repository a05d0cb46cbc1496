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
    readonly List<ServiceProvider> _providers = [];
    ServiceProvider _services;
    readonly Action<DurableEngineOptions> _configure;
    readonly List<DurableEngine> _dead = [];
    readonly RevivingClient _client;
    CancellationTokenSource _stopping = new();
    Task _supervisor = Task.CompletedTask;

    EmbeddedHost(Action<IServiceCollection, ContractHost> register, Faults faults, Action<DurableEngineOptions> configure)
    {
        _services = Build(services => register(services, this));
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
        host._supervisor = host.SuperviseAsync(host._stopping.Token);
        return host;
    }

    public override void Advance(TimeSpan by) => Time.Advance(by);

    /// <summary>Stops cleanly and opens the file again.</summary>
    /// <param name="register">What the next build of the program registers; null for the same.</param>
    public async Task RestartAsync(Action? whileDown = null, Action<IServiceCollection>? register = null)
    {
        await EndSupervisionAsync();
        if (Engine.Crashed.IsCompleted)
        {
            _dead.Add(Engine);
        }
        else
        {
            await Engine.DisposeAsync();
        }
        whileDown?.Invoke();
        _services = register is null ? _services : Build(register);
        await OpenAsync();
        _stopping = new();
        _supervisor = SuperviseAsync(_stopping.Token);
    }

    public override Task UpgradeAsync(Action<IServiceCollection> register) => RestartAsync(register: register);

    /// <summary>Another engine on the same file, as a second process would open it.</summary>
    public DurableEngine Second() => Create(_services, Faults.None);

    public IReadOnlyList<HistoryTurn> History(string id) =>
        Engine.Parts.Reader.Instance(id) is { } row ? Engine.Parts.Reader.History(id, row.Execution) : [];

    public WorkflowRegistration Workflow(string name) =>
        _services.GetServices<WorkflowRegistration>().Single(w => w.Name == name);

    /// <summary>Rows left in every table but the instances and their histories.</summary>
    public long Leftovers() => Engine.Parts.Reader.Use(s =>
        s.Scalar<long>("SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM activities) + (SELECT count(*) FROM timers)"))!.Value;

    public override async ValueTask DisposeAsync()
    {
        await EndSupervisionAsync();
        await Engine.DisposeAsync();
        foreach (var engine in _dead)
        {
            await engine.DisposeAsync();
        }
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }
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

    async Task EndSupervisionAsync()
    {
        await _stopping.CancelAsync();
        await _supervisor;
        _stopping.Dispose();
    }

    async Task SuperviseAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var engine = Engine;
            await engine.Crashed.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (engine.Crashed.IsCompleted)
            {
                _dead.Add(engine);
                await OpenAsync();
            }
        }
    }

    ServiceProvider Build(Action<IServiceCollection> register)
    {
        var services = new ServiceCollection();
        register(services);
        _providers.Add(services.BuildServiceProvider());
        return _providers[^1];
    }

    async Task OpenAsync()
    {
        while (true)
        {
            var engine = Create(_services, new CurrentFaults(this));
            try
            {
                await engine.StartAsync(CancellationToken.None);
                Engine = engine;
                return;
            }
            catch (Exception) when (engine.Crashed.IsCompleted)
            {
                _dead.Add(engine);
            }
        }
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
