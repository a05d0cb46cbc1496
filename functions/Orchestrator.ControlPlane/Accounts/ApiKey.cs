using System.Text.Json.Serialization;
using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Accounts;

/// <summary>One API key. The file holds its hash only.</summary>
/// <param name="Sha256">SHA-256 of the key's UTF-8 bytes.</param>
/// <param name="Account">Account that pays, 1 to 63 of <c>[a-z0-9-]</c>; also the id of its actor.</param>
/// <param name="Role">What it may do.</param>
/// <param name="InitialCredit">Micro-credits the account gets once.</param>
/// <param name="GrantedAt">When that credit was decided; needed with it, so that it is never granted twice.</param>
public sealed record ApiKey(
    Digest Sha256,
    string Account,
    Role Role = Role.User,
    [property: JsonPropertyName("initialCredit")] long InitialCredit = 0,
    [property: JsonPropertyName("grantedAt")] DateTimeOffset? GrantedAt = null);

/// <summary>The API keys file.</summary>
public sealed record ApiKeyFile(IReadOnlyList<ApiKey> Keys);
