using Orchestrator.ControlPlane.Http;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Webhooks;

/// <summary>What receivers of webhooks must know.</summary>
public sealed class WebhookHandlers(SigningKey platform)
{
    /// <summary><c>GET /api/webhooks/key</c>.</summary>
    public Task KeyAsync(ApiCall call) => call.WriteAsync(new WebhookKeyView("v1a", WebhookSignature.PublicKey(platform)), ControlPlaneJson.Default.WebhookKeyView);
}

/// <summary>The key that events are signed with.</summary>
/// <param name="Scheme">Always <c>v1a</c>: Ed25519 as Standard Webhooks uses it.</param>
/// <param name="PublicKey"><c>whpk_</c> and the raw key in base64.</param>
public sealed record WebhookKeyView(string Scheme, string PublicKey);
