namespace Orchestrator.Integration.Tests;

/// <summary>Every class starts a network of ten processes; two at once would measure the machine, not the product.</summary>
[CollectionDefinition(nameof(OneAtATime))]
public sealed class OneAtATime;
