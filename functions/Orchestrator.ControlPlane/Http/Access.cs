namespace Orchestrator.ControlPlane.Http;

/// <summary>Who may call a route.</summary>
public enum Access
{
    /// <summary>Anyone: health only.</summary>
    Anonymous,

    /// <summary>Any API key.</summary>
    User,

    /// <summary>API keys with the admin role.</summary>
    Admin,
}
