namespace Orchestrator.Sharder.Classification;

/// <summary>What a node's outputs depend on, and so where it may run. A value has the class of its producer.</summary>
internal enum NodeClass
{
    /// <summary>Constants only: copied into every shard that needs it.</summary>
    Constant,

    /// <summary>Masks, positions, shapes and constants only: repeated in every shard that needs it.</summary>
    Meta,

    /// <summary><c>Shape</c> or <c>Size</c> of a placed value: placed, but its few bytes may cross to any later shard.</summary>
    Leaf,

    /// <summary>Past keys and values, but no activation: placed with the layer that owns the cache.</summary>
    State,

    /// <summary>Token ids or anything computed from them: placed.</summary>
    Activation,
}
