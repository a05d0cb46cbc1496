namespace Orchestrator.Durable;

/// <summary>What is left of an exception after it crossed the journal.</summary>
/// <param name="Type">Full name of the exception type.</param>
/// <param name="Message">Its message.</param>
/// <param name="Details">Stack trace and the like, for people; cut at 8 Ki characters.</param>
/// <param name="Inner">The inner exception's failure, at most four deep.</param>
public sealed record FailureDetails(string Type, string Message, string? Details = null, FailureDetails? Inner = null)
{
    const int MaxDetails = 8 * 1024;
    const int MaxDepth = 4;

    /// <summary>Reduces an exception. A failed task keeps the failure it carries as <see cref="Inner"/>.</summary>
    public static FailureDetails From(Exception exception) => From(exception, MaxDepth)!;

    /// <summary>Whether this is a failure of exactly that exception type.</summary>
    public bool Is<TException>() where TException : Exception => Type == typeof(TException).FullName;

    static FailureDetails? From(Exception? exception, int depth)
    {
        if (exception is null || depth == 0)
        {
            return null;
        }
        var inner = exception is TaskFailedException failed ? failed.Failure : From(exception.InnerException, depth - 1);
        var details = exception.StackTrace;
        return new(
            exception.GetType().FullName ?? exception.GetType().Name,
            exception.Message,
            details is { Length: > MaxDetails } ? details[..MaxDetails] : details,
            inner);
    }
}
