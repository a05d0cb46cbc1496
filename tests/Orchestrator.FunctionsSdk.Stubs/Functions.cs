using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions
{
    /// <summary>As in the real package.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public abstract class BindingAttribute : Attribute;

    /// <summary>As in the real package.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public abstract class TriggerBindingAttribute : BindingAttribute;

    /// <summary>As in the real package.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public abstract class InputBindingAttribute : BindingAttribute;
}

namespace Microsoft.Azure.Functions.Worker
{
    /// <summary>As in the real package.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public class FunctionAttribute(string name) : Attribute
    {
        /// <summary>Name of the function.</summary>
        public string Name { get; } = name;
    }

    /// <summary>As in the real package.</summary>
    public enum AuthorizationLevel
    {
        /// <summary>No key.</summary>
        Anonymous = 0,

        /// <summary>Of Easy Auth; the runtime's own.</summary>
        User = 1,

        /// <summary>A key of the function.</summary>
        Function = 2,

        /// <summary>Internal to the runtime.</summary>
        System = 3,

        /// <summary>The master key.</summary>
        Admin = 4,
    }

    /// <summary>As in the real package.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods) : TriggerBindingAttribute
    {
        /// <summary>Route template.</summary>
        public string? Route { get; set; }

        /// <summary>HTTP methods.</summary>
        public string[]? Methods { get; private set; } = methods;

        /// <summary>Which key callers need.</summary>
        public AuthorizationLevel AuthLevel { get; private set; } = authLevel;
    }

    /// <summary>As in the real package.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class OrchestrationTriggerAttribute : TriggerBindingAttribute;

    /// <summary>As in the real package.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class ActivityTriggerAttribute : TriggerBindingAttribute;

    /// <summary>As in the real package.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class DurableClientAttribute : InputBindingAttribute;
}
