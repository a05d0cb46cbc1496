using k8s.Models;
using Orchestrator.Contracts;
using Orchestrator.Controller.Desired;

namespace Orchestrator.Controller.Options;

/// <summary>What is wrong with the options, each with its fix.</summary>
public static class OptionsCheck
{
    private const int MaxAccount = 60;

    /// <summary>All of it; empty when the options can be used.</summary>
    public static IReadOnlyList<string> Errors(ControllerOptions options)
    {
        List<string> errors = [];
        void Require(bool valid, string error)
        {
            if (!valid)
                errors.Add(error);
        }

        Require(IsLabel(options.Namespace, 63), "Controller:Namespace is missing or no namespace: set it to the pod's namespace, by the downward API.");
        Require(options.WatchNamespaces.All(n => IsLabel(n, 63)), "Controller:WatchNamespaces has an entry that is no namespace.");
        Require(options.Identity is { Length: > 0 and <= 253 }, "Controller:Identity must have 1 to 253 characters: set it to the pod's name.");
        Require(options.HealthPort is >= 0 and <= 65_535, "Controller:HealthPort must lie in 0..65535.");
        Require(options.PlatformUrl is { IsAbsoluteUri: true, Scheme: "http" or "https" }, "Controller:PlatformUrl is missing or not absolute: set it to the base address of the platform's API, ending in '/' when it has a path.");
        Require(options.ApiKeyFile.Length > 0, "Controller:ApiKeyFile is missing: set it to a file with an admin API key.");
        Require(options.PlatformTimeout > TimeSpan.Zero && options.UploadTimeout > TimeSpan.Zero, "Controller:PlatformTimeout and Controller:UploadTimeout must be positive.");
        Require(options.SourceTimeout > TimeSpan.Zero, "Controller:SourceTimeout must be positive.");
        CheckLease(options.Lease, Require);
        CheckPace(options.Pace, Require);
        CheckWorkers(options, Require);
        Require(options.Profiles.Count > 0, "Controller:Profiles is empty: configure what a worker gets, one profile at least.");
        foreach (var (name, profile) in options.Profiles)
            CheckProfile($"Controller:Profiles:{name}", name, profile, options.Workers, Require);
        return errors;
    }

    private static void CheckLease(LeaseOptions lease, Action<bool, string> require)
    {
        require(IsLabel(lease.Name, 63), "Controller:Lease:Name must be a DNS label.");
        require(lease.Duration >= TimeSpan.FromSeconds(1) && lease.Duration.Ticks % TimeSpan.TicksPerSecond == 0, "Controller:Lease:Duration must be whole seconds, at least one.");
        require(lease.RetryPeriod > TimeSpan.Zero && lease.RetryPeriod < lease.RenewDeadline && lease.RenewDeadline < lease.Duration, "Controller:Lease must have RetryPeriod < RenewDeadline < Duration.");
    }

    private static void CheckPace(PaceOptions pace, Action<bool, string> require)
    {
        require(pace.Parallel is >= 1 and <= 64, "Controller:Pace:Parallel must lie in 1..64.");
        require(pace.FirstBackoff > TimeSpan.Zero && pace.FirstBackoff <= pace.LongestBackoff, "Controller:Pace must have 0 < FirstBackoff <= LongestBackoff.");
        require(pace.Debounce >= TimeSpan.Zero && pace.StopGrace >= TimeSpan.Zero, "Controller:Pace:Debounce and StopGrace must not be negative.");
        require(pace.PollUnready > TimeSpan.Zero && pace.PollReady > TimeSpan.Zero, "Controller:Pace:PollUnready and PollReady must be positive.");
        require(pace.WatchTimeout >= TimeSpan.FromSeconds(1) && pace.WatchTimeout <= TimeSpan.FromHours(1), "Controller:Pace:WatchTimeout must lie in 1 s..1 h.");
    }

