using Orchestrator.ControlPlane.Accounts;
using Orchestrator.ControlPlane.Assurance;
using Orchestrator.ControlPlane.Availability;
using Orchestrator.ControlPlane.Disputes;
using Orchestrator.ControlPlane.Economics;
using Orchestrator.ControlPlane.Evidence;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Ledger;
using Orchestrator.ControlPlane.Models;
using Orchestrator.ControlPlane.Nodes;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.ControlPlane.Receipts;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.ControlPlane.Tracing;
using Orchestrator.ControlPlane.Webhooks;

namespace Orchestrator.ControlPlane;

/// <summary>Every operation of the HTTP API.</summary>
public sealed class ApiRoutes(
    InferenceHandlers inference,
    ModelHandlers models,
    QuoteHandlers quotes,
    DisputeHandlers disputes,
    DemandHandlers demands,
    JobHandlers jobs,
    JobEventHandler events,
    JobTraceHandler trace,
    ModelAdminHandlers admin,
    BlobHandlers blobs,
    NodeHandlers nodes,
    AccountHandlers accounts,
    ReceiptHandlers receipts,
    EvidenceHandlers evidence,
    StakeHandlers stake,
    EconomicsHandlers economics,
    LedgerHandlers ledger,
    WebhookHandlers webhooks,
    HealthHandlers health,
    OpenApiHandler openApi)
{
    /// <summary>The table.</summary>
    public IReadOnlyList<ApiRoute> All { get; } =
    [
        new("GET", "v1/models", "listModels", "Lists the models.", Access.User, models.ListAsync) { Returns = typeof(ModelList) },
        new("GET", "v1/models/{id}", "retrieveModel", "One model.", Access.User, models.GetAsync) { Returns = typeof(ModelEntry) },
        new("POST", "v1/chat/completions", "createChatCompletion", "Answers a conversation, streaming or not.", Access.User, inference.ChatAsync) { Accepts = typeof(System.Text.Json.Nodes.JsonObject), Returns = typeof(ChatCompletion) },
        new("POST", "v1/completions", "createCompletion", "Continues a text, streaming or not.", Access.User, inference.CompletionAsync) { Accepts = typeof(System.Text.Json.Nodes.JsonObject), Returns = typeof(Completion) },

        new("POST", "api/quotes", "quoteRequest", "Price, expected extra time and detection probability of a request at every assurance; runs nothing.", Access.User, quotes.QuoteAsync) { Accepts = typeof(System.Text.Json.Nodes.JsonObject), Returns = typeof(QuoteView) },
        new("POST", "api/jobs", "submitJob", "Submits a chat or completion request as a batch job.", Access.User, jobs.SubmitAsync) { Accepts = typeof(System.Text.Json.Nodes.JsonObject), Returns = typeof(JobView), Success = 202 },
        new("GET", "api/jobs", "listJobs", "The caller's jobs, newest first.", Access.User, jobs.ListAsync) { Returns = typeof(JobList) },
        new("GET", "api/jobs/{id}", "getJob", "One job.", Access.User, jobs.GetAsync) { Returns = typeof(JobView) },
        new("GET", "api/jobs/{id}/events", "followJob", "Status changes and tokens as server-sent events.", Access.User, events.StreamAsync) { Returns = typeof(string), ContentType = "text/event-stream" },
        new("GET", "api/jobs/{id}/receipts", "getReceipts", "What the agreed chains signed, to be checked offline.", Access.User, receipts.GetAsync) { Returns = typeof(System.Text.Json.Nodes.JsonObject) },
        new("GET", "api/jobs/{id}/evidence/{stage}", "getEvidence", "What a stage received and committed to, checked against its receipt; ?chain=, ?choice=, and ?node= for a staked outsider, where the request said evidence public.", Access.User, evidence.GetAsync) { Returns = typeof(byte[]), ContentType = "application/octet-stream" },
        new("GET", "api/evidence", "listOpenEvidence", "Answers whose evidence is public and that can still be challenged, those that end first at the front, for a node with a stake: ?node=.", Access.User, evidence.ListAsync) { Returns = typeof(OpenAnswerList) },
        new("GET", "api/jobs/{id}/trace", "traceJob", "Where the job's time went, token by token, as its nodes report it; ?format=chrome for Perfetto.", Access.User, trace.GetAsync) { Returns = typeof(JobTraceView) },
        new("DELETE", "api/jobs/{id}", "cancelJob", "Asks for a job's cancellation.", Access.User, jobs.CancelAsync) { Returns = typeof(JobView), Success = 202 },

        new("POST", "api/models", "publishModel", "Publishes a manifest, as the sharder wrote it, whose shards are in the blob store.", Access.Admin, admin.PublishAsync) { Accepts = typeof(System.Text.Json.Nodes.JsonObject), Returns = typeof(ModelView), Success = 201 },
        new("GET", "api/models/{name}", "getModel", "A model and where its shards are.", Access.User, admin.GetAsync) { Returns = typeof(ModelView) },
        new("POST", "api/models/{name}/place", "placeModel", "Places a model's shards on nodes.", Access.Admin, admin.PlaceAsync) { Accepts = typeof(PlaceRequest), Returns = typeof(PlaceAnswer) },
        new("PUT", "api/blobs/{digest}", "putBlob", "Stores a blob under its SHA-256.", Access.Admin, blobs.PutAsync) { Returns = typeof(BlobView), Success = 201 },
        new("GET", "api/blobs/{digest}", "getBlob", "Reads a blob.", Access.Admin, blobs.GetAsync) { Returns = typeof(byte[]), ContentType = "application/octet-stream" },

        new("GET", "api/nodes", "listNodes", "The nodes by id, at most 500 at once: ?after= takes the last answer's next, ?limit= makes it fewer.", Access.User, nodes.ListAsync) { Returns = typeof(NodeList) },
        new("GET", "api/nodes/{id}", "getNode", "One node.", Access.User, nodes.GetAsync) { Returns = typeof(NodeView) },
        new("GET", "api/nodes/{id}/registration", "getRegistration", "Whether a node is registered: 204, else 404. The gateway asks it before it gives blobs to a node.", Access.Anonymous, nodes.RegistrationAsync) { Success = 204 },
        new("POST", "api/nodes/{id}/stake/bond", "bondStake", "Moves money of the node's host into its stake, once per event id; ?dry_run=true only tells what would happen.", Access.User, stake.BondAsync) { Accepts = typeof(StakeRequest), Returns = typeof(StakeActionView) },
        new("POST", "api/nodes/{id}/stake/unbond", "unbondStake", "Starts the way out of bonded stake.", Access.User, stake.UnbondAsync) { Accepts = typeof(StakeRequest), Returns = typeof(StakeActionView) },
        new("POST", "api/nodes/{id}/stake/withdraw", "withdrawStake", "Pays out stake that has been unbonding for long enough.", Access.User, stake.WithdrawAsync) { Accepts = typeof(StakeRequest), Returns = typeof(StakeActionView) },
        new("POST", "api/nodes/{id}/stake/release", "releaseNode", "Leaves the jail once its time has passed.", Access.User, stake.ReleaseAsync) { Accepts = typeof(StakeRequest), Returns = typeof(StakeActionView) },
        new("GET", "api/economics/bond", "quoteBond", "The smallest bond at which no deviation pays.", Access.User, economics.BondAsync) { Returns = typeof(BondView) },
        new("POST", "api/disputes", "challenge", "Challenges a provisional answer's receipt with a bond.", Access.User, disputes.ChallengeAsync) { Accepts = typeof(ChallengeRequest), Returns = typeof(ChallengeView), Success = 202 },
        new("GET", "api/disputes", "listDisputes", "Disputes, newest first.", Access.User, disputes.ListAsync) { Returns = typeof(DisputeList) },
        new("GET", "api/disputes/{id}", "getDispute", "One dispute.", Access.User, disputes.GetAsync) { Returns = typeof(DisputeView) },
        new("GET", "api/demands", "listDemands", "Public demands of evidence that a node did not serve, newest first.", Access.User, demands.ListAsync) { Returns = typeof(DemandList) },
        new("GET", "api/demands/{id}", "getDemand", "One demand.", Access.User, demands.GetAsync) { Returns = typeof(DemandView) },
        new("POST", "api/demands/{id}/answer", "answerDemand", "Takes the demanded file from the node, or from a witness that got it; the header says who sends it.", Access.Anonymous, demands.AnswerAsync) { Accepts = typeof(byte[]), Returns = typeof(DemandView) },
        new("GET", "api/account", "getAccount", "The caller's account.", Access.User, accounts.GetOwnAsync) { Returns = typeof(AccountView) },
        new("GET", "api/accounts/{id}", "getAnyAccount", "Any account.", Access.Admin, accounts.GetAsync) { Returns = typeof(AccountView) },
        new("POST", "api/accounts/{id}/credit", "creditAccount", "Adds money to an account, once per event id.", Access.Admin, accounts.CreditAsync) { Accepts = typeof(CreditRequest), Returns = typeof(AccountView) },
        new("GET", "api/ledger/balance", "getLedgerBalance", "Whether all books of the network close: a trial balance by class of money, what is in flight, what is in suspense. Reads every account and stake.", Access.Admin, ledger.BalanceAsync) { Returns = typeof(LedgerBalanceView) },
        new("POST", "api/ledger/suspense", "resolveSuspense", "Ends the suspense of a payout that came too late; answers with the balance afterwards.", Access.Admin, ledger.ResolveAsync) { Accepts = typeof(SuspenseRequest), Returns = typeof(LedgerBalanceView) },

        new("GET", "api/webhooks/key", "getWebhookKey", "The key that webhooks are signed with.", Access.User, webhooks.KeyAsync) { Returns = typeof(WebhookKeyView) },

        new("GET", "", "index", "Points to the rest.", Access.Anonymous, health.IndexAsync) { Returns = typeof(IndexView) },
        new("GET", "openapi/v1.json", "getOpenApi", "This document.", Access.User, openApi.GetAsync) { Returns = typeof(System.Text.Json.Nodes.JsonObject) },
        new("GET", "healthz", "live", "The process answers.", Access.Anonymous, health.LiveAsync) { Returns = typeof(HealthView) },
        new("GET", "readyz", "ready", "It can serve.", Access.Anonymous, health.ReadyAsync) { Returns = typeof(HealthView) },
    ];

    /// <summary>Answers what no route matches, so that clients get the one error shape there too.</summary>
    public static ApiRoute Unknown(string prefix) => new("*", prefix + "/{**rest}", "unknown", "Unknown URL.", Access.User, call =>
        throw ApiErrors.NotFound($"Unknown request URL: {call.Http.Request.Method} {Printable(call.Http.Request.Path.Value)}. See /openapi/v1.json.", "unknown_url"));

    private static string Printable(string? path) => path is { Length: > 128 } ? path[..128] + "…" : path ?? "";
}
