// Every class starts a network of ten processes; two at once would measure the machine, not the product.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
