namespace Orchestrator.Controller.Tests.Kit;

/// <summary>
/// Ends a controller at one of its writes, as SIGKILL does: from then on nothing that it sends arrives and nothing answers it. Both fakes ask before and after every request.
/// A write that was sent before, word for word, is no new step: it is the same apply again. Nor is the lease's renewal.
/// </summary>
internal sealed class KillSwitch
{
    private readonly Lock gate = new();
    private readonly HashSet<string> known = [];
    private readonly List<string> writes = [];
    private KillPoint? point;

    /// <summary>Nothing arrives.</summary>
    public bool Dead { get; private set; }

    /// <summary>What else a dead process loses: its watches.</summary>
    public Action OnDeath { get; set; } = () => { };

    /// <summary>Writes since armed, as <c>METHOD path</c>.</summary>
    public IReadOnlyList<string> Writes
    {
        get
        {
            lock (gate)
                return [.. writes];
        }
    }

    /// <summary>Kills at this write; null only counts.</summary>
    public void Arm(KillPoint? at)
    {
        lock (gate)
        {
            point = at;
            writes.Clear();
        }
    }

    /// <summary>Kills no more; whether it has killed.</summary>
    public bool Disarm()
    {
        lock (gate)
        {
            point = null;
            return Dead;
        }
    }

    /// <summary>The next process is another.</summary>
    public void Revive()
    {
        lock (gate)
            (Dead, point) = (false, null);
    }

    /// <summary>Whether a request is let through.</summary>
    public bool Passes(string method, string path, string body)
    {
        bool takesEffect;
        lock (gate)
        {
            if (Dead)
                return false;
            string write = $"{method} {path}";
            if (method == "GET" || path.Contains("/leases", StringComparison.Ordinal) || !known.Add($"{write} {body}"))
                return true;
            writes.Add(write);
            if (point is null || write != point.Write || writes.Count(w => w == write) != point.Nth)
                return true;
            Dead = true;
            takesEffect = point.TakesEffect;
        }

        OnDeath();
        return takesEffect;
    }
}

/// <summary>A write at which a controller dies.</summary>
/// <param name="Write">As <c>METHOD path</c>.</param>
/// <param name="Nth">Which of those, from one.</param>
/// <param name="TakesEffect">Whether it dies of the answer that does not come, or of the request that does not arrive.</param>
internal sealed record KillPoint(string Write, int Nth, bool TakesEffect)
{
    public override string ToString() => $"killed {(TakesEffect ? "after" : "before")} {Write}, number {Nth}";
}
