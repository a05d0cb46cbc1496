using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.ControlPlane.Activities;
using Orchestrator.ControlPlane.Assurance;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Availability;
using Orchestrator.ControlPlane.Blobs;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Disputes;
using Orchestrator.ControlPlane.Economics;
using Orchestrator.ControlPlane.Evidence;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Ledger;
using Orchestrator.ControlPlane.Messages;
using Orchestrator.ControlPlane.Models;
using Orchestrator.ControlPlane.Nodes;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.ControlPlane.Receipts;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.ControlPlane.Streaming;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.ControlPlane.Tracing;
using Orchestrator.ControlPlane.Webhooks;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane;

/// <summary>Registers the control plane.</summary>
public static class ControlPlaneServices
{
    /// <summary>
    /// Registers handlers, workflows, activities and clients. The host adds a workflow engine (<see cref="IWorkflowClient"/>) and the actors; the sidecar is
    /// found by configuration (<c>DAPR_HTTP_ENDPOINT, DAPR_GRPC_ENDPOINT, DAPR_API_TOKEN</c>).
    /// </summary>
    /// <exception cref="InvalidOperationException">The options are not valid; the message lists everything.</exception>
    public static IServiceCollection AddControlPlane(this IServiceCollection services, ControlPlaneOptions options)
    {
        options = options.WithRulesOfFile();
        var (keys, platform) = ControlPlaneOptionsCheck.Load(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(keys);
        services.AddSingleton(platform);
        services.AddSingleton(provider => BlobStores.Open(options, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IBlobStore>(provider => provider.GetRequiredService<IOwnedBlobStore>());
        services.AddSingleton<BlobSweeper>();
        services.AddHostedService(provider => provider.GetRequiredService<BlobSweeper>());
        services.AddMetrics();
        services.AddSingleton<ControlPlaneMetrics>();
        services.AddDaprClient();
        services.AddOrchestratorActorProxies();
        // What the OpenAPI document describes is what ControlPlaneJson writes: the same names, and integers that are only integers.
        services.ConfigureHttpJsonOptions(http =>
        {
            var json = http.SerializerOptions;
            json.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
            json.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower;
            json.Converters.Add(new SnakeCaseEnums());
        });
        services.AddOpenApi(OpenApiHandler.Document, OpenApiPaths.Describe);
        services.AddSingleton<IApiDescriptionProvider>(provider => new RouteDescriptions(provider));

        services.AddSingleton<TopologyCache>();
        services.AddSingleton<StreamTokens>();
        services.AddSingleton<EdgeClients>();
        services.AddSingleton<EdgeStream>();
        services.AddSingleton<ChainRelay>();
        services.AddSingleton<Dispatcher>();
        services.AddSingleton<NodeDialer>();
        services.AddSingleton<Suspects>();
        services.AddSingleton<ChainSelection>();
        services.AddSingleton<PlacementSender>();
        services.AddSingleton<CatalogRoom>();
        services.AddSingleton<Quoting>();
        services.AddSingleton<JobFactory>();
        services.AddSingleton<JobReader>();
        services.AddSingleton<JobSignals>();
        services.AddSingleton<InteractiveJobs>();
        services.AddSingleton<InitialCredits>();
        services.AddHostedService(provider => provider.GetRequiredService<InitialCredits>());
        services.AddSingleton<JobRetention>();
        services.AddHostedService(provider => provider.GetRequiredService<JobRetention>());

        services.AddSingleton<OidcTokens>();
        services.AddSingleton<ApiPipeline>();
        services.AddSingleton<RequestLimiter>();
        services.AddSingleton<InferenceHandlers>();
        services.AddSingleton<ModelHandlers>();
        services.AddSingleton<QuoteHandlers>();
        services.AddSingleton<Challengers>();
        services.AddSingleton<DisputeHandlers>();
        services.AddSingleton<JobHandlers>();
        services.AddSingleton<JobEventHandler>();
        services.AddSingleton<JobTraceHandler>();
        services.AddSingleton<ModelAdminHandlers>();
        services.AddSingleton<BlobHandlers>();
        services.AddSingleton<NodeHandlers>();
        services.AddSingleton<AccountHandlers>();
        services.AddSingleton<HealthHandlers>();
        services.AddSingleton<OpenApiHandler>();
        services.AddSingleton<ApiRoutes>();

        services.Configure<OrchestratorActorOptions>(actors => actors.Rules = options.Rules);
        services.AddSingleton<ReceiptBlobs>();
        services.AddSingleton<ReceiptHandlers>();
        services.AddSingleton<StakeDesk>();
        services.AddSingleton<StakeHandlers>();
        services.AddSingleton<EconomicsHandlers>();
        services.AddSingleton<LedgerDesk>();
        services.AddSingleton<LedgerHandlers>();
        services.AddSingleton<LedgerWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<LedgerWatch>());
        services.AddWorkflow<BondTransfer>(BondTransfer.Name);
        services.AddActivity<BondActivity>(BondActivity.Name);
        services.AddActivity<SlashActivity>(SlashActivity.Name);
        services.AddActivity<ObserveActivity>(ObserveActivity.Name);

        services.AddSingleton<WebhookTargets>();
        services.AddSingleton(provider => new WebhookConnector(provider.GetRequiredService<WebhookTargets>()));
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<WebhookHandlers>();
        services.AddWorkflow<WebhookDelivery>(WebhookDelivery.Name);
        services.AddActivity<DeliverWebhookActivity>(DeliverWebhookActivity.Name);
        services.AddActivity<NotifyActivity>(NotifyActivity.Name);

        services.AddSingleton<TopicEndpoint>();
        services.AddSingleton<NodeMessages>();
        services.AddSingleton<FirstResults>();
        services.AddSingleton<ResultMessages>();
        services.AddSingleton<AuditMessages>();
        services.AddSingleton<TopicRoutes>();

        services.AddSingleton<PinnedManifests>();
        services.AddSingleton<OpenRewards>();
        services.AddSingleton<NodeClient>();
        services.AddSingleton<PublicAddress>();
        services.AddSingleton<NodeDoors>();
        services.AddSingleton<EvidenceIntake>();
        services.AddSingleton<DemandHandlers>();
        services.AddWorkflow<DemandWorkflow>(DemandWorkflow.Name);
        services.AddSingleton<OpenAnswers>();
        services.AddSingleton<EvidenceHandlers>();
        services.AddSingleton<EvidenceDesk>();
        services.AddWorkflow<EvidenceWorkflow>(EvidenceWorkflow.Name);
        services.AddWorkflow<WitnessRun>(WitnessRun.Name);
        services.AddActivity<SendDemandActivity>(SendDemandActivity.Name);
        services.AddActivity<HearNodeActivity>(HearNodeActivity.Name);
        services.AddActivity<OweActivity>(OweActivity.Name);
        services.AddActivity<PickWitnessesActivity>(PickWitnessesActivity.Name);
        services.AddActivity<SendWitnessActivity>(SendWitnessActivity.Name);
        services.AddSingleton<TraceQuestions>();
        services.AddWorkflow<AuditWorkflow>(AuditWorkflow.Name);
        services.AddWorkflow<AuditRun>(AuditRun.Name);
        services.AddWorkflow<DisputeWorkflow>(DisputeWorkflow.Name, DisputeWorkflow.First);
        services.AddWorkflow<DisputeWorkflow>(DisputeWorkflow.Name, DisputeWorkflow.Second);
        services.AddWorkflow<BlameWorkflow>(BlameWorkflow.Name);
        services.AddWorkflow<ToleranceWorkflow>(ToleranceWorkflow.Name);
        services.AddActivity<BlameActivity>(BlameActivity.Name);
        services.AddActivity<DrawActivity>(DrawActivity.Name);
        services.AddActivity<FetchEvidenceActivity>(FetchEvidenceActivity.Name);
        services.AddActivity<PickAuditorActivity>(PickAuditorActivity.Name);
        services.AddActivity<SendAuditActivity>(SendAuditActivity.Name);
        services.AddActivity<CompareAuditActivity>(CompareAuditActivity.Name);
        services.AddActivity<PayAuditorActivity>(PayAuditorActivity.Name);
        services.AddActivity<PlantErrorActivity>(PlantErrorActivity.Name);
        services.AddActivity<AskStatesActivity>(AskStatesActivity.Name);
        services.AddActivity<OpenLeafActivity>(OpenLeafActivity.Name);
        services.AddActivity<FetchTraceActivity>(FetchTraceActivity.Name);
        services.AddActivity<SendRefereeActivity>(SendRefereeActivity.Name);
        services.AddActivity<ChallengeBondActivity>(ChallengeBondActivity.Name);

        services.AddWorkflow<InferenceJob>(InferenceJob.Name);
        services.AddActivity<HoldActivity>(HoldActivity.Name);
        services.AddActivity<PlanActivity>(PlanActivity.Name);
        services.AddActivity<DispatchActivity>(DispatchActivity.Name);
        services.AddActivity<ProbeActivity>(ProbeActivity.Name);
        services.AddActivity<StreamedActivity>(StreamedActivity.Name);
        services.AddActivity<CancelChainsActivity>(CancelChainsActivity.Name);
        services.AddActivity<SettleActivity>(SettleActivity.Name);
        services.AddActivity<ReleaseActivity>(ReleaseActivity.Name);
        return services;
    }
}
