using Orchestrator.Charts.Tests.Kit;

namespace Orchestrator.Charts.Tests;

/// <summary>Values that cannot work are refused before anything is installed, with the fix.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("minimal", "generateSecrets=false", "platform.existingSecret is missing")]
    [InlineData("production", "dapr.apiTokenSecret=", "dapr.apiTokenSecret is missing")]
    [InlineData("production", "dapr.appTokenSecret=", "dapr.appTokenSecret is missing")]
    [InlineData("production", "gateway.tls.existingSecret=", "gateway.tls.existingSecret is missing")]
    [InlineData("production", "gateway.tls.certManager.issuerRef.name=letsencrypt", "exclude each other")]
    [InlineData("minimal", "gateway.tls.certManager.issuerRef.name=letsencrypt", "gateway.hosts is missing")]
    [InlineData("production", "gateway.tls.certManager.duration=90 days", "gateway.tls.certManager.duration: Does not match pattern")]
    [InlineData("production", "controller.existingSecret=", "controller.existingSecret is missing")]
    [InlineData("production", "controller.platformKey=", "controller.platformKey is missing")]
    [InlineData("production", "controller.workers.environment.Worker__GatewayUrl=", "controller.workers.environment.Worker__GatewayUrl is missing")]
    [InlineData("production", "durable.existingSecret=", "durable.existingSecret is missing")]
    [InlineData("production", "functions.autoscaling.kind=keda", "functions.autoscaling.kind keda needs durable.backend mssql")]
    [InlineData("production", "actors.autoscaling.minReplicas=9", "actors.autoscaling.minReplicas is above maxReplicas")]
    [InlineData("production", "pubsub.type=redis", "pubsub.redis.host is missing")]
    [InlineData("production", "state.type=redis,state.redis.host=r:6379", "state.redis.existingSecret is missing")]
    [InlineData("production", "pubsub.rabbitmq.existingSecret=", "pubsub.rabbitmq.existingSecret is missing")]
    [InlineData("production", "state.postgresql.existingSecret=", "state.postgresql.existingSecret is missing")]
    [InlineData("production", "functions.ingress.host=", "functions.ingress.host is missing")]
    [InlineData("production", "functions.httpRoute.enabled=true", "functions.httpRoute.parentRefs is empty")]
    [InlineData("production", "blobs.pvc.accessModes={ReadWriteOnce}", "blobs.pvc.accessModes needs ReadWriteMany")]
    [InlineData("minimal", "pubsub.redis.enableTls=true", "pubsub.redis.enableTls must be false")]
    [InlineData("azure", "pubsub.servicebus.namespace=", "pubsub.servicebus needs existingSecret")]
    [InlineData("azure", "state.type=cosmosdb", "state.cosmosdb.url is missing")]
    [InlineData("azure", "blobs.azure.accountUrl=", "blobs.azure needs existingSecret")]
    [InlineData("minimal", "durable.backend=mssql", "Azurite is no SQL Server")]
    [InlineData("production", "durable.backend=mssql", "needs the image built with --build-arg DURABLE_BACKEND=mssql")]
    [InlineData("production", "functions.image.repository=orchestrator-functions-mssql", "set durable.backend to mssql")]
    [InlineData("production", "gateway.relay.hosts=null", "gateway.relay with 0 hosts needs gateway.replicas 1")]
    [InlineData("production", "gateway.replicas=5", "gateway.relay with 3 hosts needs gateway.replicas 3")]
    [InlineData("production", "gateway.autoscaling.kind=hpa", "gateway.autoscaling.kind none: a node is registered at one gateway")]
    [InlineData("production", "gateway.relay.hosts={a.example.com,b.example.com,a.example.com}", "gateway.relay.hosts names a host twice")]
    [InlineData("production", "gateway.relay.hosts={a.example.com,b.example.com,https://c.example.com}", "gateway.relay.hosts.2: Does not match pattern")]
    [InlineData("minimal", "gateway.relay.enabled=true,gateway.replicas=2", "gateway.relay")]
    [InlineData("azure", "gateway.relay.enabled=true,gateway.relay.platformKey=,controller.enabled=false,controller.platformKey=", "gateway.relay.platformKey is missing")]
    [InlineData("azure", "gateway.blobKeySecret=", "gateway.blobKeySecret is missing")]
    [InlineData("azure", "gateway.tokenSecret=", "gateway.tokenSecret is missing")]
    [InlineData("azure", "pubsub.type=kafka", "pubsub.type must be one of the following: \"redis\", \"rabbitmq\", \"servicebus\"")]
    [InlineData("azure", "functions.replicas=0", "functions.replicas: Must be greater than or equal to 1")]
    [InlineData("azure", "functions.replica=3", "Additional property replica is not allowed")]
    [InlineData("azure", "functions.image.digest=latest", "functions.image.digest: Does not match pattern")]
    [InlineData("azure", "blobs.pvc.size=100", "blobs.pvc.size")]
    public void The_platforms_chart_refuses(string profile, string set, string message) => Refused("orchestrator", profile, set, message);

    [Theory]
    [InlineData("minimal", "platform.publicKey=", "platform.publicKey is missing")]
    [InlineData("minimal", "platform.publicKey=abc", "platform.publicKey: Does not match pattern")]
    [InlineData("minimal", "host.account=", "host.account is missing")]
    [InlineData("minimal", "host.account=Me!", "host.account: Does not match pattern")]
    [InlineData("minimal", "gateway.url=", "gateway.url is missing")]
    [InlineData("minimal", "gateway.relay=:8444,gateway.relayCertificate=0000000000000000000000000000000000000000000000000000000000000000", "gateway.relayCertificate must be empty")]
    [InlineData("minimal", "gateway.relay=", "gateway.relay is missing")]
    [InlineData("minimal", "gateway.url=http://plain.example.com", "gateway.url: Does not match pattern")]
    [InlineData("minimal", "gateway.certificate=abc", "gateway.certificate: Does not match pattern")]
    [InlineData("minimal", "worker.memory=4Gi", "worker.memory 4Gi leaves nothing of the pod's limit 4Gi")]
    [InlineData("minimal", "data.persistent=false", "the stake with it, would be lost")]
    [InlineData("minimal", "dataPlane.mode=address", "dataPlane.address is missing")]
    [InlineData("node-host", "dataPlane.mode=address,dataPlane.address=a.example.com", "replicas must be 1 with dataPlane.mode address")]
    [InlineData("node-host", "gpu.resourceName=nvidia.com/gpu.shared", "nvidia.com/gpu.shared is a shared GPU")]
    [InlineData("node-host", "gpu.mode=cuda", "gpu.mode must be one of the following")]
    [InlineData("dra", "dapr.appId=", "dapr.appId is missing")]
    [InlineData("dra", "replicas=2", "replicas must be 1 with bus dapr")]
    [InlineData("dra", "dapr.apiTokenSecret=", "dapr.apiTokenSecret and dapr.appTokenSecret are required")]
    [InlineData("dra", "gateway.url=", "gateway.url is missing: with bus dapr")]
    [InlineData("dra", "dapr.broker.tlsSecret=", "dapr.broker.tlsSecret is missing")]
    [InlineData("dra", "dapr.broker.url=amqps://user:password@rabbitmq:5671/orchestrator", "dapr.broker.url: Does not match pattern")]
    [InlineData("dra", "dapr.broker.url=amqp://rabbitmq:5672/orchestrator", "dapr.broker.url: Does not match pattern")]
    [InlineData("dra", "dataPlane.mode=relay", "dataPlane.mode relay needs bus gateway")]
    public void The_nodes_chart_refuses(string profile, string set, string message) => Refused("node", profile, set, message);

    [Fact]
    public void A_resource_claim_needs_a_cluster_that_knows_it()
    {
        var (code, _, error) = Helm.Run(Helm.Template(Profile.Of("node", "dra"), "1.33.0"));

        code.ShouldNotBe(0);
        error.ShouldContain("gpu.mode dra needs Kubernetes 1.34 or later");
    }

    [Theory]
    [InlineData("orchestrator", "minimal")]
    [InlineData("node", "minimal")]
    public void A_cluster_that_is_too_old_is_refused(string chart, string profile)
    {
        var (code, _, error) = Helm.Run(Helm.Template(Profile.Of(chart, profile), "1.29.0"));

        code.ShouldNotBe(0);
        error.ShouldContain("chart requires kubeVersion: >=1.30.0-0");
    }

    private static void Refused(string chart, string profile, string set, string message)
    {
        var declared = Profile.Of(chart, profile);
        var (code, _, error) = Helm.Run(Helm.Template(declared, declared.Kube[^1], "--set", set));

        code.ShouldNotBe(0, $"--set {set} was taken");
        error.ShouldContain(message);
    }
}
