using System.Text;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Webhooks;

/// <summary>
/// Signs events as Standard Webhooks does with asymmetric keys (standardwebhooks.com, <c>v1a</c>): Ed25519 over <c>id.timestamp.body</c>, so
/// that any of its libraries checks them and receivers hold no secret.
/// </summary>
public static class WebhookSignature
{
    /// <summary>Header with the event's id.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>Header with the time of the attempt in Unix seconds; receivers refuse old ones.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>Header with the signature.</summary>
    public const string SignatureHeader = "webhook-signature";

    /// <summary>Value of <see cref="SignatureHeader"/>.</summary>
    public static string Of(SigningKey key, string id, long timestamp, ReadOnlySpan<byte> body) =>
        "v1a," + Convert.ToBase64String(key.Sign([.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body]));

    /// <summary>The public key as receivers configure it.</summary>
    public static string PublicKey(SigningKey key) => "whpk_" + Convert.ToBase64String(key.PublicKey);
}
