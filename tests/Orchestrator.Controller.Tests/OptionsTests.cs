using Orchestrator.Controller.Hosting;
using Orchestrator.Controller.Options;
using Orchestrator.Controller.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.Controller.Tests;

/// <summary>Configuration from a file and the environment.</summary>
public sealed class OptionsTests
{
    private const string Json = """
        {
          "Controller": {
            "Namespace": "orchestrator",
            "WatchNamespaces": ["models", "more"],
            "PlatformUrl": "http://functions:8080/",
            "ApiKeyFile": "/etc/orchestrator/key",
            "SourceHosts": ["models.test"],
            "Lease": { "Duration": "00:00:30" },
            "Workers": {
              "Image": "worker:1", "GpuImage": "worker-gpu:1", "PlatformKey": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
              "Environment": { "Worker__GatewayUrl": "https://gateway:8443" },
              "Secrets": [{ "Name": "ca", "MountPath": "/ca" }],
              "PodLabels": { "team": "ml" }
            },
            "Profiles": {
              "cpu": { "Memory": "8Gi" },
              "h100": {
                "Gpu": { "Resource": "nvidia.com/mig-1g.10gb", "Count": 2 }, "RuntimeClass": "nvidia", "NodeSelector": { "pool": "gpu" },
                "Tolerations": [{ "Key": "nvidia.com/gpu", "Effect": "NoSchedule" }], "Storage": { "Size": "200Gi", "Persistent": false }
              }
            }
          }
        }
        """;

    [Fact]
    public void Options_come_from_a_file()
    {
        var options = Bind(Json);

        OptionsCheck.Errors(options).ShouldBeEmpty();
        options.WatchNamespaces.ShouldBe(["models", "more"]);
        options.Workers.Environment["Worker__GatewayUrl"].ShouldBe("https://gateway:8443");
        options.Workers.Secrets.ShouldHaveSingleItem().MountPath.ShouldBe("/ca");
        options.Lease.Duration.ShouldBe(TimeSpan.FromSeconds(30));
        var h100 = options.Profiles["h100"];
        (h100.Gpu!.Resource, h100.Gpu.Count, h100.NodeSelector["pool"], h100.Tolerations[0].Operator, h100.Storage.Persistent).ShouldBe(("nvidia.com/mig-1g.10gb", 2, "gpu", "Exists", false));
        options.Profiles["cpu"].Gpu.ShouldBeNull();
    }

    [Fact]
    public void A_misspelled_option_is_an_error() =>
        Should.Throw<InvalidOperationException>(() => Bind(Json.Replace("\"SourceHosts\"", "\"SourceHost\""))).Message.ShouldContain("SourceHost");

    [Fact]
    public void Everything_that_is_wrong_is_told_with_its_fix()
    {
        var errors = OptionsCheck.Errors(new ControllerOptions
        {
            Lease = new LeaseOptions { RetryPeriod = TimeSpan.FromMinutes(1) },
            Workers = new WorkerTemplate { Environment = new Dictionary<string, string> { ["Worker__Host"] = "mine" } },
            Profiles = new Dictionary<string, ResourceProfile> { ["Big One"] = new() { Gpu = new GpuRequest { Resource = "gpu" }, Memory = "much" } },
        });

        foreach (string part in new[] { "Namespace", "PlatformUrl", "ApiKeyFile", "RetryPeriod", "PlatformKey", "Worker__Host", "'much'", "Resource such as nvidia.com/gpu", "GpuImage", "no InferenceModel can use" })
            errors.ShouldContain(e => e.Contains(part), part);
        OptionsCheck.Errors(Given.Options).ShouldBeEmpty();
    }

    private static ControllerOptions Bind(string json)
    {
        using var folder = new TempFolder();
        return ControllerConfiguration.Bind(ControllerConfiguration.Read(["--config", folder.Write("controller.json", System.Text.Encoding.UTF8.GetBytes(json))]));
    }
}
