namespace Orchestrator.Functions.Durable;

/// <summary>
/// Numbers of executions, which Durable Functions does not tell: 62 random bits of a new id instead of a counter. Inside workflows the id comes from the
/// context, so that replay gives the same.
/// </summary>
internal static class ExecutionNumber
{
    public static long From(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        // The second half of an id has no version or time in it, but two bits of variant.
        return BitConverter.ToInt64(bytes[8..]) & 0x3FFF_FFFF_FFFF_FFFF ^ BitConverter.ToInt64(bytes[..8]) & 0x3FFF_FFFF_FFFF_FFFF;
    }
}