    private static void CheckWorkers(ControllerOptions options, Action<bool, string> require)
    {
        var workers = options.Workers;
        require(PublicKeyText.TryParse(workers.PlatformKey, out _), $"Controller:Workers:PlatformKey {PublicKeyText.Fix}");
        require(IsLabel(workers.HostAccount, MaxAccount), $"Controller:Workers:HostAccount must be 1 to {MaxAccount} of a-z, 0-9 and '-'.");
        require(workers.ImagePullPolicy is "IfNotPresent" or "Always" or "Never", "Controller:Workers:ImagePullPolicy must be IfNotPresent, Always or Never.");
        require(workers.Region.Length <= 63, "Controller:Workers:Region has more than 63 characters.");
        require(Uri.CheckHostName(workers.ClusterDomain) == UriHostNameType.Dns, "Controller:Workers:ClusterDomain must be a DNS name.");
        require(workers.DrainGrace >= TimeSpan.Zero && workers.DrainGrace <= TimeSpan.FromHours(1), "Controller:Workers:DrainGrace must lie in 0..1 h.");
        require(workers.StartLimit >= TimeSpan.FromSeconds(10) && workers.StartLimit <= TimeSpan.FromHours(6), "Controller:Workers:StartLimit must lie in 10 s..6 h.");
        require(workers.Environment.GetValueOrDefault(WorkerEnvironment.GatewayUrl) is { Length: > 0 }, $"Controller:Workers:Environment:{WorkerEnvironment.GatewayUrl} is missing: set it to the https:// address of a gateway, by which workers join the platform.");
        foreach (string name in workers.Environment.Keys.Where(WorkerEnvironment.IsOwn))
            require(false, $"Controller:Workers:Environment:{name} is set by the controller: use the option of a profile or of Controller:Workers instead.");
        foreach (var secret in workers.Secrets)
            require(secret.Name.Length > 0 && secret.MountPath.StartsWith('/'), "Controller:Workers:Secrets needs a Name and an absolute MountPath each.");
    }

    private static void CheckProfile(string at, string name, ResourceProfile profile, WorkerTemplate workers, Action<bool, string> require)
    {
        require(IsLabel(name, 40), $"{at} has a name that no InferenceModel can use: 1 to 40 of a-z, 0-9 and '-'.");
        foreach (var (what, quantity) in new[] { ("Cpu", profile.Cpu), ("Memory", profile.Memory), ("Storage:Size", profile.Storage.Size) })
            require(IsQuantity(quantity), $"{at}:{what} '{quantity}' is not a positive Kubernetes quantity, e.g. 500m or 16Gi.");
        require(profile.ModelMemoryBytes > 0, $"{at}:ModelMemoryBytes must be positive.");
        require(profile.MaxSessions is >= 1 and <= 100_000, $"{at}:MaxSessions must lie in 1..100000.");
        require(profile.Threads is >= 1 and <= 1024, $"{at}:Threads must lie in 1..1024.");
        require(profile.PricePerLayerToken >= 0, $"{at}:PricePerLayerToken must be 0 or more.");
        require(profile.Storage.CachePercent is >= 10 and <= 85, $"{at}:Storage:CachePercent must lie in 10..85.");
        if (profile.Gpu is { } gpu)
        {
            require(gpu.Count is >= 1 and <= 16 && gpu.Resource.Contains('/'), $"{at}:Gpu needs a Count in 1..16 and a Resource such as nvidia.com/gpu.");
            require(workers.GpuImage.Length > 0, $"{at} has a GPU, but Controller:Workers:GpuImage is missing.");
        }
        else
        {
            require(workers.Image.Length > 0, $"{at} has no GPU, but Controller:Workers:Image is missing.");
        }

        foreach (var toleration in profile.Tolerations)
        {
            require(toleration.Operator is "Exists" or "Equal" && (toleration.Operator == "Equal" || toleration.Value.Length == 0), $"{at}:Tolerations: the Operator must be Exists, without a Value, or Equal.");
            require(toleration.Effect is "" or "NoSchedule" or "PreferNoSchedule" or "NoExecute", $"{at}:Tolerations: the Effect must be NoSchedule, PreferNoSchedule, NoExecute or empty.");
        }
    }

    private static bool IsLabel(string text, int longest) =>
        text.Length > 0 && text.Length <= longest && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && text[0] != '-' && text[^1] != '-';

    private static bool IsQuantity(string text)
    {
        try
        {
            return text.Length > 0 && new ResourceQuantity(text).ToDecimal() > 0;
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            return false;
        }
    }
}
